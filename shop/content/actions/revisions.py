"""The history of pages: a row for each write, whoever wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    Integer,
    Table,
    Text,
    any_,
    bindparam,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.models import Page, PageRevision
from shop.content.queries import SAID_BY_PAGE
from shop.content.rules.pages import RESTORED
from shop.content.rules.policy import Finding

_FIELDS: Final = func.jsonb_build_object(
    *(
        part
        for name in (*RESTORED, "published_at", "unpublished_at")
        for part in (literal(name, Text), getattr(Page, name))
    ),
    type_=JSONB,
)
_last = (
    select(
        PageRevision.number,
        PageRevision.slug,
        PageRevision.is_published,
        PageRevision.fields,
        PageRevision.attributes,
        PageRevision.findings,
        PageRevision.override_reason,
    )
    .where(PageRevision.page_id == Page.id)
    .order_by(PageRevision.number.desc())
    .limit(1)
    .lateral("last")
)
_REASON: Final = bindparam("override_reason", type_=Text)
_FINDINGS: Final = bindparam("findings", type_=JSONB)
_KEEP: Final = insert(cast("Table", PageRevision.__table__)).from_select(
    ["page_id", "number", "user_id", "slug", "is_published", "fields", "attributes", "findings", "override_reason"],
    select(
        Page.id,
        func.coalesce(_last.c.number, 0) + 1,
        bindparam("user_id", type_=Integer),
        Page.slug,
        Page.is_published,
        _FIELDS,
        SAID_BY_PAGE,
        _FINDINGS,
        _REASON,
    )
    .select_from(Page)
    .outerjoin(_last, true())
    .where(
        Page.id == any_(bindparam("ids", type_=ARRAY(Integer))),
        or_(
            # There is none, or it is from before attributes were kept.
            _last.c.attributes.is_(None),
            # What changed nothing is no write, unless something was let pass that was not before, or for a new reason.
            bindparam("is_write", type_=Boolean)
            & (
                (
                    _REASON.is_not(null())
                    & (_last.c.override_reason.is_distinct_from(_REASON) | _last.c.findings.is_distinct_from(_FINDINGS))
                )
                | _last.c.slug.is_distinct_from(Page.slug)
                | _last.c.is_published.is_distinct_from(Page.is_published)
                | _last.c.fields.is_distinct_from(_FIELDS)
                | _last.c.attributes.is_distinct_from(SAID_BY_PAGE)
            ),
        ),
    )
    .order_by(Page.id),
)


async def keep(
    session: AsyncSession,
    page_ids: Iterable[int],
    *,
    user_id: int | None = None,
    findings: Sequence[Finding] = (),
    override_reason: str | None = None,
) -> None:
    """The pages as they are now are the last of their revisions. Locks: the caller holds the pages' rows."""
    await session.execute(_KEEP, _values(page_ids, user_id, findings, override_reason) | {"is_write": True})


async def keep_first(session: AsyncSession, page_ids: Iterable[int]) -> None:
    """Pages without a history have one that begins with what they are now. Locks: as `keep`."""
    await session.execute(_KEEP, _values(page_ids, None, (), None) | {"is_write": False})


def _values(
    page_ids: Iterable[int], user_id: int | None, findings: Sequence[Finding], reason: str | None
) -> dict[str, Any]:
    told = [asdict(finding) | {"duty": finding.duty.name} for finding in findings]
    return {"ids": sorted(page_ids), "user_id": user_id, "findings": told, "override_reason": reason}
