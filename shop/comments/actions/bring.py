"""Comments that were made elsewhere, with the times and decisions of there. Nobody is mailed about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.rules import is_email, normalised_email
from shop.comments import rules
from shop.comments.errors import BadWebsite
from shop.comments.models import Comment

_LONGEST_AGENT = 200
_LONGEST_BODY = 40_000
_NAMELESS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Brought:
    """A comment as it may be stored. `path`: the comments above it, from the top."""

    page_id: int
    path: list[int]
    author_name: str
    body: str
    status: str
    created_at: datetime
    email: str | None
    website: str | None
    address: str | None
    agent: str | None
    is_staff: bool

    @classmethod
    def of(
        cls,
        *,
        page_id: int,
        path: Sequence[int],
        author_name: str,
        body: str,
        status: str,
        created_at: datetime,
        email: str = "",
        website: str = "",
        address: str = "",
        agent: str = "",
        is_staff: bool = False,
    ) -> "Brought | None":
        """The comment cleaned like one that is said here, what cannot be kept left out; None where it says nothing."""
        text = rules.cleaned(body[:_LONGEST_BODY])
        if not text or len(text) > _LONGEST_BODY:
            return None
        mail = normalised_email(email)
        try:
            site = rules.website_of(website)
        except BadWebsite:
            site = None
        return cls(
            page_id=page_id,
            path=list(path),
            author_name=rules.name_of(author_name)[: rules.LONGEST_NAME].strip() or _NAMELESS,
            body=text,
            status=status,
            created_at=created_at,
            email=mail if is_email(mail) else None,
            website=site,
            address=rules.truncated(address),
            agent=agent[:_LONGEST_AGENT] or None,
            is_staff=is_staff,
        )


async def bring(session: AsyncSession, comments: Sequence[Brought], *, now: datetime) -> list[int]:
    """The comments are stored; their ids, in the same order. Those who moderate see what waits, without a mail."""
    if not comments:
        return []
    rows: list[dict[str, Any]] = [
        {
            "page_id": one.page_id,
            "path": one.path,
            "author_name": one.author_name,
            "body": one.body,
            "status": one.status,
            "created_at": one.created_at,
            "updated_at": one.created_at,
            "email": one.email,
            "website": one.website,
            "address": one.address,
            "agent": one.agent,
            "is_staff": one.is_staff,
            "told_at": now,
        }
        for one in comments
    ]
    made = await session.scalars(insert(Comment).returning(Comment.id, sort_by_parameter_order=True), rows)
    return list(made)
