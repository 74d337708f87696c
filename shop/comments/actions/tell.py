"""Mails about comments: to who moderates that some wait, to who was answered, and whether they want that at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shop.accounts.queries import shop_name, staff_mailboxes
from shop.comments import rules, tokens
from shop.comments.models import Comment, Subscription
from shop.comments.queries import CONTACT, UNTOLD
from shop.content.models import Page
from shop.jobs import enqueue
from shop.kit import ids
from shop.mail.actions import queue_mail

# However many comments come in, who moderates gets a mail that often at most.
_PAUSE = timedelta(minutes=10)
_SHOWN = 20


async def tell_soon(session: AsyncSession, *, now: datetime) -> None:
    """In some minutes those who moderate are told of what waits by then; while that is planned, nothing more is."""
    await enqueue(session, "comments.tell", {}, queue="mail", key="comments.tell", run_at=now + _PAUSE)


async def tell_moderators(session: AsyncSession, *, base_url: str | None, now: datetime) -> None:
    """One mail tells of all comments that wait and were not told of; it lists the first, with their IDs in the API.

    It goes to staff that holds MANAGE_COMMENTS, without any to the shop's contact e-mail. Locks: the comments.
    """
    found = (await session.execute(UNTOLD)).all()
    if not found:
        return
    moderators = [email for _, email in await staff_mailboxes(session, ["MANAGE_COMMENTS"])]
    moderators = moderators or list((await session.execute(CONTACT)).scalars())
    context = {
        "shop_name": await shop_name(session),
        "count": len(found),
        "comments": [
            {
                "id": ids.encode("Comment", row.id),
                "author": row.author_name,
                "page": row.title,
                "excerpt": rules.excerpt(row.body),
                "url": f"{base_url}/moderation?comment={quote(ids.encode('Comment', row.id))}" if base_url else None,
            }
            for row in found[:_SHOWN]
        ],
        "more": max(len(found) - _SHOWN, 0),
        "url": f"{base_url}/moderation" if base_url else None,
    }
    for email in moderators:
        key = f"comments-waiting:{found[-1].id}:{email}"
        await queue_mail(session, dedupe_key=key, recipient=email, template="comments-waiting", context=context)
    told = update(Comment).where(Comment.id.in_([row.id for row in found])).values(told_at=now)
    await session.execute(told.execution_options(synchronize_session=False))


async def tell_of_answer(
    session: AsyncSession, comment_ids: Sequence[int], *, secret: str, base_url: str, now: datetime
) -> None:
    """Of comments that are shown from now on: who was answered is told, and who wants to be told is asked to agree.

    Nobody is mailed before: whoever types a stranger's e-mail has to get past a person first.
    """
    if not comment_ids:
        return
    parent, own, theirs = aliased(Comment), aliased(Subscription), aliased(Subscription)
    statement = (
        select(
            Comment.id,
            Comment.author_name,
            Comment.body,
            Comment.email,
            Page.slug,
            Page.title,
            own.id.label("asks"),
            own.asked_at,
            theirs.id.label("tells"),
            theirs.email.label("recipient"),
        )
        .join(Page, Page.id == Comment.page_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .outerjoin(own, and_(own.page_id == Page.id, own.email == Comment.email, own.confirmed_at.is_(None)))
        .outerjoin(
            theirs,
            and_(
                theirs.page_id == Page.id,
                theirs.email == parent.email,
                theirs.email.is_distinct_from(Comment.email),
                theirs.confirmed_at.is_not(None),
            ),
        )
        .where(Comment.id.in_(comment_ids), or_(own.id.is_not(None), theirs.id.is_not(None)))
        .order_by(Comment.id)
    )
    rows = (await session.execute(statement)).all()
    name = await shop_name(session) if rows else ""
    for row in rows:
        context: dict[str, Any] = {"shop_name": name, "page": row.title}
        if row.tells is not None:
            unsubscribe = _link(base_url, "unsubscribe", tokens.unsubscribe_token(secret, row.tells))
            await queue_mail(
                session,
                dedupe_key=f"comment-answer:{row.id}",
                recipient=row.recipient,
                template="comment-answer",
                context=context
                | {
                    "author": row.author_name,
                    "excerpt": rules.excerpt(row.body),
                    "url": f"{base_url}/pages/{quote(row.slug)}#comment-{row.id}",
                    "unsubscribe_url": unsubscribe,
                },
                unsubscribe_url=unsubscribe,
            )
        if row.asks is not None:
            await queue_mail(
                session,
                # One for each time that it is asked for anew.
                dedupe_key=f"comment-confirm:{row.asks}:{row.asked_at.isoformat()}",
                recipient=row.email,
                template="comment-confirm",
                context=context | {"url": _link(base_url, "confirm", tokens.confirm_token(secret, row.asks, now=now))},
            )


def _link(base_url: str, path: str, token: str) -> str:
    return f"{base_url}/comments/{path}?token={quote(token)}"
