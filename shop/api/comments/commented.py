"""What a page has to say about its comments: mixed into the API's `Page`."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from shop.accounts.links import secret_of
from shop.api.catalogue.lists import Paging, Shown, list_each
from shop.api.comments.types import Comment, CommentCountableConnection, CommentCountableEdge, sees_waiting
from shop.api.core.context import Context
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind
from shop.comments import queries, rules, tokens
from shop.comments.listing import THREADS
from shop.execution import Selection, batch_field

_SHOWN = Shown(CommentCountableConnection, CommentCountableEdge, Comment)


@strawberry.enum(description="In which order threads of comments come; the answers in each are always oldest first.")
class CommentSort(Enum):
    OLDEST_FIRST = strawberry.enum_value("OLDEST_FIRST", description="As a conversation is read.")
    NEWEST_FIRST = strawberry.enum_value("NEWEST_FIRST", description="What was begun last on top.")


@strawberry.type(description="What a form for a comment needs. Ask for it when the form is shown, not before.")
class CommentForm:
    token: str = strawberry.field(
        description="Goes back as `formToken`. It says when the form was shown and is good for a day, for this page."
    )
    until: datetime = strawberry.field(description="When the token ends; a comment sent later waits for a moderator.")


@strawberry.type
class Commented:
    """A page's comments."""

    pk: strawberry.Private[int]

    @batch_field(
        description="The comments that begin a thread, each with its answers below it. Who moderates also gets those "
        "that wait, told apart by their `status`."
    )
    @staticmethod
    async def comments(
        parents: list["Commented"],
        context: Context,
        selection: Selection,
        sort: CommentSort = CommentSort.OLDEST_FIRST,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[CommentCountableConnection | None]:
        descending = sort is CommentSort.NEWEST_FIRST
        kind = Kind(THREADS[sees_waiting(context)], None, Criteria().shape, "CREATED_AT", descending, within="page")
        paging = Paging("comments", first, after, last, before)
        made: list[Any] = await list_each(context, kind, {}, paging, selection, _SHOWN, [each.pk for each in parents])
        return made

    @batch_field(description="How many comments everybody sees, answers among them.")
    @staticmethod
    async def comments_count(parents: list["Commented"], context: Context) -> list[int]:
        keys = sorted({each.pk for each in parents})
        counted = {row["page_id"]: row["total"] for row in await context.rows(queries.COUNTS_BY_PAGE, ids=keys)}
        return [counted.get(each.pk, 0) for each in parents]

    @batch_field(description="Whether visitors may comment: by the page's type and age, or as its editors decided.")
    @staticmethod
    async def comments_open(parents: list["Commented"], context: Context) -> list[bool]:
        return await _open(parents, context)

    @batch_field(description="What a form for a comment needs; null where comments are closed.")
    @staticmethod
    async def comment_form(parents: list["Commented"], context: Context) -> list[CommentForm | None]:
        # It holds the moment at which this visitor asked for it.
        context.is_private = True
        secret = secret_of(context.settings)
        return [
            CommentForm(token=tokens.form_token(secret, each.pk, now=context.now), until=context.now + tokens.FORM_LIFE)
            if is_open
            else None
            for each, is_open in zip(parents, await _open(parents, context), strict=True)
        ]


async def _open(parents: list[Commented], context: Context) -> list[bool]:
    policy = rules.policy_of(context.settings)
    rows = await context.rows(queries.DISCUSSIONS, ids=sorted({each.pk for each in parents}), now=context.now)
    pages = {row["id"]: rules.Discussion(row["page_type"], row["published_at"], row["metadata"]) for row in rows}
    for page in pages.values():
        closes = rules.closes_at(page, policy)
        if closes is not None and closes > context.now:
            context.lasts_until(closes)
    open_pages = {key for key, page in pages.items() if rules.is_open(page, policy, now=context.now)}
    return [each.pk in open_pages for each in parents]
