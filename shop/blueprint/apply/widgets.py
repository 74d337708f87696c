"""Widget areas of a shop file."""

from shop.blueprint import format as form
from shop.blueprint.apply.assets import Assets
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere, slug_of
from shop.blueprint.apply.table import Row, Scope, Sync
from shop.blueprint.format.content import editorjs
from shop.content.models import Widget, WidgetArea


async def apply_widget_areas(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile) -> None:
    """Areas are stored, each with exactly the widgets of the file: one is known by its place, and by nothing else."""
    areas = [Row((area.slug,), area.slug, {"name": area.name, "hint": area.hint or None}) for area in shop.widget_areas]
    scope = everywhere(shop, "widget_areas")
    ids = await sync.table(WidgetArea, "widget area", ["slug"], areas, scope=scope, label=slug_of)
    names.learn("widget area", ids)
    widgets = [
        Row((ids[area.slug,], place), f"{area.slug} / {place + 1}", _values(names, assets, widget))
        for area in shop.widget_areas
        for place, widget in enumerate(area.widgets)
    ]
    await sync.table(
        Widget,
        "widget",
        ["area_id", "sort_order"],
        widgets,
        scope=Scope({"area_id": set(ids.values())}),
        label=lambda row: f"{names.name('widget area', row['area_id'])} / {row['sort_order'] + 1}",
        exactly=True,
    )


def _values(names: Names, assets: Assets, widget: form.Widget) -> dict[str, object]:
    products, pages = widget.products, widget.pages
    shown = products or pages
    return {
        "kind": widget.kind,
        "title": widget.title,
        "content": editorjs(widget.text, assets.images),
        "menu_id": names.optional("menu", widget.menu),
        "page_type_id": names.optional("page type", pages.type if pages else None),
        "collection_id": names.optional("collection", products.collection if products else None),
        "category_id": names.optional("category", products.category if products else None),
        "product_id": names.optional("product", widget.booking),
        "size": shown.limit if shown else None,
    }
