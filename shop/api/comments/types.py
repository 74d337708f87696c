"""A comment as everybody sees it. The type is read from columns that hold no e-mail, address or program: see `queries`.

Who moderates sees more, of a type of its own in `queue.py`.
"""

from collections import defaultdict
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.comments import queries, rules
from shop.execution import batch_field

if TYPE_CHECKING:
    from shop.api.content.pages import Page

# Who sees what waits, and decides about it.
MODERATORS = ("MANAGE_COMMENTS", "MANAGE_PAGES")


@strawberry.enum(description="How far a comment has come.")
class CommentStatus(Enum):
    PENDING = strawberry.enum_value("PENDING", description="It waits for somebody who moderates.")
    APPROVED = strawberry.enum_value("APPROVED", description="Everybody sees it.")
    SPAM = strawberry.enum_value("SPAM", description="It is known as spam. Only who moderates learns that.")
    REJECTED = strawberry.enum_value("REJECTED", description="It was taken down. Only who moderates learns that.")
    DELETED = strawberry.enum_value(
        "DELETED", description="It is gone, whatever for; only its place is left, for the answers below it."
    )


@strawberry.type(description="What stands where others have a picture of an author; no third party is asked for one.")
class CommentAvatar:
    initials: str = strawberry.field(description="One or two letters of the author's name.")
    shade: int = strawberry.field(description="From 0 to 7, the same for the same name: one of eight colours.")


@strawberry.type(description="What somebody said under a page.")
class Comment:
    pk: strawberry.Private[int]
    page_id: strawberry.Private[int]
    parent_id: strawberry.Private[int | None]
    root_id: strawberry.Private[int]
    path: strawberry.Private[list[int]]
    state: strawberry.Private[str]
    body: strawberry.Private[str]
    depth: int = strawberry.field(description="How many comments stand above it: 0 to 4.")
    author_name: str = strawberry.field(description="What its author is called; empty for one that is gone.")
    author_website: str | None = strawberry.field(
        description='Where its author has a website: http or https. Link to it with `rel="nofollow ugc noopener"`.'
    )
    is_staff: bool = strawberry.field(description="Whether somebody who works here said it.")
    created_at: datetime = strawberry.field(description="When it was said.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Comment", self.pk)

    @computed(description="What mails and feeds expect its element to be called: they link to `#` and this.")
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @computed(description="APPROVED; PENDING to who moderates; DELETED for one of which only its place is shown.")
    def status(self) -> CommentStatus:
        return CommentStatus[self.state]

    @computed(description="Letters and a colour to stand for a picture.")
    def avatar(self) -> CommentAvatar:
        return CommentAvatar(initials=rules.initials(self.author_name), shade=rules.shade(self.author_name))

    @computed(description="What was said, as sanitised HTML: paragraphs, emphasis, code, links that pass no rank on.")
    def body_html(self) -> str:
        return rules.rendered(self.body)

    @batch_field(description="The comment that it answers; null for the first of a thread.")
    @staticmethod
    async def parent(parents: list["Comment"], context: Context) -> list["Comment | None"]:
        keys = sorted({each.parent_id for each in parents if each.parent_id is not None})
        statement = queries.COMMENTS_BY_ID[sees_waiting(context)]
        found = {each.pk: each for each in await context.fetch(Comment, statement, ids=keys)} if keys else {}
        return [None if each.parent_id is None else found.get(each.parent_id) for each in parents]

    @batch_field(description="The answers to it, oldest first, without the answers to those.")
    @staticmethod
    async def replies(parents: list["Comment"], context: Context) -> list[list["Comment"]]:
        below = await _below(parents, context)
        return [[answer for answer in below[each.pk] if answer.parent_id == each.pk] for each in parents]

    @batch_field(
        description="Everything below it as it is read: each answer after what it answers, older ones first. `depth` "
        "says how far to indent. At most 200 in a thread."
    )
    @staticmethod
    async def thread(parents: list["Comment"], context: Context) -> list[list["Comment"]]:
        below = await _below(parents, context)
        return [below[each.pk] for each in parents]

    @batch_field(description="The page that it is about, where the caller may read it.")
    @staticmethod
    async def page(
        parents: list["Comment"], context: Context
    ) -> list[Annotated["Page", strawberry.lazy("shop.api.content.pages")] | None]:
        from shop.api.content.pages import visible_pages

        found = await visible_pages(context, [each.page_id for each in parents])
        return [found.get(each.page_id) for each in parents]


@strawberry.type(description="A comment of a page of comments.")
class CommentCountableEdge(CountableEdge[Comment]):
    pass


@strawberry.type(description="A page of comments.")
class CommentCountableConnection(CountableConnection[CommentCountableEdge]):
    pass


def sees_waiting(context: Context) -> bool:
    """Whether the caller sees comments that wait; then the reply is theirs alone."""
    sees = context.caller.may(*MODERATORS)
    if sees:
        context.is_private = True
    return sees


async def _below(parents: list[Comment], context: Context) -> dict[int, list[Comment]]:
    """By comment: all below it, in the order in which they are read."""
    statement = queries.ANSWERS_BY_ROOT[sees_waiting(context)]
    found: dict[int, list[Comment]] = defaultdict(list)
    for answer in await context.fetch(Comment, statement, ids=sorted({each.root_id for each in parents})):
        for above in answer.path:
            found[above].append(answer)
    return found
