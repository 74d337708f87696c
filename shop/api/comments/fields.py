"""Queries and mutations of comments."""

from enum import Enum
from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.accounts.links import secret_of
from shop.api.accounts.users import users_by_id
from shop.api.catalogue.lists import Paging
from shop.api.comments.errors import CommentError
from shop.api.comments.queue import (
    CommentFilterInput,
    CommentSortingInput,
    ModeratedComment,
    ModeratedCommentCountableConnection,
    list_queue,
    moderated_by_id,
)
from shop.api.comments.types import MODERATORS, Comment, CommentStatus
from shop.api.core.context import Context, Info
from shop.api.core.fields import query
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require, require_user
from shop.comments import actions, queries, rules, tokens
from shop.execution import Selection
from shop.kit.errors import Invalid

_MOST_AT_ONCE = 100


@strawberry.enum(description="What is decided about comments.")
class CommentDecision(Enum):
    APPROVE = strawberry.enum_value("APPROVE", description="Everybody sees them.")
    REJECT = strawberry.enum_value("REJECT", description="Nobody sees them.")
    SPAM = strawberry.enum_value("SPAM", description="Nobody sees them, and after some weeks they are gone.")
    RESTORE = strawberry.enum_value("RESTORE", description="They wait again.")


@strawberry.input(description="A comment that somebody wants to make.")
class CommentCreateInput:
    page: strawberry.ID = strawberry.field(description="The page's ID.")
    parent: strawberry.ID | None = strawberry.field(default=None, description="The comment that it answers.")
    author_name: str | None = strawberry.field(
        default=None, description="What its author is called. Asked of guests; users may leave it to their account."
    )
    email: str | None = strawberry.field(
        default=None, description="Never shown to visitors. Asked of guests; of users the account's is taken."
    )
    website: str | None = strawberry.field(default=None, description="Where the author has a website; may be left out.")
    body: str = strawberry.field(
        description="What is said, with 5000 characters at most. Empty lines part paragraphs; b, strong, i, em, code "
        "and a are kept of HTML."
    )
    form_token: str | None = strawberry.field(
        default=None, description="Of `Page.commentForm`; a comment without it waits for a moderator."
    )
    subject: str | None = strawberry.field(
        default=None,
        description="A trap: send what is in a field that people do not see. Whoever fills it in is a program.",
    )
    notify_of_replies: bool = strawberry.field(
        default=False, description="Mail the author about answers, once the e-mail's owner has agreed by a link."
    )


@strawberry.type(description="What became of a comment, or why it was not taken.")
class CommentCreate(Payload):
    status: CommentStatus | None = strawberry.field(
        default=None, description="APPROVED: everybody sees it; PENDING: somebody will look at it first."
    )
    comment: Comment | None = strawberry.field(default=None, description="The comment, where everybody sees it.")
    errors: list[CommentError] = strawberry.field(default_factory=list, description="Expected errors, by field.")


