"""Filling widget areas; it needs MANAGE_PAGES."""

from enum import Enum
from typing import Annotated, Any

import strawberry

from shop.api.content.widgets import WRITERS, WidgetArea, area_by_slug
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.scalars import JSONString
from shop.content.actions import widgets
from shop.content.errors import InvalidWidget
from shop.content.rules.pictures import without_host
from shop.execution import batch_field

AreaSlug = Annotated[str, strawberry.argument(description="The area's slug, such as `offcanvas-sidebar`.")]


@strawberry.enum(description="What went wrong with a widget area.")
class WidgetErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"


@strawberry.type(description="An expected error of a widget mutation.")
class WidgetError(DomainError):
    code: WidgetErrorCode = strawberry.field(description="What went wrong, for programs.")
    index: int | None = strawberry.field(default=None, description="Which of the given widgets, from 0 on.")


@strawberry.input(description="A text.")
class TextWidgetInput:
    content: JSONString = strawberry.field(description="EditorJS blocks, as a JSON text.")


@strawberry.input(description="The entries of a menu.")
class MenuWidgetInput:
    menu: strawberry.ID = strawberry.field(description="ID of the menu.")


@strawberry.input(description="The pages that were published last.")
class PagesWidgetInput:
    page_type: strawberry.ID | None = strawberry.field(default=None, description="Only pages of this type, by its ID.")
    limit: int = strawberry.field(default=5, description="How many at most, 24 or fewer.")


@strawberry.input(description="The first products of a collection or of a category: name one of them.")
class ProductsWidgetInput:
    collection: strawberry.ID | None = strawberry.field(default=None, description="ID of the collection.")
    category: strawberry.ID | None = strawberry.field(default=None, description="ID of the category.")
    limit: int = strawberry.field(default=3, description="How many at most, 24 or fewer.")


@strawberry.input(description="A button that leads to booking something.")
class BookingWidgetInput:
    product: strawberry.ID = strawberry.field(description="ID of what is booked.")


@strawberry.input(description="A widget: a title, and exactly one of the others.")
class WidgetInput:
    title: str | None = strawberry.field(default=None, description="What stands above it, or on it.")
    text: TextWidgetInput | None = strawberry.field(default=None, description="A text.")
    menu: MenuWidgetInput | None = strawberry.field(default=None, description="The entries of a menu.")
    pages: PagesWidgetInput | None = strawberry.field(default=None, description="The newest pages.")
    products: ProductsWidgetInput | None = strawberry.field(default=None, description="Products.")
    booking: BookingWidgetInput | None = strawberry.field(default=None, description="A button that leads to booking.")
    mini_cart: bool | None = strawberry.field(default=None, description="True: the cart.")


@strawberry.input(description="What a widget area is. What is left out stays.")
class WidgetAreaInput:
    name: str | None = strawberry.field(default=None, description="Name for staff; made of the slug at first.")
    hint: str | None = strawberry.field(default=None, description="What staff reads there while it is empty.")
    widgets: list[WidgetInput] | None = strawberry.field(
        default=None, description="All its widgets, in order; they take the place of those it had."
    )


@strawberry.type(description="A widget area as it was saved.")
class WidgetAreaSave(Payload):
    saved: strawberry.Private[tuple[str, str | None] | None] = None
    errors: list[WidgetError] = strawberry.field(default_factory=list, description="Expected errors.")

    @batch_field(description="The area as it is now; null where there are errors.")
    @staticmethod
    async def widget_area(parents: list["WidgetAreaSave"], context: Context) -> list[WidgetArea | None]:
        return [None if each.saved is None else await area_by_slug(context, *each.saved) for each in parents]


@strawberry.type(description="A widget area is gone.")
class WidgetAreaDelete(Payload):
    slug: str | None = strawberry.field(default=None, description="The slug that it had.")
    errors: list[WidgetError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class WidgetMutations:
    """Mutations of widget areas."""

    @mutation(
        description="Makes or changes a widget area; its widgets are saved as a whole. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def widget_area_save(
        self,
        info: Info,
        slug: AreaSlug,
        input: Annotated[WidgetAreaInput, strawberry.argument(description="What to change.")],
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel in which the answer shows the area.")
        ] = None,
    ) -> WidgetAreaSave | None:
        given = {"name": input.name, "hint": input.hint}
        values = {name: value for name, value in given.items() if value is not None}
        made = (
            None
            if input.widgets is None
            else [_values(place, one, info.context.base_url) for place, one in enumerate(input.widgets)]
        )
        await widgets.save_area(info.context.session, slug, values, made)
        return WidgetAreaSave(saved=(slug, channel))

    @mutation(description="Removes a widget area with its widgets. Needs MANAGE_PAGES.", permissions=WRITERS)
    async def widget_area_delete(self, info: Info, slug: AreaSlug) -> WidgetAreaDelete | None:
        await widgets.delete_area(info.context.session, slug)
        return WidgetAreaDelete(slug=slug)


def _values(place: int, given: WidgetInput, base_url: str) -> dict[str, Any]:
    """The columns of a widget; pictures below `base_url` are the shop's own. Raises: InvalidWidget, Invalid."""
    kinds = {name: getattr(given, name) for name in ("text", "menu", "pages", "products", "booking", "mini_cart")}
    chosen = [name for name, value in kinds.items() if value not in (None, False)]
    if len(chosen) != 1:
        raise InvalidWidget(
            place, "widgets", "A widget is exactly one of text, menu, pages, products, booking, miniCart."
        )
    kind, value = chosen[0], kinds[chosen[0]]
    values: dict[str, Any] = {"kind": kind, "title": given.title}
    if kind == "text":
        values["content"] = without_host(value.content, base_url)
    elif kind in ("pages", "products"):
        values["size"] = value.limit
    for name, type_name in _TARGETS.get(kind, {}).items():
        text = getattr(value, name)
        values[f"{name}_id"] = None if text is None else required_int(text, type_name, field="widgets")
    return values


_TARGETS: dict[str, dict[str, str]] = {
    "menu": {"menu": "Menu"},
    "pages": {"page_type": "PageType"},
    "products": {"collection": "Collection", "category": "Category"},
    "booking": {"product": "Product"},
}
