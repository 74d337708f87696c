"""A page with some comments, and a reader who is known there; for tests of writing comments."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments import tokens
from shop.comments.models import Comment
from shop.content.models import Page
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api

SECRET: Final = "a secret of thirty-two characters"
CREATE: Final = """
mutation ($input: CommentCreateInput!) {
  commentCreate(input: $input) {
    status comment { id authorName bodyHtml depth isStaff parent { id } } errors { field code }
  }
}
"""


async def article(session: AsyncSession, slug: str = "hair", **changes: Any) -> Page:
    """A page that takes comments."""
    kind = await make.page_type(session, slug=f"article-{slug}")
    values: dict[str, Any] = {"published_at": clock.now() - timedelta(days=1), "metadata": {"comments": "open"}}
    return await make.page(session, slug=slug, title="Hair", kind=kind, **values | changes)


async def stored(api: Api, comment_id: str) -> Comment:
    """A comment as it is stored."""
    key = ids.decode_int(comment_id, "Comment")
    return await api.database.run(lambda session: session.get_one(Comment, key, populate_existing=True))


@dataclass(frozen=True, slots=True)
class Scene:
    """Global IDs: a page, a draft, a page without comments; a comment elsewhere, one that waits, the deepest."""

    page: str
    draft: str
    closed: str
    elsewhere: str
    waits: str
    deepest: str

    @classmethod
    async def laid_out(cls, api: Api) -> "Scene":
        """Everything is there."""

        async def rows(session: AsyncSession) -> Scene:
            page = await article(session)
            draft = await article(session, "draft", is_published=False)
            closed = await article(session, "closed", metadata={"comments": "closed"})
            other = await article(session, "other")
            known: dict[str, Any] = {"author_name": "Example reader A", "email": "reader@example.com"}
            above = await make.comment(session, page, **known)
            for _ in range(4):
                above = await make.comment(session, page, parent=above)
            elsewhere = await make.comment(session, other, body="Said elsewhere.")
            waits = await make.comment(session, page, status="PENDING")
            return cls(
                page=ids.encode("Page", page.id),
                draft=ids.encode("Page", draft.id),
                closed=ids.encode("Page", closed.id),
                elsewhere=ids.encode("Comment", elsewhere.id),
                waits=ids.encode("Comment", waits.id),
                deepest=ids.encode("Comment", above.id),
            )

        return await api.database.run(rows)

    async def create(self, api: Api, *, token: str | None = None, **changes: Any) -> dict[str, Any]:
        """The payload of a comment by the known reader, but for what is changed; `@name` is something of the scene."""
        now = clock.now()
        page = ids.decode_int(self.page, "Page")
        other = ids.decode_int(self.closed, "Page")
        named = {f"@{name}": getattr(self, name) for name in type(self).__dataclass_fields__} | {
            "@now": tokens.form_token(SECRET, page, now=now),
            "@yesterday": tokens.form_token(SECRET, page, now=now - timedelta(hours=25)),
            "@other page": tokens.form_token(SECRET, other, now=now - timedelta(minutes=1)),
        }
        values: dict[str, Any] = {
            "page": self.page,
            "authorName": "Example reader A",
            "email": "Reader@Example.com",
            "body": "Some words.",
            "formToken": tokens.form_token(SECRET, page, now=now - timedelta(minutes=1)),
            **changes,
        }
        sent = {name: named.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
        reply = await api(CREATE, {"input": sent}, token=token, headers={"User-Agent": "Example browser 1"})
        payload: dict[str, Any] = reply.data["commentCreate"]
        return payload

    async def newest(self, api: Api) -> Comment:
        """The comment that was stored last."""
        statement = select(Comment).order_by(Comment.id.desc()).limit(1).execution_options(populate_existing=True)

        async def read(session: AsyncSession) -> Comment:
            return (await session.scalars(statement)).one()

        return await api.database.run(read)

    async def count(self, api: Api, table: str) -> int:
        """How many rows the table has."""

        async def read(session: AsyncSession) -> int:
            return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())

        return await api.database.run(read)
