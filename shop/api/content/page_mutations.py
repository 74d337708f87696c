"""Writing, publishing, restoring and previewing pages; all of it needs MANAGE_PAGES."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final

import strawberry

from shop.api.attributes.giving import AttributeValueInput, given_values
from shop.api.content.errors import CountedPages, PagePayload, WrittenPage
from shop.api.content.pages import WRITERS, Page, pages_by_id, preview_secret
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.api.core.scalars import JSON, JSONString
from shop.content.actions import pages
from shop.content.actions.describing import describe, reorder_values
from shop.content.actions.duties import Writer
from shop.content.errors import PageNotFound
from shop.content.rules.pages import PageFields
from shop.content.tokens import preview_token
from shop.kit.errors import Invalid

_MOST_AT_ONCE: Final = 100
_LONGEST_PREVIEW_MINUTES: Final = 14 * 24 * 60
_FLAGS: Final = ("is_published", "author_is_organization")
_COLUMNS: Final = (
    "title",
    "slug",
    "unpublished_at",
    "author_name",
    "reviewer_name",
    "reviewer_credentials",
    "last_reviewed",
    "review_due",
    "review_note",
    "regulatory_status",
    "conflict_of_interest",
)

PageId = Annotated[strawberry.ID, strawberry.argument(description="The page's ID.")]
PageIds = Annotated[list[strawberry.ID], strawberry.argument(description="IDs of pages, a hundred at most.")]
OverrideReason = Annotated[
    str | None,
    strawberry.argument(description="Why it is published though the policy of its type finds something."),
]


@strawberry.input(description="What search engines are told instead of title and text.")
class SeoInput:
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Title, 70 characters at most.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="Description, 300 characters at most."
    )


@strawberry.input(description="What to write of a page. What is left out stays; null empties it.")
class PageInput:
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="Name in addresses. The former one leads to the page from then on."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Title, 250 characters at most.")
    content: JSONString | None = strawberry.field(
        default=strawberry.UNSET, description="EditorJS blocks, as a JSON text: instead of `contentBlocks`."
    )
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description="What it is to say of the attributes of its type; those left out stay as they are."
    )
    is_published: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether visitors may read it, once `publishedAt` has come."
    )
    publication_date: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The day from which visitors may read it, ISO 8601.",
        deprecation_reason="Use `publishedAt`.",
    )
    published_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="From when visitors may read it; now, where it is published without."
    )
    seo: SeoInput | None = strawberry.field(default=strawberry.UNSET, description="What search engines are told.")
    content_blocks: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="EditorJS blocks of all kinds: edit what `Page.contentBlocks` says; `Page.content` lacks some.",
    )
    unpublished_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="From when visitors may not read it any more."
    )
    author_name: str | None = strawberry.field(default=strawberry.UNSET, description="Who wrote it.")
    author_is_organization: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether a team or an organization wrote it, rather than a person."
    )
    reviewer_name: str | None = strawberry.field(default=strawberry.UNSET, description="Who checked what it says.")
    reviewer_credentials: str | None = strawberry.field(
        default=strawberry.UNSET, description="The training by which the reviewer can judge it."
    )
    last_reviewed: date | None = strawberry.field(default=strawberry.UNSET, description="When that was done last.")
    review_due: date | None = strawberry.field(default=strawberry.UNSET, description="When it is to be done again.")
    review_note: str | None = strawberry.field(
        default=strawberry.UNSET, description="What stands beside the badge: why nobody checked it, say."
    )
    regulatory_status: str | None = strawberry.field(
        default=strawberry.UNSET, description="Whether what it writes about is approved, and where, or investigational."
    )
    conflict_of_interest: str | None = strawberry.field(
        default=strawberry.UNSET, description="What this site earns by what it writes about."
    )
    override_reason: str | None = strawberry.field(
        default=None,
        description="Why it is published though the policy of its type finds something; kept with the revision.",
    )


@strawberry.input(description="A new page.")
class PageCreateInput(PageInput):
    page_type: strawberry.ID = strawberry.field(description="ID of its type.")


@strawberry.type(description="A new page.")
class PageCreate(WrittenPage):
    pass


@strawberry.type(description="A changed page.")
class PageUpdate(WrittenPage):
    pass


@strawberry.type(description="A page whose values are in another order.")
class PageReorderAttributeValues(WrittenPage):
    pass


@strawberry.type(description="A page says again what it said before.")
class PageRevisionRestore(WrittenPage):
    pass


@strawberry.type(description="A page is gone.")
class PageDelete(PagePayload):
    page: Page | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="Pages are gone.")
class PageBulkDelete(CountedPages):
    pass


@strawberry.type(description="Pages are published, or no longer.")
class PageBulkPublish(CountedPages):
    pass


@strawberry.type(description="A token with which somebody without an account reads a page that is not published.")
class PagePreviewTokenCreate(PagePayload):
    token: str | None = strawberry.field(default=None, description="Pass it to `page(previewToken:)`.")
    expires_at: datetime | None = strawberry.field(default=None, description="Until when it works.")
    url: str | None = strawberry.field(default=None, description="The page on the shop's own storefront, with it.")


@strawberry.type
class PageMutations:
    """Mutations of pages."""

    @mutation(description="Writes a new page. Needs MANAGE_PAGES.", permissions=WRITERS)
    async def page_create(
        self, info: Info, input: Annotated[PageCreateInput, strawberry.argument(description="The page.")]
    ) -> PageCreate | None:
        context = info.context
        page_type = required_int(input.page_type, "PageType", field="pageType")
        key = await pages.create(
            context.session, page_type, _fields(input), writer=_writer(context, input.override_reason), now=context.now
        )
        await describe(context.session, key, given_values(input.attributes), is_new=True)
        return PageCreate(page_key=key)

    @mutation(description="Changes a page; what it was is kept as a revision. Needs MANAGE_PAGES.", permissions=WRITERS)
    async def page_update(
        self,
        info: Info,
        id: PageId,
        input: Annotated[PageInput, strawberry.argument(description="What to change.")],
    ) -> PageUpdate | None:
        context = info.context
        key = required_int(id, "Page", field="id")
        writer = _writer(context, input.override_reason)
        await pages.update_page(context.session, key, _fields(input), writer=writer, now=context.now)
        if input.attributes:
            await describe(context.session, key, given_values(input.attributes))
        return PageUpdate(page_key=key)

    @mutation(
        description="Removes a page, with its revisions, translations and menu entries. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_delete(self, info: Info, id: PageId) -> PageDelete | None:
        key = required_int(id, "Page", field="id")
        before = (await pages_by_id(info.context, [key])).get(key)
        if before is None or not await pages.delete_pages(info.context.session, [key]):
            raise PageNotFound
        return PageDelete(page=before)

    @mutation(
        description="Removes pages; those that are gone already are passed over. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_bulk_delete(self, info: Info, ids: PageIds) -> PageBulkDelete | None:
        return PageBulkDelete(count=await pages.delete_pages(info.context.session, page_keys(ids)))

    @mutation(
        description="Publishes pages, or takes them back: all of them, or none where the policy of one finds "
        "something. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_bulk_publish(
        self,
        info: Info,
        ids: PageIds,
        is_published: Annotated[bool, strawberry.argument(description="Whether visitors may read them.")],
        override_reason: OverrideReason = None,
    ) -> PageBulkPublish | None:
        context = info.context
        writer = _writer(context, override_reason)
        count = await pages.publish(
            context.session, page_keys(ids), is_published=is_published, writer=writer, now=context.now
        )
        return PageBulkPublish(count=count)

    @mutation(
        description="Puts a page's values of one attribute into another order. Needs MANAGE_PAGES.", permissions=WRITERS
    )
    async def page_reorder_attribute_values(
        self,
        info: Info,
        attribute_id: Annotated[strawberry.ID, strawberry.argument(description="The attribute's ID.")],
        moves: Annotated[
            list[ReorderInput], strawberry.argument(description="Values of the page, and where they go, in turn.")
        ],
        page_id: PageId,
    ) -> PageReorderAttributeValues | None:
        key = required_int(page_id, "Page", field="pageId")
        attribute = required_int(attribute_id, "Attribute", field="attributeId")
        await reorder_values(info.context.session, key, attribute, places(moves, "AttributeValue"))
        return PageReorderAttributeValues(page_key=key)

    @mutation(
        description="Lets a page say again what a revision says: texts, blocks and review, but neither its slug nor "
        "whether it is published. That is a revision of its own. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_revision_restore(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The revision's ID.")],
        override_reason: OverrideReason = None,
    ) -> PageRevisionRestore | None:
        context = info.context
        key = required_int(id, "PageRevision", field="id")
        writer = _writer(context, override_reason)
        return PageRevisionRestore(page_key=await pages.restore(context.session, key, writer=writer, now=context.now))

    @mutation(
        description="Makes a token that shows one page, published or not, to whoever holds it. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_preview_token_create(
        self,
        info: Info,
        id: PageId,
        minutes: Annotated[int, strawberry.argument(description="How long it works; two weeks at most.")] = 60,
    ) -> PagePreviewTokenCreate | None:
        context = info.context
        key = required_int(id, "Page", field="id")
        if not 1 <= minutes <= _LONGEST_PREVIEW_MINUTES:
            raise Invalid(f"A preview works for 1 to {_LONGEST_PREVIEW_MINUTES} minutes.", field="minutes")
        page = (await pages_by_id(context, [key])).get(key)
        if page is None:
            raise PageNotFound
        expires_at = (context.now + timedelta(minutes=minutes)).replace(microsecond=0)
        token = preview_token(preview_secret(context), key, expires_at)
        url = f"{context.base_url}/pages/{page.slug}?preview={token}"
        return PagePreviewTokenCreate(token=token, expires_at=expires_at, url=url)


def page_keys(ids: Sequence[strawberry.ID]) -> list[int]:
    """The keys of pages. Raises: Invalid for too many, and for what is no page's ID."""
    if len(ids) > _MOST_AT_ONCE:
        raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="ids")
    return [required_int(each, "Page", field="ids") for each in ids]


