"""Comments that were read, brought in once: what becomes of them later is decided here."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments.actions.bring import Brought, bring
from shop.comments.models import Comment
from shop.comments.rules import DEEPEST
from shop.exchange.actions.records import known, remember
from shop.exchange.drafts import CommentDraft
from shop.exchange.report import Fate, Report


async def write_comments(
    session: AsyncSession,
    source: str,
    drafts: Sequence[tuple[int, CommentDraft]],
    report: Report,
    *,
    traces: timedelta,
    now: datetime,
) -> None:
    """The comments, with the pages they stand under, are here in their threads; those on record stay as they are.

    Where one came from that is older than `traces`, and with which program, is not kept: here it would be forgotten.
    An answer to one that was left out answers the next one above it; below the deepest level, the last one there.
    """
    if not drafts:
        return
    records = await known(session, source, "comment", (draft.key for _, draft in drafts))
    here = await _here(session, drafts)
    ids = [record.id for record in records.values() if record.id is not None]
    found = await session.execute(select(Comment.id, Comment.path).where(Comment.id.in_(ids)))
    paths = {row.id: list(row.path) for row in found}
    # The thread down to each comment, itself included; empty where there is none to answer.
    threads: dict[str, list[int]] = {
        key: [*paths[record.id], record.id] for key, record in records.items() if record.id in paths
    }
    report.count("comment", Fate.UNCHANGED, len(records))
    waiting = {draft.key: (page_id, draft) for page_id, draft in drafts if draft.key not in records}
    while waiting:
        # Answers follow what they answer; of a circle, which nobody made, everything stands at the top.
        level = {
            key: (page_id, draft) for key, (page_id, draft) in waiting.items() if draft.parent not in waiting
        } or dict(waiting)
        brought: list[Brought] = []
        keys: list[str] = []
        for key, (page_id, draft) in level.items():
            above = threads.get(draft.parent or "", [])[:DEEPEST]
            is_traced = draft.created_at >= now - traces
            one = Brought.of(
                page_id=page_id,
                path=above,
                author_name=draft.author_name,
                body=draft.body,
                status=draft.status,
                created_at=draft.created_at,
                email=draft.email,
                website=draft.website,
                address=draft.address if is_traced else "",
                agent=draft.agent if is_traced else "",
                is_staff=draft.is_staff,
            )
            if one is None:
                threads[key] = above
                report.count("comment", Fate.SKIPPED, reason="without any words")
            elif (same := here.get((one.page_id, one.created_at, one.author_name, one.body))) is not None:
                threads[key] = same
                report.count("comment", Fate.UNCHANGED)
            else:
                brought.append(one)
                keys.append(key)
        made = await bring(session, brought, now=now)
        for key, one, comment_id in zip(keys, brought, made, strict=True):
            threads[key] = [*one.path, comment_id]
        await remember(
            session, source, "comment", [(key, comment_id, None) for key, comment_id in zip(keys, made, strict=True)]
        )
        report.count("comment", Fate.CREATED, len(made))
        waiting = {key: value for key, value in waiting.items() if key not in level}


async def _here(
    session: AsyncSession, drafts: Sequence[tuple[int, CommentDraft]]
) -> dict[tuple[int, datetime, str, str], list[int]]:
    """The threads down to comments that were said here under these pages at these times, by what tells them apart."""
    found = await session.execute(
        select(Comment.id, Comment.path, Comment.page_id, Comment.created_at, Comment.author_name, Comment.body).where(
            Comment.page_id.in_({page_id for page_id, _ in drafts}),
            Comment.created_at.in_({draft.created_at for _, draft in drafts}),
        )
    )
    return {(row.page_id, row.created_at, row.author_name, row.body): [*row.path, row.id] for row in found}
