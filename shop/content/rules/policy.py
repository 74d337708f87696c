"""What pages of a type must hold to be published. There is one policy: the duty of who writes about medicine.

An article of it says who wrote it, who with which training reviewed it and when that is due again, what is approved,
what the site earns by it, that it is no advice, before it offers anything, and where its claims can be read. Risky
phrases are found too. What was found can be published all the same for a reason, which is kept with the revision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, Final

from shop.content.rules.citations import citations
from shop.content.rules.document import KINDS, texts
from shop.content.rules.inline import plain
from shop.content.rules.phrases import risky_phrases

MEDICAL_DUTY: Final = "MEDICAL_DUTY"
POLICIES: Final = (MEDICAL_DUTY,)
_MEDICAL_TYPE: Final = "medical-article"
# What pages are written in that are no translation.
_OWN_LANGUAGE: Final = "en"


class Duty(Enum):
    """What an article lacks, or says too much of."""

    DISCLAIMER_MISSING = "disclaimer_missing"
    DISCLAIMER_AFTER_OFFER = "disclaimer_after_offer"
    AUTHOR_MISSING = "author_missing"
    REVIEWER_MISSING = "reviewer_missing"
    REVIEWER_CREDENTIALS_MISSING = "reviewer_credentials_missing"
    LAST_REVIEWED_MISSING = "last_reviewed_missing"
    LAST_REVIEWED_IN_FUTURE = "last_reviewed_in_future"
    REVIEW_DUE_MISSING = "review_due_missing"
    REVIEW_OVERDUE = "review_overdue"
    REFERENCE_MISSING = "reference_missing"
    REGULATORY_STATUS_MISSING = "regulatory_status_missing"
    CONFLICT_OF_INTEREST_MISSING = "conflict_of_interest_missing"
    RISKY_PHRASE = "risky_phrase"


class ReviewStatus(Enum):
    """How far readers can rely on somebody having checked an article."""

    NOT_REVIEWED = "not_reviewed"
    REVIEWED = "reviewed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Finding:
    """What keeps a page from being published: the input field, and within the content the place.

    `language`: of the translation that it is about, where it is not the page itself.
    """

    duty: Duty
    message: str
    field: str
    path: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What a policy looks at."""

    title: str
    content: Mapping[str, Any] | None = None
    seo_title: str | None = None
    seo_description: str | None = None
    author_name: str | None = None
    reviewer_name: str | None = None
    reviewer_credentials: str | None = None
    last_reviewed: date | None = None
    review_due: date | None = None
    regulatory_status: str | None = None
    conflict_of_interest: str | None = None


def default_policy(page_type_slug: str) -> str | None:
    """The policy of a new page type that nobody chose one for."""
    return MEDICAL_DUTY if page_type_slug == _MEDICAL_TYPE else None


def review_status(
    policy: str | None, reviewer_name: str | None, last_reviewed: date | None, review_due: date | None, today: date
) -> ReviewStatus | None:
    """Whether the page was reviewed, and the review still holds; None where nobody needs to review it."""
    if policy != MEDICAL_DUTY and last_reviewed is None:
        return None
    if reviewer_name is None or last_reviewed is None:
        return ReviewStatus.NOT_REVIEWED
    return ReviewStatus.OVERDUE if review_due is not None and review_due <= today else ReviewStatus.REVIEWED


def findings(policy: str | None, article: Article, today: date) -> list[Finding]:
    """What keeps a page with this policy from being published; nothing where there is no policy."""
    if policy != MEDICAL_DUTY:
        return []
    return [*_people(article), *_review(article, today), *_content(article), *_phrases(article, _OWN_LANGUAGE)]


def translation_findings(policy: str | None, language: str, texts: Mapping[str, Any]) -> list[Finding]:
    """What keeps these texts of a page from being shown in a language; what they leave out readers see untranslated."""
    if policy != MEDICAL_DUTY:
        return []
    article = Article(
        title=texts.get("title") or "",
        content=texts.get("content"),
        seo_title=texts.get("seo_title"),
        seo_description=texts.get("seo_description"),
    )
    content = _content(article) if article.content is not None else ()
    return [replace(each, language=language) for each in (*content, *_phrases(article, language))]


