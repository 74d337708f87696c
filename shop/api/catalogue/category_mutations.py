"""Making, changing and removing categories; all of it needs MANAGE_PRODUCTS."""

from typing import Annotated

import strawberry

from shop.api.catalogue.categories import Category, categories_by_id
from shop.api.catalogue.writing import (
    MANAGE_PRODUCTS,
    GroupInput,
    ProductPayload,
    WrittenCategory,
    group_fields,
)
from shop.api.core.context import Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.catalogue.actions import categories
from shop.catalogue.actions.categories import CategoryFields

CategoryId = Annotated[strawberry.ID, strawberry.argument(description="The category's ID.")]


@strawberry.input(description="What to write of a category. What is left out stays; null empties it.")
class CategoryInput(GroupInput):
    pass


@strawberry.type(description="A new category.")
class CategoryCreate(WrittenCategory):
    pass


@strawberry.type(description="A changed category.")
class CategoryUpdate(WrittenCategory):
    pass


@strawberry.type(description="A category is gone, with everything below it.")
class CategoryDelete(ProductPayload):
    category: Category | None = strawberry.field(default=None, description="As it was.")


@strawberry.type
class CategoryMutations:
    """Mutations of categories."""

    @mutation(description="Makes a category. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS)
    async def category_create(
        self,
        info: Info,
        input: Annotated[CategoryInput, strawberry.argument(description="The category.")],
        parent: Annotated[
            strawberry.ID | None, strawberry.argument(description="ID of the category that it stands in; none: a root.")
        ] = None,
    ) -> CategoryCreate | None:
        above = None if parent is None else required_int(parent, "Category", field="parent")
        key = await categories.create_category(info.context.session, _fields(input), above)
        return CategoryCreate(category_key=key)

    @mutation(description="Changes a category. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS)
    async def category_update(
        self,
        info: Info,
        id: CategoryId,
        input: Annotated[CategoryInput, strawberry.argument(description="What to change.")],
    ) -> CategoryUpdate | None:
        key = required_int(id, "Category", field="id")
        await categories.update_category(info.context.session, key, _fields(input))
        return CategoryUpdate(category_key=key)

    @mutation(
        description="Removes a category and everything below it. Its products stay as they are, without a category. "
        "Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def category_delete(self, info: Info, id: CategoryId) -> CategoryDelete | None:
        key = required_int(id, "Category", field="id")
        before = (await categories_by_id(info.context, [key])).get(key)
        await categories.delete_category(info.context.session, key)
        return CategoryDelete(category=before)


def _fields(given: CategoryInput) -> CategoryFields:
    fields: CategoryFields = {}
    fields.update(group_fields(given))  # type: ignore[typeddict-item]
    return fields
