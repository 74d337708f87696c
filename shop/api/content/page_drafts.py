"""Drafts of changes beside a page: what staff sees of them, and how they are saved, published and discarded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry

from shop.api.attributes.aside import values_aside
from shop.api.attributes.giving import given_values
from shop.api.attributes.types import AttributeValue
from shop.api.content.errors import WrittenPage
from shop.api.content.page_inputs import PageDraftInput, texts_of
from shop.api.content.page_mutations import OverrideReason, PageId, writer_of
from shop.api.content.pages import WRITERS, Page
from shop.api.content.parts import PageLostValue, lost_values
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.attributes.rules import keeping
from shop.content import queries
from shop.content.actions import drafts
from shop.content.rules.pages import RESTORED, changed_since, storable, stored

# A page's columns that its type in the API calls otherwise.
_CALLED: Final = {"content": "blocks"}


@strawberry.type(description="Changes of a page that nobody but staff sees until `pageDraftPublish`.")
class PageDraft:
    page: Page = strawberry.field(
        description="The page as it would be: all that `Page` tells, of what the draft says. Its `dutyFindings` are "
        "what publishing the draft would meet."
    )
    is_outdated: bool = strawberry.field(
        description="Whether the page says otherwise than when the draft was begun: publishing it would undo that."
    )
    created_at: datetime = strawberry.field(description="When it was begun.")
    updated_at: datetime = strawberry.field(description="When it was saved last.")
    user_email: str | None = strawberry.field(description="Who saved it last; null for somebody who is gone.")


async def drafts_of(context: Context, pages: Sequence[Page]) -> list[PageDraft | None]:
    """The pages' drafts in the order of the pages, None for those without.

    One statement, and two more where drafts say something of attributes.
    """
    rows = {row["page_id"]: row for row in await context.rows(queries.DRAFTS_BY_PAGE, ids=[each.pk for each in pages])}
    said = [(pk, keeping.stored(row["attributes"])) for pk, row in rows.items()]
    aside = dict(zip(rows, await values_aside(context, said), strict=True))
    return [_draft(page, rows[page.pk], aside[page.pk]) if page.pk in rows else None for page in pages]


def _draft(page: Page, row: Any, aside: dict[int, list[AttributeValue]]) -> PageDraft:
    changes: dict[str, Any] = {_CALLED.get(name, name): value for name, value in stored(row["changes"]).items()}
    now = storable({name: getattr(page, _CALLED.get(name, name)) for name in RESTORED})
    changed = changed_since(row["base"], now)
    changed += keeping.changed_since(row["base_attributes"] or {}, row["attributes_now"])
    return PageDraft(
        page=replace(page, **changes, aside=aside),
        is_outdated=bool(changed),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        user_email=row["user_email"],
    )


@strawberry.type(description="A page whose draft was saved; the page itself is as it was.")
class PageDraftSave(WrittenPage):
    pass


@strawberry.type(description="A page that says what its draft said.")
class PageDraftPublish(WrittenPage):
    lost_values: list[PageLostValue] = strawberry.field(
        default_factory=list, description="Values of attributes that the draft had and the page has not: they are gone."
    )


@strawberry.type(description="A page without a draft.")
class PageDraftDiscard(WrittenPage):
    pass


@strawberry.type
class PageDraftMutations:
    """Mutations of drafts of pages."""

    @mutation(
        description="Saves changes of a page as its draft, beside those that the draft holds already: nobody but staff "
        "sees them, and the page stays as it is. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_draft_save(
        self,
        info: Info,
        id: PageId,
        input: Annotated[PageDraftInput, strawberry.argument(description="What the draft changes.")],
        revision: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="ID of a revision of the page: the draft says what that says, and the input on top."
            ),
        ] = None,
    ) -> PageDraftSave | None:
        context = info.context
        key = required_int(id, "Page", field="id")
        revision_id = None if revision is None else required_int(revision, "PageRevision", field="revision")
        writer = writer_of(context, None)
        await drafts.save_draft(
            context.session,
            key,
            texts_of(input, context.base_url),
            attributes=given_values(input.attributes),
            revision_id=revision_id,
            writer=writer,
        )
        return PageDraftSave(page_key=key)

    @mutation(
        description="Lets a page say what its draft says; the draft is gone. Whether, when and where the page is "
        "published stays, and of a published page the policy of its type is asked. Needs MANAGE_PAGES.",
        permissions=WRITERS,
    )
    async def page_draft_publish(
        self,
        info: Info,
        id: PageId,
        overwrite: Annotated[
            bool,
            strawberry.argument(
                description="Whether to publish it though the page was changed since the draft was begun. What the "
                "draft does not change stays as the page has it."
            ),
        ] = False,
        override_reason: OverrideReason = None,
    ) -> PageDraftPublish | None:
        context = info.context
        key = required_int(id, "Page", field="id")
        writer = writer_of(context, override_reason)
        lost = await drafts.publish_draft(context.session, key, overwrite=overwrite, writer=writer, now=context.now)
        return PageDraftPublish(page_key=key, lost_values=lost_values(lost))

    @mutation(description="Removes the draft of a page, which stays as it is. Needs MANAGE_PAGES.", permissions=WRITERS)
    async def page_draft_discard(self, info: Info, id: PageId) -> PageDraftDiscard | None:
        key = required_int(id, "Page", field="id")
        await drafts.discard_draft(info.context.session, key)
        return PageDraftDiscard(page_key=key)
