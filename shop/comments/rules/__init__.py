"""What comments are made of, whether a page takes any, and which of them are held. Decided from values alone."""

from shop.comments.rules.spam import Reason, Signals, Verdict, digest, holds_word, judge, links
from shop.comments.rules.switch import Discussion, Policy, closes_at, is_open, policy_of
from shop.comments.rules.text import (
    DEEPEST,
    LONGEST_BODY,
    LONGEST_NAME,
    LONGEST_STORED,
    cleaned,
    excerpt,
    initials,
    name_of,
    plain,
    rendered,
    shade,
    truncated,
    website_of,
)

__all__ = [
    "DEEPEST",
    "LONGEST_BODY",
    "LONGEST_NAME",
    "LONGEST_STORED",
    "Discussion",
    "Policy",
    "Reason",
    "Signals",
    "Verdict",
    "cleaned",
    "closes_at",
    "digest",
    "excerpt",
    "holds_word",
    "initials",
    "is_open",
    "judge",
    "links",
    "name_of",
    "plain",
    "policy_of",
    "rendered",
    "shade",
    "truncated",
    "website_of",
]
