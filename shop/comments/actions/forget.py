"""What is not kept: traces after some weeks, spam, e-mails that nobody confirmed, and everything of who has left."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shop.accounts.events import AccountDeleted
from shop.comments.models import Comment, Subscription
from shop.kit import clock

# As long as a comment may wait for a person, and its author's agreement for a look into the mailbox.
_UNCONFIRMED = timedelta(days=30)


async def forget(session: AsyncSession, *, traces: timedelta, now: datetime) -> None:
    """Addresses and programs of older comments are unknown, old spam is gone, and requests that nobody confirmed."""
    below = aliased(Comment)
    old = Comment.created_at < now - traces
    for statement in (
        update(Comment)
        .where(old, func.num_nonnulls(Comment.address, Comment.agent) > 0)
        .values(address=None, agent=None, updated_at=Comment.updated_at),
        delete(Comment).where(
            old, Comment.status == "SPAM", ~exists().where(below.parent_id == Comment.id).correlate(Comment)
        ),
        delete(Subscription).where(Subscription.confirmed_at.is_(None), Subscription.asked_at < now - _UNCONFIRMED),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def erase_author(session: AsyncSession, event: AccountDeleted) -> None:
    """Nothing is left of what the person said here, with the account or as a guest of the same e-mail."""
    mine = or_(Comment.user_id == event.user_id, Comment.email == event.email)
    await nobodys(session, mine, now=clock.now())
    statement = delete(Subscription).where(Subscription.email == event.email)
    await session.execute(statement.execution_options(synchronize_session=False))


async def nobodys(session: AsyncSession, which: ColumnElement[bool], *, now: datetime) -> None:
    """Of these comments only their places are left, for the answers below them; nobody is told of answers any more."""
    other = aliased(Comment)
    says_more = exists().where(
        other.page_id == Subscription.page_id, other.email == Subscription.email, other.status != "DELETED"
    )
    gone = (
        update(Comment)
        .where(which, Comment.status != "DELETED")
        .values(
            status="DELETED",
            author_name="",
            body="",
            user_id=None,
            email=None,
            website=None,
            address=None,
            agent=None,
            digest=None,
            updated_at=now,
        )
        .returning(Comment.page_id)
    )
    pages = set((await session.execute(gone.execution_options(synchronize_session=False))).scalars())
    statement = delete(Subscription).where(Subscription.page_id.in_(pages), ~says_more.correlate(Subscription))
    await session.execute(statement.execution_options(synchronize_session=False))
