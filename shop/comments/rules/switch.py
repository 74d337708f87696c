"""Whether a page takes comments, and how strictly they are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say about comments."""

    page_types: frozenset[str]
    close_after: timedelta | None
    most_links: int
    held_words: tuple[str, ...]
    holds_all: bool


def policy_of(settings: Settings) -> Policy:
    """The settings as the rules read them."""
    days = settings.comments_close_after_days
    return Policy(
        page_types=frozenset(settings.comments_page_types),
        close_after=timedelta(days=days) if days else None,
        most_links=settings.comments_most_links,
        held_words=settings.comments_held_words,
        holds_all=settings.comments_hold_all,
    )


@dataclass(frozen=True, slots=True)
class Discussion:
    """What decides about a page's comments."""

    page_type: str
    published_at: datetime | None
    metadata: Mapping[str, str]


def closes_at(page: Discussion, policy: Policy) -> datetime | None:
    """When the clock closes the page's comments; None where it never does."""
    if policy.close_after is None or page.published_at is None:
        return None
    return page.published_at + policy.close_after


def is_open(page: Discussion, policy: Policy, *, now: datetime) -> bool:
    """Whether visitors may comment on the page, which they can read.

    The page's own public metadata decides first: `comments` is `open` or `closed`. Else its type must be one that takes
    comments, and it must not have been published too long ago.
    """
    switch = page.metadata.get("comments")
    if switch in {"open", "closed"}:
        return switch == "open"
    if page.page_type not in policy.page_types:
        return False
    closes = closes_at(page, policy)
    return closes is None or now < closes
