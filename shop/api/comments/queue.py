"""Comments as who moderates them sees them: all of them, with what only they may know."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from shop.api.accounts.users import User, users_by_id
from shop.api.catalogue.inputs import keys
from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.comments.types import Comment, CommentStatus
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import computed
from shop.api.core.filters import DateTimeRangeInput
from shop.browse import listing
from shop.browse.criteria import Criteria, Parts
from shop.browse.listing import Kind
from shop.comments.listing import QUEUE
from shop.comments.rules import Reason
from shop.execution import Selection, batch_field


@strawberry.enum(description="Why a comment was not shown at once.")
class CommentHeldReason(Enum):
    TRAP = strawberry.enum_value(Reason.TRAP.value, description="A field was filled in that only programs see.")
    NO_FORM = strawberry.enum_value(Reason.NO_FORM.value, description="It came without a form's token, as programs do.")
    OLD_FORM = strawberry.enum_value(
        Reason.OLD_FORM.value, description="The form's token was another page's, too old, or none of ours."
    )
    TOO_FAST = strawberry.enum_value(Reason.TOO_FAST.value, description="It came sooner than anybody types.")
    LINKS = strawberry.enum_value(Reason.LINKS.value, description="It holds more links than the shop allows.")
    WORDS = strawberry.enum_value(Reason.WORDS.value, description="It holds a word from the shop's list.")
    REPEATED = strawberry.enum_value(Reason.REPEATED.value, description="The same was said elsewhere this week.")
    FIRST_COMMENT = strawberry.enum_value(
        Reason.FIRST_COMMENT.value, description="Nothing of this author was approved before."
    )
    ALL_ARE_HELD = strawberry.enum_value(Reason.ALL_ARE_HELD.value, description="The shop looks at every comment.")


@strawberry.type(description="A comment as who moderates sees it. Nobody else can get at this type.")
class ModeratedComment(Comment):
    email: str | None = strawberry.field(description="The author's e-mail, in lower case.")
    network: str | None = strawberry.field(
        description="The part of the net that it came from: the address without its end. Forgotten after some weeks."
    )
    user_agent: str | None = strawberry.field(description="The program that sent it. Forgotten after some weeks.")
    held_for: strawberry.Private[list[str]]
    user_id: strawberry.Private[int | None]
    moderated_at: datetime | None = strawberry.field(description="When somebody decided about it last.")
    moderated_by_id: strawberry.Private[int | None]

    @computed(description="Why it was not shown at once.")
    def reasons(self) -> list[CommentHeldReason]:
        return [CommentHeldReason(reason) for reason in self.held_for]

    @batch_field(description="The account of who wrote it; null for a guest.")
    @staticmethod
    async def user(parents: list["ModeratedComment"], context: Context) -> list[User | None]:
        return await _users([each.user_id for each in parents], context)

    @batch_field(description="Who decided about it last; null where nobody did.")
    @staticmethod
    async def moderated_by(parents: list["ModeratedComment"], context: Context) -> list[User | None]:
        return await _users([each.moderated_by_id for each in parents], context)


@strawberry.type(description="A comment of a page of the queue.")
class ModeratedCommentCountableEdge(CountableEdge[ModeratedComment]):
    pass


@strawberry.type(description="A page of the queue of comments.")
class ModeratedCommentCountableConnection(CountableConnection[ModeratedCommentCountableEdge]):
    pass


@strawberry.input(description="Which comments to list; all that is given must hold.")
class CommentFilterInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These comments.")
    status: list[CommentStatus] | None = strawberry.field(default=None, description="In one of these states.")
    pages: list[strawberry.ID] | None = strawberry.field(default=None, description="Of one of these pages.")
    created_at: DateTimeRangeInput | None = strawberry.field(default=None, description="Said within this time.")
    search: str | None = strawberry.field(
        default=None, description="Part of what was said, or of its author's name or e-mail."
    )


@strawberry.input(description="How to sort comments.")
class CommentSortingInput:
    direction: OrderDirection = strawberry.field(description="Oldest (ASC) or newest (DESC) first.")


_SHOWN = Shown(ModeratedCommentCountableConnection, ModeratedCommentCountableEdge, ModeratedComment)


async def list_queue(
    context: Context,
    wanted: CommentFilterInput | None,
    sort: CommentSortingInput | None,
    paging: Paging,
    selection: Selection,
) -> ModeratedCommentCountableConnection:
    """A page of comments in any state; the newest first where nothing else is asked for. Two statements at most."""
    criteria = Criteria(tuple(_parts(wanted)))
    descending = sort is None or sort.direction is OrderDirection.DESC
    kind = Kind(QUEUE, None, criteria.shape, "CREATED_AT", descending)
    made: ModeratedCommentCountableConnection = await list_all(
        context, kind, criteria.params, paging, selection, _SHOWN
    )
    return made


async def moderated_by_id(context: Context, ids: Sequence[int]) -> list[ModeratedComment]:
    """The comments by their keys, in the order of the keys, in one statement."""
    criteria = Criteria((("ids", list(ids)),))
    statement = listing.matching(Kind(QUEUE, None, criteria.shape, "CREATED_AT"))
    found = {each.pk: each for each in await context.fetch(ModeratedComment, statement, **criteria.params)}
    return [found[key] for key in dict.fromkeys(ids) if key in found]


def _parts(wanted: CommentFilterInput | None) -> Parts:
    parts: Parts = []
    if wanted is None:
        return parts
    if wanted.ids is not None:
        parts.append(("ids", keys(wanted.ids, "Comment")))
    if wanted.status is not None:
        parts.append(("statuses", [status.value for status in wanted.status]))
    if wanted.pages is not None:
        parts.append(("pages", keys(wanted.pages, "Page")))
    if wanted.created_at is not None and wanted.created_at.gte is not None:
        parts.append(("created_from", wanted.created_at.gte))
    if wanted.created_at is not None and wanted.created_at.lte is not None:
        parts.append(("created_to", wanted.created_at.lte))
    if wanted.search is not None and wanted.search.strip():
        parts.append(("search", wanted.search.strip()))
    return parts


async def _users(ids: list[int | None], context: Context) -> list[User | None]:
    found = await users_by_id(context, [key for key in ids if key is not None])
    return [None if key is None else found.get(key) for key in ids]
