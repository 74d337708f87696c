"""What a gift card's code looks like, when it can be spent and how cards share a price; decided from values alone."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from shop.kit.errors import Invalid
from shop.kit.money import ZERO, quantum

# Without letters and digits that look alike.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 16
_SHORTEST, _LONGEST = 8, 64
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Card:
    """What decides whether a card can be spent. Shapes: the columns of `queries.card_columns`, in their order."""

    id: int
    currency: str
    current_amount: Decimal
    expires_on: date | None
    is_active: bool
    user_id: int | None
    email: str | None


def new_code() -> str:
    """A code that nobody guesses: 80 random bits, in groups of four."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def clean_code(text: str) -> str:
    """The code as it is compared: people need not mind case, blanks and hyphens."""
    return re.sub(r"[\s-]", "", text).upper()


def check_code(text: str) -> str:
    """The code of one's own choice, cleaned. Raises: Invalid where it is too easy to guess, or endless."""
    code = clean_code(text)
    if not _SHORTEST <= len(code) <= _LONGEST:
        raise Invalid(f"A code has {_SHORTEST} to {_LONGEST} letters and digits.", field="code")
    return code


def digest(code: str) -> str:
    """What is stored of a code: enough to find its card."""
    return hashlib.sha256(clean_code(code).encode()).hexdigest()


def last_characters(code: str) -> str:
    """What people see of a code."""
    return clean_code(code)[-_SHOWN:]


def check_amount(amount: Decimal, currency: str) -> Decimal:
    """A balance that a new card may have. Raises: Invalid."""
    if not re.fullmatch("[A-Z]{3}", currency):
        raise Invalid(f"{currency} is no currency: three letters, such as USD.", field="balance")
    if amount <= ZERO:
        raise Invalid("A gift card has to hold more than nothing.", field="balance")
    if amount % quantum(currency):
        raise Invalid(f"The amount has more decimals than {currency}.", field="balance")
    return amount


def refusal(card: Card, *, currency: str, user_id: int | None, email: str | None, today: date) -> str | None:
    """Why the card cannot pay for this buyer's purchase; None when it can."""
    if not card.is_active:
        return "This gift card is not active."
    if card.expires_on is not None and card.expires_on < today:
        return "This gift card has expired."
    if card.currency != currency:
        return f"This gift card holds {card.currency}."
    if card.current_amount <= ZERO:
        return "This gift card is used up."
    if not is_theirs(card, user_id, email):
        return "This gift card is another customer's."
    return None


def is_theirs(card: Card, user_id: int | None, email: str | None) -> bool:
    """Whether the buyer is who the card is for, by account or by e-mail; anybody, where nobody is named."""
    if card.user_id is not None:
        return card.user_id == user_id
    return card.email is None or (email is not None and card.email.lower() == email.lower())


def split(need: Decimal, balances: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What each card gives, in the order of the mapping; together no more than is needed."""
    shares: dict[int, Decimal] = {}
    for card_id, balance in balances.items():
        given = min(balance, need)
        if given > ZERO:
            shares[card_id] = given
            need -= given
    return shares
