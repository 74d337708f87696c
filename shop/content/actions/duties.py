"""What the policy of a page's type finds, in the page and in its translations, and what a writer lets pass."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.errors import DutyNotMet
from shop.content.rules.policy import Article, Finding, findings, translation_findings
from shop.kit.errors import Invalid, Many
from shop.translations.queries import TRANSLATIONS_OF_ROWS

_LONGEST_REASON: Final = 1000
_ARTICLE: Final = tuple(field.name for field in fields(Article))


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and why what the policy finds is published all the same."""

    user_id: int | None = None
    override_reason: str | None = None


async def found_in_translations(session: AsyncSession, policies: Mapping[int, str | None]) -> dict[int, list[Finding]]:
    """What the policies of these pages find in their translations, by page. No statement where none has a policy."""
    found: dict[int, list[Finding]] = defaultdict(list)
    if watched := sorted(key for key, policy in policies.items() if policy is not None):
        for row in await session.execute(TRANSLATIONS_OF_ROWS, {"kind": "page", "ids": watched}):
            found[row.row_id] += translation_findings(policies[row.row_id], row.language, row.texts)
    return found


def found_in_page(policy: str | None, page: Mapping[str, Any], now: datetime) -> list[Finding]:
    """What the policy finds in the page's own columns."""
    return findings(policy, Article(**{name: page[name] for name in _ARTICLE}), now.date())


def let_pass(found: Iterable[Finding], writer: Writer) -> tuple[Sequence[Finding], str | None]:
    """What was found and the writer lets pass, with the reason. Raises: Many of DutyNotMet, Invalid."""
    reason = (writer.override_reason or "").strip() or None
    if reason is not None and len(reason) > _LONGEST_REASON:
        raise Invalid(f"At most {_LONGEST_REASON} characters fit here.", field="overrideReason")
    told = list(found)
    if told and reason is None:
        raise Many(
            [
                DutyNotMet(each.duty, each.message, field=each.field, path=each.path, language=each.language)
                for each in told
            ]
        )
    return told, reason if told else None
