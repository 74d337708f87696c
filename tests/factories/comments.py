"""Comments."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments.models import Comment
from shop.comments.rules import digest
from shop.content.models import Page
from shop.kit import clock
from tests.factories.catalogue import serial


async def comment(
    session: AsyncSession,
    page: Page,
    *,
    parent: Comment | None = None,
    status: str = "APPROVED",
    author_name: str = "Example reader",
    email: str | None = None,
    body: str | None = None,
    website: str | None = None,
    is_staff: bool = False,
    user_id: int | None = None,
    address: str | None = None,
    agent: str | None = None,
    created_at: datetime | None = None,
) -> Comment:
    """A comment that everybody sees; with `parent`, an answer to it."""
    gone = status == "DELETED"
    body = "" if gone else body or f"Words number {serial()}."
    row = Comment(
        page_id=page.id,
        path=[*parent.path, parent.id] if parent else [],
        status=status,
        author_name="" if gone else author_name,
        email=None if gone else email or f"reader-{serial()}@example.com",
        website=website,
        body=body,
        digest=digest(body) if body else None,
        is_staff=is_staff,
        user_id=user_id,
        address=address,
        agent=agent,
        created_at=created_at or clock.now(),
    )
    session.add(row)
    await session.flush()
    return row
