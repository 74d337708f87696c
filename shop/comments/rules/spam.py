"""What gives a comment away: nothing is asked of people, and nobody is refused whom a person has not looked at."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from shop.comments.rules.switch import Policy
from shop.comments.rules.text import plain

# Nobody reads a form, thinks and types in less.
_TOO_FAST: Final = timedelta(seconds=3)
_LINK: Final = re.compile(r"(?:https?:)?//\S|\bwww\.\S", re.IGNORECASE)


class Reason(StrEnum):
    """Why a comment was not shown at once."""

    TRAP = "TRAP"
    NO_FORM = "NO_FORM"
    OLD_FORM = "OLD_FORM"
    TOO_FAST = "TOO_FAST"
    LINKS = "LINKS"
    WORDS = "WORDS"
    REPEATED = "REPEATED"
    FIRST_COMMENT = "FIRST_COMMENT"
    ALL_ARE_HELD = "ALL_ARE_HELD"


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a comment that comes in.

    `form_age`: since when its author had the form; None where its token is not the form's or too old.
    """

    in_trap: bool
    has_form: bool
    form_age: timedelta | None
    links: int
    has_held_word: bool
    is_repeated: bool
    is_known_author: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a comment, and why."""

    status: str
    reasons: tuple[Reason, ...] = ()


def judge(signals: Signals, policy: Policy) -> Verdict:
    """What only a program fills in is spam; whatever else looks odd waits for a person; the rest is shown."""
    if signals.in_trap:
        return Verdict("SPAM", (Reason.TRAP,))
    found = {
        Reason.NO_FORM: not signals.has_form,
        Reason.OLD_FORM: signals.has_form and signals.form_age is None,
        Reason.TOO_FAST: signals.form_age is not None and signals.form_age < _TOO_FAST,
        Reason.LINKS: signals.links > policy.most_links,
        Reason.WORDS: signals.has_held_word,
        Reason.REPEATED: signals.is_repeated,
        Reason.FIRST_COMMENT: not signals.is_known_author,
        Reason.ALL_ARE_HELD: policy.holds_all,
    }
    reasons = tuple(reason for reason, holds in found.items() if holds)
    return Verdict("PENDING" if reasons else "APPROVED", reasons)


def links(*texts: str) -> int:
    """How many addresses are in the texts, as links or as they are typed."""
    return sum(len(_LINK.findall(text)) for text in texts)


def holds_word(words: tuple[str, ...], *texts: str) -> bool:
    """Whether one of the words stands in the texts by itself, whatever its case."""
    text = "\n".join(texts).casefold()
    return any(re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", text) for word in words)


def digest(body: str) -> str:
    """What a body is recognised by, however it is spaced, punctuated or written large."""
    said = "".join(sign for sign in plain(body).casefold() if sign.isalnum())
    return hashlib.sha256((said or body).encode()).hexdigest()
