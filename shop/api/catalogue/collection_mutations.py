"""Making, filling, showing and removing collections; all of it needs MANAGE_PRODUCTS."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry

from shop.api.catalogue.collections import Collection, collections_by_id
from shop.api.catalogue.writing import (
    MANAGE_PRODUCTS,
    UNSET,
    AboutAttributes,
    GroupInput,
    group_fields,
    moment_of,
)
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.catalogue.actions import collections
from shop.catalogue.actions.collections import CollectionFields, Shown, ShownIn
from shop.catalogue.errors import CollectionNotFound
from shop.execution import batch_field
from shop.kit.errors import Invalid

CollectionId = Annotated[strawberry.ID, strawberry.argument(description="The collection's ID.")]
ProductIds = Annotated[list[strawberry.ID], strawberry.argument(description="IDs of products, a hundred at most.")]
_MOST_AT_ONCE = 100


@strawberry.enum(description="What went wrong with a collection.")
class CollectionErrorCode(Enum):
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    FILE_SIZE_LIMIT_EXCEEDED = "file_size_limit_exceeded"


@strawberry.type(description="An expected error of a mutation of collections.")
class CollectionError(DomainError):
    code: CollectionErrorCode = strawberry.field(description="What went wrong, for programs.")
    products: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the products that it is about."
    )


@strawberry.type(description="An expected error about the channels of a collection.")
class CollectionChannelListingError(AboutAttributes):
    channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the channels that it is about."
    )


@strawberry.type
class CollectionPayload(Payload):
    """A payload of collection mutations."""

    errors: list[CollectionError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def collection_errors(self) -> list[CollectionError]:
        return self.errors


async def _as_stored(context: Context, keys: list[int | None]) -> list[Collection | None]:
    found = await collections_by_id(context, [key for key in keys if key is not None], None)
    return [None if key is None else found.get(key) for key in keys]


@strawberry.type
class WrittenCollection(CollectionPayload):
    """A payload that shows the collection as it was stored."""

    collection_key: strawberry.Private[int | None] = None

    @batch_field(description="The collection as it is now; null where there are errors.")
    @staticmethod
    async def collection(parents: list["WrittenCollection"], context: Context) -> list[Collection | None]:
        return await _as_stored(context, [each.collection_key for each in parents])


@strawberry.input(description="What to write of a collection. What is left out stays; null empties it.")
class CollectionInput(GroupInput):
    is_published: bool | None = strawberry.field(
        default=None,
        description="Without effect, since a collection is shown channel by channel: `collectionChannelListingUpdate`.",
    )
    publication_date: date | None = strawberry.field(
        default=None,
        description="Without effect, as `isPublished`.",
        deprecation_reason="Use `collectionChannelListingUpdate`.",
    )


@strawberry.input(description="A new collection.")
class CollectionCreateInput(CollectionInput):
    products: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of its products, in order; a hundred at most."
    )


@strawberry.input(description="Moves a product within its collection.")
class MoveProductInput:
    product_id: strawberry.ID = strawberry.field(description="ID of the product.")
    sort_order: int | None = strawberry.field(
        default=None, description="How many places on, or back when negative; left out, it stays."
    )


@strawberry.input(description="How something is shown in a channel. What is left out stays.")
class PublishableChannelListingInput:
    channel_id: strawberry.ID = strawberry.field(description="ID of the channel.")
    is_published: bool | None = strawberry.field(
        default=None, description="Whether it is shown, once `publishedAt` has come; not at first."
    )
    publication_date: date | None = strawberry.field(
        default=UNSET, description="The day from which it is shown.", deprecation_reason="Use `publishedAt`."
    )
    published_at: datetime | None = strawberry.field(
        default=UNSET, description="From when it is shown; now, where it is published without."
    )


@strawberry.input(description="In which channels a collection is shown, and in which no longer.")
class CollectionChannelListingUpdateInput:
    add_channels: list[PublishableChannelListingInput] | None = strawberry.field(
        default=None, description="Channels in which it is listed, whether it was already or not."
    )
    remove_channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of channels in which it is not listed any more."
    )


@strawberry.type(description="A new collection.")
class CollectionCreate(WrittenCollection):
    pass


@strawberry.type(description="A changed collection.")
class CollectionUpdate(WrittenCollection):
    pass


@strawberry.type(description="A collection with more products.")
class CollectionAddProducts(WrittenCollection):
    pass


@strawberry.type(description="A collection with fewer products.")
class CollectionRemoveProducts(WrittenCollection):
    pass


@strawberry.type(description="A collection whose products are in another order.")
class CollectionReorderProducts(WrittenCollection):
    pass


@strawberry.type(description="A collection is gone.")
class CollectionDelete(CollectionPayload):
    collection: Collection | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="A collection that is shown in other channels.")
class CollectionChannelListingUpdate(Payload):
    collection_key: strawberry.Private[int | None] = None
    errors: list[CollectionChannelListingError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def collection_channel_listing_errors(self) -> list[CollectionChannelListingError]:
        return self.errors

    @batch_field(description="The collection as it is now; null where there are errors.")
    @staticmethod
    async def collection(parents: list["CollectionChannelListingUpdate"], context: Context) -> list[Collection | None]:
        return await _as_stored(context, [each.collection_key for each in parents])


@strawberry.type
class CollectionMutations:
    """Mutations of collections."""

    @mutation(
        description="Makes a collection; it is shown nowhere yet. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS
    )
    async def collection_create(
        self, info: Info, input: Annotated[CollectionCreateInput, strawberry.argument(description="The collection.")]
    ) -> CollectionCreate | None:
        products = _products(input.products or [])
        key = await collections.create_collection(info.context.session, _fields(input), products)
        return CollectionCreate(collection_key=key)

    @mutation(description="Changes a collection. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS)
    async def collection_update(
        self,
        info: Info,
        id: CollectionId,
        input: Annotated[CollectionInput, strawberry.argument(description="What to change.")],
    ) -> CollectionUpdate | None:
        key = required_int(id, "Collection", field="id")
        await collections.update_collection(info.context.session, key, _fields(input))
        return CollectionUpdate(collection_key=key)

    @mutation(
        description="Removes a collection; its products stay. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS
    )
    async def collection_delete(self, info: Info, id: CollectionId) -> CollectionDelete | None:
        key = required_int(id, "Collection", field="id")
        before = (await collections_by_id(info.context, [key], None)).get(key)
        if before is None:
            raise CollectionNotFound
        await collections.delete_collection(info.context.session, key)
        return CollectionDelete(collection=before)

    @mutation(
        description="Puts products into a collection, after those that it holds. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def collection_add_products(
        self, info: Info, collection_id: CollectionId, products: ProductIds
    ) -> CollectionAddProducts | None:
        key = required_int(collection_id, "Collection", field="collectionId")
        await collections.add_products(info.context.session, key, _products(products))
        return CollectionAddProducts(collection_key=key)

    @mutation(
        description="Takes products out of a collection; those that it does not hold are passed over. Needs "
        "MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def collection_remove_products(
        self, info: Info, collection_id: CollectionId, products: ProductIds
    ) -> CollectionRemoveProducts | None:
        key = required_int(collection_id, "Collection", field="collectionId")
        await collections.remove_products(info.context.session, key, _products(products))
        return CollectionRemoveProducts(collection_key=key)

    @mutation(
        description="Puts the products of a collection into another order. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def collection_reorder_products(
        self,
        info: Info,
        collection_id: CollectionId,
        moves: Annotated[
            list[MoveProductInput], strawberry.argument(description="Products, and where they go, in turn.")
        ],
    ) -> CollectionReorderProducts | None:
        key = required_int(collection_id, "Collection", field="collectionId")
        wanted = [(required_int(each.product_id, "Product", field="moves"), each.sort_order or 0) for each in moves]
        await collections.reorder_products(info.context.session, key, wanted)
        return CollectionReorderProducts(collection_key=key)

    @mutation(
        description="Shows a collection in channels, or no longer. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS
    )
    async def collection_channel_listing_update(
        self,
        info: Info,
        id: CollectionId,
        input: Annotated[CollectionChannelListingUpdateInput, strawberry.argument(description="Where it is shown.")],
    ) -> CollectionChannelListingUpdate | None:
        context = info.context
        key = required_int(id, "Collection", field="id")
        shown = [_shown(each) for each in input.add_channels or ()]
        hidden = [required_int(each, "Channel", field="removeChannels") for each in input.remove_channels or ()]
        await collections.show_collection(context.session, key, shown, hidden, now=context.now)
        return CollectionChannelListingUpdate(collection_key=key)


def _products(ids: list[strawberry.ID]) -> list[int]:
    if len(ids) > _MOST_AT_ONCE:
        raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="products")
    return [required_int(each, "Product", field="products") for each in ids]


def _shown(given: PublishableChannelListingInput) -> ShownIn:
    found: Shown = {}
    if given.is_published is not None:
        found["is_published"] = given.is_published
    published_at = moment_of(given.published_at, given.publication_date, "publicationDate")
    if published_at is not UNSET:
        found["published_at"] = published_at
    return ShownIn(required_int(given.channel_id, "Channel", field="addChannels"), found)


def _fields(given: CollectionInput) -> CollectionFields:
    fields: CollectionFields = {}
    fields.update(group_fields(given))  # type: ignore[typeddict-item]
    return fields
