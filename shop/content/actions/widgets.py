"""Widget areas: an area is saved whole, so that its widgets are always an order that somebody has seen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Category, Collection, Product
from shop.content.errors import InvalidWidget, WidgetAreaNotFound, WidgetTargetNotFound
from shop.content.models import Menu, PageType, Widget, WidgetArea
from shop.content.rules import problems, sanitised
from shop.kit.errors import Invalid
from shop.kit.slugs import is_slug

MOST_WIDGETS: Final = 30
MOST_SHOWN: Final = 24
_LONGEST: Final = {"name": 128, "hint": 1000, "title": 128}
_TARGETS: Final[dict[str, Any]] = {
    "menu_id": Menu,
    "page_type_id": PageType,
    "collection_id": Collection,
    "category_id": Category,
    "product_id": Product,
}
_COLUMNS: Final = ("kind", "title", "content", "size", *_TARGETS)


async def save_area(
    session: AsyncSession, slug: str, values: Mapping[str, Any], widgets: Sequence[Mapping[str, Any]] | None
) -> int:
    """There is an area of this slug with these values, and with these widgets unless they are None.

    Shapes: `values` may hold `name` and `hint`; a widget holds `kind`, `title` and the columns that its kind has.
    Raises: Invalid, InvalidWidget, WidgetTargetNotFound.
    """
    if not is_slug(slug):
        raise Invalid("A slug has lower-case letters, digits and single hyphens.", field="slug")
    for name, value in values.items():
        _check_length(name, value)
    checked = None if widgets is None else await _checked(session, widgets)
    made = await session.execute(
        upsert(WidgetArea)
        .values({"slug": slug, "name": slug.replace("-", " ").capitalize(), **values})
        # The slug is set to itself so that the row is locked where nothing else of it changes.
        .on_conflict_do_update(index_elements=["slug"], set_={"slug": slug, **values})
        .returning(WidgetArea.id)
    )
    area_id = int(made.scalar_one())
    if checked is not None:
        await session.execute(delete(Widget).where(Widget.area_id == area_id))
        for place, widget in enumerate(checked):
            # Left out, a column is null; None in a JSON column would be JSON's own null.
            given = {name: value for name, value in widget.items() if value is not None}
            await session.execute(insert(Widget).values(area_id=area_id, sort_order=place, **given))
    return area_id


async def delete_area(session: AsyncSession, slug: str) -> None:
    """The area is gone, with its widgets. Raises: WidgetAreaNotFound."""
    gone = await session.execute(delete(WidgetArea).where(WidgetArea.slug == slug).returning(WidgetArea.id))
    if gone.first() is None:
        raise WidgetAreaNotFound


async def _checked(session: AsyncSession, widgets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(widgets) > MOST_WIDGETS:
        raise Invalid(f"An area has at most {MOST_WIDGETS} widgets.", field="widgets")
    checked = [_checked_one(place, widget) for place, widget in enumerate(widgets)]
    for target, model in _TARGETS.items():
        wanted = {widget[target] for widget in checked} - {None}
        if not wanted:
            continue
        found = set(await session.scalars(select(model.id).where(model.id.in_(sorted(wanted)))))
        for place, widget in enumerate(checked):
            if widget[target] is not None and widget[target] not in found:
                raise WidgetTargetNotFound(place, _field(target))
    return checked


def _checked_one(place: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """All columns of a widget as they are stored, its targets not looked for yet."""
    widget = dict.fromkeys(_COLUMNS) | dict(given)
    title, size, content = widget["title"], widget["size"], widget["content"]
    if title is not None and len(title) > _LONGEST["title"]:
        raise InvalidWidget(place, "title", f"A title has at most {_LONGEST['title']} characters.")
    if size is not None and not 1 <= size <= MOST_SHOWN:
        raise InvalidWidget(place, "limit", f"Between 1 and {MOST_SHOWN} can be shown.")
    if widget["kind"] == "products" and (widget["collection_id"] is None) == (widget["category_id"] is None):
        raise InvalidWidget(place, "collection", "Products are those of a collection or of a category.")
    if widget["kind"] == "text":
        wrong = [each.message for each in problems(content) if each.path in ("", "blocks")]
        if wrong:
            raise InvalidWidget(place, "content", wrong[0])
        widget["content"] = sanitised(content or {})
    return widget


def _field(target: str) -> str:
    """The input field of a column."""
    return {"page_type_id": "pageType"}.get(target, target.removesuffix("_id"))


def _check_length(name: str, value: str | None) -> None:
    if name == "name" and not (value or "").strip():
        raise Invalid("A name is needed.", field="name", code="REQUIRED")
    if value is not None and len(value) > _LONGEST[name]:
        raise Invalid(f"At most {_LONGEST[name]} characters.", field=name)
