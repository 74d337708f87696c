"""What becomes of comments when somebody has looked at them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments.actions.forget import nobodys
from shop.comments.actions.tell import tell_of_answer
from shop.comments.errors import CommentNotFound, IsDeleted
from shop.comments.models import Comment


class Decision(StrEnum):
    """What is decided, by the status that a comment has afterwards."""

    APPROVE = "APPROVED"
    REJECT = "REJECTED"
    SPAM = "SPAM"
    RESTORE = "PENDING"


async def moderate(
    session: AsyncSession,
    ids: Sequence[int],
    decision: Decision,
    *,
    user_id: int | None,
    secret: str,
    base_url: str,
    now: datetime,
) -> None:
    """The comments, all or none, have the status; one that had it already is left alone.

    Locks: the comments, by id. Raises: CommentNotFound, IsDeleted.
    """
    wanted = sorted(set(ids))
    locked = select(Comment.id, Comment.status).where(Comment.id.in_(wanted)).order_by(Comment.id).with_for_update()
    found = {row.id: row.status for row in await session.execute(locked)}
    if len(found) < len(wanted):
        raise CommentNotFound("ids")
    if "DELETED" in found.values():
        raise IsDeleted
    changed = [key for key, status in found.items() if status != decision.value]
    statement = (
        update(Comment)
        .where(Comment.id.in_(changed))
        .values(status=decision.value, moderated_at=now, moderated_by_id=user_id, updated_at=now)
    )
    await session.execute(statement.execution_options(synchronize_session=False))
    if decision is Decision.APPROVE:
        await tell_of_answer(session, changed, secret=secret, base_url=base_url, now=now)


async def delete_comment(
    session: AsyncSession, comment_id: int, *, user_id: int | None, by: int, now: datetime
) -> None:
    """Nothing of the comment is left but its place. `user_id`: whose it must be; None for who moderates; `by` did it.

    Locks: the comment. Raises: CommentNotFound.
    """
    statement = select(Comment.user_id, Comment.status).where(Comment.id == comment_id).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    if row is None or (user_id is not None and row.user_id != user_id):
        raise CommentNotFound
    if row.status != "DELETED":
        await nobodys(session, Comment.id == comment_id, now=now)
        await session.execute(
            update(Comment)
            .where(Comment.id == comment_id)
            .values(moderated_at=now, moderated_by_id=by)
            .execution_options(synchronize_session=False)
        )