@strawberry.type(description="The comments as they are now, or why nothing has changed.")
class CommentModerate(Payload):
    comments: list[ModeratedComment] = strawberry.field(
        default_factory=list, description="The comments, in the order in which they were named."
    )
    errors: list[CommentError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The comment is gone, or why it is not.")
class CommentDelete(Payload):
    id: strawberry.ID | None = strawberry.field(default=None, description="ID of the comment that is gone.")
    errors: list[CommentError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Answers will be mailed, or why not.")
class CommentSubscriptionConfirm(Payload):
    confirmed: bool = strawberry.field(default=False, description="Whether they will.")
    errors: list[CommentError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Answers are mailed no more, or why not.")
class CommentUnsubscribe(Payload):
    unsubscribed: bool = strawberry.field(default=False, description="Whether nothing more is mailed.")
    errors: list[CommentError] = strawberry.field(default_factory=list, description="Expected errors.")


Token = Annotated[str, strawberry.argument(description="The token of the mail's link.")]


@strawberry.type
class CommentQueries:
    """Queries of comments; those of a page are fields of `Page`."""

    @query(
        description="Comments in any state with what only moderators may know, newest first: the queue of those that "
        "wait is `filter: {status: PENDING}`. Needs MANAGE_COMMENTS or MANAGE_PAGES."
    )
    async def comments(
        self,
        info: Info,
        filter: Annotated[CommentFilterInput | None, strawberry.argument(description="Which comments to list.")] = None,
        sort_by: Annotated[CommentSortingInput | None, strawberry.argument(description="How to sort them.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> ModeratedCommentCountableConnection | None:
        require(info.context, *MODERATORS)
        paging = Paging("comments", first, after, last, before)
        return await list_queue(info.context, filter, sort_by, paging, Selection.below(info))

    @query(description="What everybody sees of the comments on all pages, or on one, the newest first: for feeds.")
    async def latest_comments(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 100 at most.")] = 20,
        page: Annotated[str | None, strawberry.argument(description="Slug of the only page.")] = None,
    ) -> list[Comment]:
        context = info.context
        if not 0 <= first <= context.settings.graphql_max_page_size:
            raise GraphQLError(f"`first` is at most {context.settings.graphql_max_page_size}.")
        if page is None:
            return await context.fetch(Comment, queries.LATEST, size=first, now=context.now)
        return await context.fetch(Comment, queries.LATEST_OF_PAGE, size=first, slug=page, now=context.now)


@strawberry.type
class CommentMutations:
    """Mutations of comments."""

    @mutation(
        description="Makes a comment. It is shown at once, or waits for a moderator where anything about it is odd or "
        "its author is new. The same words at the same place are one comment, however often they are sent."
    )
    async def comment_create(self, info: Info, input: CommentCreateInput) -> CommentCreate | None:
        context = info.context
        words = actions.Words(
            page_id=required_int(input.page, "Page", field="page"),
            parent_id=None if input.parent is None else required_int(input.parent, "Comment", field="parent"),
            author_name=input.author_name or await _account_name(context),
            email=input.email or "",
            website=input.website or "",
            body=input.body,
            form_token=input.form_token,
            trap=input.subject or "",
            wants_answers=input.notify_of_replies,
        )
        said = await actions.say(
            context.session,
            words,
            _speaker(context),
            policy=rules.policy_of(context.settings),
            secret=secret_of(context.settings),
            base_url=context.base_url,
            now=context.now,
        )
        if said.status != "APPROVED":
            # Who is taken for a program, or was turned down, is not told how to do better.
            return CommentCreate(status=CommentStatus.PENDING)
        (comment,) = await context.fetch(Comment, queries.COMMENTS_BY_ID[False], ids=[said.id])
        return CommentCreate(status=CommentStatus.APPROVED, comment=comment)

    @mutation(
        description="Decides about comments, about all of them or none. Needs MANAGE_COMMENTS or MANAGE_PAGES.",
        permissions=MODERATORS,
    )
    async def comment_moderate(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="The comments, 100 at most.")],
        decision: Annotated[CommentDecision, strawberry.argument(description="What is decided about them.")],
    ) -> CommentModerate | None:
        context = info.context
        if len(ids) > _MOST_AT_ONCE:
            raise Invalid(f"At most {_MOST_AT_ONCE} comments at once.", field="ids")
        found = [required_int(one, "Comment", field="ids") for one in ids]
        await actions.moderate(
            context.session,
            found,
            actions.Decision[decision.name],
            user_id=context.caller.user_id,
            secret=secret_of(context.settings),
            base_url=context.base_url,
            now=context.now,
        )
        return CommentModerate(comments=await moderated_by_id(context, found))

    @mutation(
        description="Deletes a comment, whose place alone is left where others answered. For its author while signed "
        "in, and for who moderates."
    )
    async def comment_delete(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The comment.")]
    ) -> CommentDelete | None:
        context = info.context
        caller = require_user(context)
        key = required_int(id, "Comment", field="id")
        owner = None if context.caller.may(*MODERATORS) else caller
        await actions.delete_comment(context.session, key, user_id=owner, by=caller, now=context.now)
        return CommentDelete(id=id)

    @mutation(description="The owner of an e-mail agrees to be mailed about answers, by the token of a mail's link.")
    async def comment_subscription_confirm(self, info: Info, token: Token) -> CommentSubscriptionConfirm | None:
        context = info.context
        key = tokens.confirmed(secret_of(context.settings), token, now=context.now)
        await actions.agree(context.session, key, now=context.now)
        return CommentSubscriptionConfirm(confirmed=True)

    @mutation(description="Answers on a page are mailed no more, by the token of a mail's link; it never ends.")
    async def comment_unsubscribe(self, info: Info, token: Token) -> CommentUnsubscribe | None:
        context = info.context
        await actions.end(context.session, tokens.unsubscribed(secret_of(context.settings), token))
        return CommentUnsubscribe(unsubscribed=True)


def _speaker(context: Context) -> actions.Speaker:
    caller = context.caller
    return actions.Speaker(
        user_id=caller.user_id,
        email=caller.email,
        is_staff=caller.is_staff,
        is_moderator=caller.may(*MODERATORS),
        address=context.client_address,
        agent=context.headers.get("user-agent", ""),
    )


async def _account_name(context: Context) -> str:
    """What the caller's account says; nothing for a guest."""
    if context.caller.user_id is None:
        return ""
    user = (await users_by_id(context, [context.caller.user_id]))[context.caller.user_id]
    return f"{user.first_name} {user.last_name}".strip()