def _writer(context: Context, reason: str | None) -> Writer:
    return Writer(context.caller.user_id, reason)


def _fields(given: PageInput) -> PageFields:
    """What the input says of the page's columns. Raises: Invalid."""
    found: dict[str, Any] = {name: getattr(given, name) for name in _COLUMNS}
    # A flag is never null: that means the same as leaving it out.
    found |= {name: value for name in _FLAGS if (value := getattr(given, name)) is not None}
    if given.content is not strawberry.UNSET and given.content_blocks is not strawberry.UNSET:
        raise Invalid("Pass one of `content` and `contentBlocks`.", field="contentBlocks")
    found["content"] = given.content if given.content is not strawberry.UNSET else given.content_blocks
    found["published_at"] = given.published_at
    if found["published_at"] is strawberry.UNSET and given.publication_date is not strawberry.UNSET:
        found["published_at"] = _midnight(given.publication_date)
    if given.seo is not strawberry.UNSET:
        found["seo_title"] = given.seo.title if given.seo else None
        found["seo_description"] = given.seo.description if given.seo else None
    fields: PageFields = {}
    fields.update({name: value for name, value in found.items() if value is not strawberry.UNSET})  # type: ignore[typeddict-item]
    return fields


def _midnight(day: str | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise Invalid("This is no day, such as 2026-11-23.", field="publicationDate") from None
