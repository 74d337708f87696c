"""Collections: hand-picked lists of products, shown channel by channel."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import strawberry

from shop.api.catalogue.ahead import DESCRIPTION, METADATA, Ahead, wanted
from shop.api.catalogue.inputs import ProductFilterInput, ProductOrder, ProductWhereInput
from shop.api.catalogue.lists import Paging, Shown, rows
from shop.api.catalogue.scoped import InScopes, by_scope
from shop.api.channels.scope import Scope, scope_of
from shop.api.channels.types import Channel, channels_by_id
from shop.api.content.html import rendered
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import LanguageCodeEnum, ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.api.core.scalars import JSONString
from shop.api.media.types import Image, images
from shop.api.translations.texts import translated
from shop.browse import listing
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind
from shop.browse.queries import COLLECTION_LIST
from shop.catalogue import queries
from shop.execution import Selection, batch_field
from shop.kit.db.reader import prepare, row_factory
from shop.kit.pagination import PARENT

if TYPE_CHECKING:
    from shop.api.catalogue.products import ProductCountableConnection


@strawberry.type(description="A collection in another language.")
class CollectionTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    slug: str | None = strawberry.field(description="Name in addresses of this language.")
    name: str | None = strawberry.field(description="Name.")
    description: JSONString | None = strawberry.field(description="EditorJS blocks.")


@strawberry.type(description="Whether a collection is shown in a channel, for staff.")
class CollectionChannelListing:
    pk: strawberry.Private[int]
    collection_id: strawberry.Private[int]
    channel_id: strawberry.Private[int]
    is_published: bool = strawberry.field(description="Whether it is shown, once `publishedAt` has come.")
    published_at: datetime | None = strawberry.field(description="From when it is shown.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("CollectionChannelListing", self.pk)

    @computed(description="The day from which it is shown.", deprecation_reason="Use the `publishedAt` field instead.")
    def publication_date(self) -> date | None:
        return self.published_at.date() if self.published_at else None

    @batch_field(description="The channel.")
    @staticmethod
    async def channel(parents: list["CollectionChannelListing"], context: Context) -> list[Channel]:
        found = await channels_by_id(context, {parent.channel_id for parent in parents})
        return [found[parent.channel_id] for parent in parents]


@strawberry.type(description="A hand-picked list of products.")
class Collection(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCTS",)

    pk: strawberry.Private[int]
    description_blocks: strawberry.Private[dict[str, Any] | None]
    background_image_id: strawberry.Private[int | None]
    background_image_alt: strawberry.Private[str]
    scope: strawberry.Private[Scope | None] = None
    name: str = strawberry.field(description="Name.")
    slug: str = strawberry.field(description="Name in addresses.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Collection", self.pk)

    @computed(description="The channel in which it was read.")
    def channel(self) -> str | None:
        return self.scope.channel.slug if self.scope is not None and self.scope.channel is not None else None

    @computed(description="EditorJS blocks, as a JSON text.")
    def description(self) -> JSONString | None:
        return None if self.description_blocks is None else JSONString(self.description_blocks)

    @computed(description="The description as HTML that is safe to show.")
    def description_html(self) -> str | None:
        return rendered(self.description_blocks)

    @computed(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `description` field instead.")
    def description_json(self) -> JSONString | None:
        return JSONString(self.description_blocks or {})

    @batch_field(description="The collection in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Collection"], context: Context, language_code: LanguageCodeEnum
    ) -> list[CollectionTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, CollectionTranslation, "collection", ids, language_code)

    @batch_field(description="Its products, in the owner's order.")
    @staticmethod
    async def products(
        parents: list["Collection"],
        context: Context,
        selection: Selection,
        filter: ProductFilterInput | None = None,
        where: ProductWhereInput | None = None,
        search: str | None = None,
        sort_by: ProductOrder | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["ProductCountableConnection", strawberry.lazy("shop.api.catalogue.products")] | None]:
        from shop.api.catalogue.product_lists import ProductArguments, products_within

        made: dict[int, Any] = {}
        for scope, group in by_scope(parents):
            channel = scope.channel.slug if scope is not None and scope.channel is not None else None
            pages = await products_within(
                context,
                "collection",
                [each.pk for each in group],
                ProductArguments(filter, where, sort_by, search, channel),
                Paging("products", first, after, last, before),
                selection,
            )
            made |= {id(each): page for each, page in zip(group, pages, strict=True)}
        return [made[id(each)] for each in parents]

    @batch_field(description="A picture to show behind its name.")
    @staticmethod
    async def background_image(
        parents: list["Collection"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[Image | None]:
        pictures = [(each.background_image_id, each.background_image_alt) for each in parents]
        return await images(context, pictures, size, format)

    @batch_field(description="Where it is shown. Needs MANAGE_PRODUCTS.", guard=staff_with("MANAGE_PRODUCTS"))
    @staticmethod
    async def channel_listings(
        parents: list["Collection"], context: Context
    ) -> list[list[CollectionChannelListing] | None]:
        ids = sorted({parent.pk for parent in parents})
        listings: dict[int, list[CollectionChannelListing]] = {pk: [] for pk in ids}
        for row in await context.fetch(CollectionChannelListing, queries.COLLECTION_LISTINGS, ids=ids):
            listings[row.collection_id].append(row)
        return [listings[parent.pk] for parent in parents]


@strawberry.type(description="A collection of a page.")
class CollectionCountableEdge(CountableEdge[Collection]):
    pass


@strawberry.type(description="A page of collections.")
class CollectionCountableConnection(CountableConnection[CollectionCountableEdge]):
    pass


def shown_in(scope: Scope | None) -> Shown:
    """How lists of collections are made, in a scope."""

    def complete(collection: Collection, _: Ahead | None) -> None:
        collection.scope = scope

    return Shown(CollectionCountableConnection, CollectionCountableEdge, Collection, complete)


async def visible_collections(context: Context, criteria: Criteria, scope: Scope) -> list[Collection]:
    """The collections that meet the criteria, as far as the caller may see them."""
    kind = Kind(COLLECTION_LIST, scope.sight, criteria.shape, "SLUG")
    statement = listing.matching(kind)
    found = await rows(context, statement, {**criteria.params, **scope.params, "now": context.now})
    objects = InScopes(Collection, statement, found)
    return [made for row in found if (made := objects.get(row["pk"], scope)) is not None]


_PARTS: Final = {"description": DESCRIPTION, "metadata": METADATA}


async def collections_by_product(
    context: Context, ids: Sequence[int], scope: Scope, selection: Selection
) -> dict[int, list[Collection]]:
    """The collections that hold each of the products, by their ids, as far as the caller sees them. One statement."""
    kind = Kind(COLLECTION_LIST, scope.sight, ("and",), "SLUG", within="product", wanted=wanted(selection, _PARTS))
    statement = listing.matching_each(kind)
    found = await rows(context, statement, {**scope.params, "now": context.now, "parents": ids})
    make = row_factory(Collection, prepare(statement).columns[:-1])
    made: dict[int, Collection] = {}
    held: dict[int, list[Collection]] = defaultdict(list)
    for row in found:
        collection = made.get(row["pk"])
        if collection is None:
            collection = made[row["pk"]] = make(row)
            collection.scope = scope
        held[row[PARENT]].append(collection)
    return held


async def collections_by_id(context: Context, ids: Sequence[int], channel: str | None) -> dict[int, Collection]:
    """The collections by their keys, as far as the caller may see them in the channel of that slug."""
    scope = await scope_of(context, channel)
    if scope is None or not ids:
        return {}
    found = await visible_collections(context, Criteria((("ids", sorted(set(ids))),)), scope)
    return {collection.pk: collection for collection in found}
