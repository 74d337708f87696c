"""Writing, publishing, restoring and previewing pages; all of it needs MANAGE_PAGES."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import strawberry

from shop.api.attributes.giving import given_values
from shop.api.content.errors import CountedPages, PagePayload, WrittenPage
from shop.api.content.page_inputs import PageCreateInput, PageInput, fields_of
from shop.api.content.pages import WRITERS, Page, pages_by_id, preview_secret
from shop.api.content.parts import PageLostValue, lost_values
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.content.actions import pages
from shop.content.actions.describing import reorder_values
from shop.content.actions.duties import Writer
from shop.content.errors import PageNotFound
from shop.content.tokens import preview_token
from shop.kit.errors import Invalid

_MOST_AT_ONCE: Final = 100
_LONGEST_PREVIEW_MINUTES: Final = 14 * 24 * 60

PageId = Annotated[strawberry.ID, strawberry.argument(description="The page's ID.")]
PageIds = Annotated[list[strawberry.ID], strawberry.argument(description="IDs of pages, a hundred at most.")]
OverrideReason = Annotated[
    str | None,
    strawberry.argument(description="Why it is published though the policy of its type finds something."),
]


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
    lost_values: list[PageLostValue] = strawberry.field(
        default_factory=list,
        description="Values of attributes that the revision has and the page has not: they are gone.",
    )


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
            context.session,
            page_type,
            fields_of(input, context.base_url),
            attributes=given_values(input.attributes),
            writer=writer_of(context, input.override_reason),
            now=context.now,
        )
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
        writer = writer_of(context, input.override_reason)
        given = given_values(input.attributes)
        await pages.update_page(
            context.session, key, fields_of(input, context.base_url), attributes=given, writer=writer, now=context.now
        )
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
        writer = writer_of(context, override_reason)
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
        writer = writer_of(info.context, None)
        await reorder_values(info.context.session, key, attribute, places(moves, "AttributeValue"), writer=writer)
        return PageReorderAttributeValues(page_key=key)

    @mutation(
        description="Lets a page say again what a revision says: texts, blocks, review and values of attributes, but "
        "neither its slug nor whether it is published. That is a revision of its own. Needs MANAGE_PAGES.",
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
        writer = writer_of(context, override_reason)
        page_key, lost = await pages.restore(context.session, key, writer=writer, now=context.now)
        return PageRevisionRestore(page_key=page_key, lost_values=lost_values(lost))

    @mutation(
        description="Makes a token that shows one page, published or not, and with its draft, to whoever holds it. "
        "Needs MANAGE_PAGES.",
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


def writer_of(context: Context, reason: str | None) -> Writer:
    """The caller, with the reason why a finding is let pass."""
    return Writer(context.caller.user_id, reason)