def _people(article: Article) -> Iterator[Finding]:
    if not _said(article.author_name):
        yield Finding(Duty.AUTHOR_MISSING, "Readers must know who wrote the article.", "authorName")
    if not _said(article.reviewer_name):
        yield Finding(Duty.REVIEWER_MISSING, "A professional must have reviewed the article.", "reviewerName")
    elif not _said(article.reviewer_credentials):
        yield Finding(
            Duty.REVIEWER_CREDENTIALS_MISSING, "Readers must know the reviewer's training.", "reviewerCredentials"
        )
    if not _said(article.regulatory_status):
        yield Finding(
            Duty.REGULATORY_STATUS_MISSING,
            "The article must say what is approved where, or that it is investigational.",
            "regulatoryStatus",
        )
    if not _said(article.conflict_of_interest):
        yield Finding(
            Duty.CONFLICT_OF_INTEREST_MISSING,
            "The article must say what this site earns by its subject: that it sells consultations, say.",
            "conflictOfInterest",
        )


def _review(article: Article, today: date) -> Iterator[Finding]:
    if article.last_reviewed is None:
        yield Finding(Duty.LAST_REVIEWED_MISSING, "The day of the last review is needed.", "lastReviewed")
    elif article.last_reviewed > today:
        yield Finding(Duty.LAST_REVIEWED_IN_FUTURE, "The last review lies in the future.", "lastReviewed")
    if article.review_due is None:
        yield Finding(Duty.REVIEW_DUE_MISSING, "The day of the next review is needed.", "reviewDue")
    elif article.review_due <= today:
        yield Finding(Duty.REVIEW_OVERDUE, "The next review is overdue.", "reviewDue")


def _content(article: Article) -> Iterator[Finding]:
    disclaimer = offer = None
    cited = False
    blocks = (article.content or {}).get("blocks")
    for at, block in enumerate(blocks if isinstance(blocks, list) else []):
        kind, data = (str(block.get("type")), block.get("data")) if isinstance(block, dict) else ("", None)
        if not isinstance(data, dict) or kind not in KINDS:
            continue
        product = KINDS[kind].product
        if kind == "disclaimer" and disclaimer is None and plain(str(data.get("text", ""))):
            disclaimer = at
        elif product is not None and offer is None and product(data):
            offer = at
        elif kind == "references":
            cited = cited or any(work.doi or work.pmid for work in citations(data))
    if disclaimer is None:
        yield Finding(Duty.DISCLAIMER_MISSING, "A disclaimer block is needed.", "content", "blocks")
    elif offer is not None and offer < disclaimer:
        yield Finding(
            Duty.DISCLAIMER_AFTER_OFFER,
            "The disclaimer must stand before the first call to book or buy.",
            "content",
            f"blocks[{disclaimer}]",
        )
    if not cited:
        yield Finding(
            Duty.REFERENCE_MISSING, "At least one work with a DOI or PMID must be cited.", "content", "blocks"
        )


def _phrases(article: Article, language: str) -> Iterator[Finding]:
    for field, text in (
        ("title", article.title),
        ("seo", article.seo_title or ""),
        ("seo", article.seo_description or ""),
    ):
        yield from (_risky(phrase, field, "") for phrase in risky_phrases(text, language))
    for path, html in texts(article.content):
        yield from (_risky(phrase, "content", path) for phrase in risky_phrases(plain(html), language))


def _risky(phrase: str, field: str, path: str) -> Finding:
    message = f"The article says {phrase!r}, or something like it: say what is known instead."
    return Finding(Duty.RISKY_PHRASE, message, field, path)


def _said(text: str | None) -> bool:
    return text is not None and bool(text.strip())
