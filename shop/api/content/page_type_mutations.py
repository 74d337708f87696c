"""Kinds of pages and what these must hold; all of it needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import strawberry

from shop.api.content.errors import CountedPages, PagePayload, WrittenPageType
from shop.api.content.page_types import PageType, page_types_by_id
from shop.api.content.parts import PagePolicy
from shop.api.core.context import Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.content.actions import page_types
from shop.content.actions.page_types import PageTypeFields
from shop.content.errors import PageTypeNotFound
from shop.kit.errors import Invalid

_WRITERS: Final = ("MANAGE_PAGE_TYPES_AND_ATTRIBUTES",)
_MOST_AT_ONCE: Final = 100

TypeId = Annotated[strawberry.ID, strawberry.argument(description="The page type's ID.")]
AttributeIds = Annotated[list[strawberry.ID], strawberry.argument(description="IDs of attributes.")]


@strawberry.input(description="A new page type.")
class PageTypeCreateInput:
    name: str | None = strawberry.field(default=None, description="Name for staff; needed.")
    slug: str | None = strawberry.field(default=None, description="Name in addresses; made of the name at first.")
    add_attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes of its pages, in order."
    )
    policy: PagePolicy | None = strawberry.field(
        default=strawberry.UNSET,
        description="What its pages must hold to be published. Left out: MEDICAL_DUTY for the slug `medical-article`, "
        "nothing for any other.",
    )


@strawberry.input(description="What to change of a page type. What is left out stays.")
class PageTypeUpdateInput:
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Name for staff.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="Name in addresses.")
    add_attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of attributes that its pages have too."
    )
    remove_attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of attributes that its pages have no longer."
    )
    policy: PagePolicy | None = strawberry.field(
        default=strawberry.UNSET,
        description="What its pages must hold to be published; null: nothing in particular. Published ones stay so.",
    )


@strawberry.type(description="A new page type.")
class PageTypeCreate(WrittenPageType):
    pass


@strawberry.type(description="A changed page type.")
class PageTypeUpdate(WrittenPageType):
    pass


@strawberry.type(description="A page type with more attributes.")
class PageAttributeAssign(WrittenPageType):
    pass


@strawberry.type(description="A page type with fewer attributes.")
class PageAttributeUnassign(WrittenPageType):
    pass


@strawberry.type(description="A page type whose attributes are in another order.")
class PageTypeReorderAttributes(WrittenPageType):
    pass


@strawberry.type(description="A page type is gone, with all its pages.")
class PageTypeDelete(PagePayload):
    page_type: PageType | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="Page types are gone, with all their pages.")
class PageTypeBulkDelete(CountedPages):
    pass


@strawberry.type
class PageTypeMutations:
    """Mutations of page types."""

    @mutation(description="Makes a kind of page. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.", permissions=_WRITERS)
    async def page_type_create(
        self, info: Info, input: Annotated[PageTypeCreateInput, strawberry.argument(description="The page type.")]
    ) -> PageTypeCreate | None:
        attributes = _keys(input.add_attributes or (), "addAttributes")
        key = await page_types.create(info.context.session, _fields(input), attributes)
        return PageTypeCreate(page_type_key=key)

    @mutation(description="Changes a kind of page. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.", permissions=_WRITERS)
    async def page_type_update(
        self,
        info: Info,
        input: Annotated[PageTypeUpdateInput, strawberry.argument(description="What to change.")],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The page type's ID; needed.")] = None,
    ) -> PageTypeUpdate | None:
        if id is None:
            raise Invalid("The page type's ID is needed.", field="id", code="REQUIRED")
        key = required_int(id, "PageType", field="id")
        await page_types.update_page_type(
            info.context.session,
            key,
            _fields(input),
            add_attributes=_keys(input.add_attributes or (), "addAttributes"),
            remove_attributes=_keys(input.remove_attributes or (), "removeAttributes"),
        )
        return PageTypeUpdate(page_type_key=key)

    @mutation(
        description="Removes a kind of page with all its pages. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        permissions=_WRITERS,
    )
    async def page_type_delete(self, info: Info, id: TypeId) -> PageTypeDelete | None:
        key = required_int(id, "PageType", field="id")
        before = (await page_types_by_id(info.context, {key})).get(key)
        if before is None or not await page_types.delete_page_types(info.context.session, [key]):
            raise PageTypeNotFound
        return PageTypeDelete(page_type=before)

    @mutation(
        description="Removes kinds of pages with all their pages; those that are gone already are passed over. Needs "
        "MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        permissions=_WRITERS,
    )
    async def page_type_bulk_delete(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="IDs of page types.")],
    ) -> PageTypeBulkDelete | None:
        if len(ids) > _MOST_AT_ONCE:
            raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="ids")
        keys = [required_int(each, "PageType", field="ids") for each in ids]
        return PageTypeBulkDelete(count=await page_types.delete_page_types(info.context.session, keys))

    @mutation(
        description="Gives the pages of a type more attributes. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        permissions=_WRITERS,
    )
    async def page_attribute_assign(
        self, info: Info, attribute_ids: AttributeIds, page_type_id: TypeId
    ) -> PageAttributeAssign | None:
        key = required_int(page_type_id, "PageType", field="pageTypeId")
        await page_types.assign(info.context.session, key, _keys(attribute_ids, "attributeIds"))
        return PageAttributeAssign(page_type_key=key)

    @mutation(
        description="Takes attributes from the pages of a type. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        permissions=_WRITERS,
    )
    async def page_attribute_unassign(
        self, info: Info, attribute_ids: AttributeIds, page_type_id: TypeId
    ) -> PageAttributeUnassign | None:
        key = required_int(page_type_id, "PageType", field="pageTypeId")
        await page_types.unassign(info.context.session, key, _keys(attribute_ids, "attributeIds"))
        return PageAttributeUnassign(page_type_key=key)

    @mutation(
        description="Puts the attributes of a page type into another order. Needs MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        permissions=_WRITERS,
    )
    async def page_type_reorder_attributes(
        self,
        info: Info,
        moves: Annotated[
            list[ReorderInput], strawberry.argument(description="Attributes, and where they go, in turn.")
        ],
        page_type_id: TypeId,
    ) -> PageTypeReorderAttributes | None:
        key = required_int(page_type_id, "PageType", field="pageTypeId")
        await page_types.reorder_attributes(info.context.session, key, places(moves, "Attribute"))
        return PageTypeReorderAttributes(page_type_key=key)


def _keys(ids: Sequence[strawberry.ID], field: str) -> list[int]:
    return [required_int(each, "Attribute", field=field) for each in ids]


def _fields(given: PageTypeCreateInput | PageTypeUpdateInput) -> PageTypeFields:
    policy = given.policy
    found: dict[str, Any] = {"name": given.name, "slug": given.slug}
    if policy is not strawberry.UNSET:
        found["policy"] = None if policy is None else policy.value
    fields: PageTypeFields = {}
    fields.update({name: value for name, value in found.items() if value is not strawberry.UNSET})  # type: ignore[typeddict-item]
    return fields
