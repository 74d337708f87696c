"""How long the next attempt has to wait after so many, of passwords, mails and promo codes; decided from numbers alone.

A storefront's server asks for all its shoppers from one address, and so does an office behind one line: an address
alone is allowed far more than an account, and whoever has logged in from there before does not wait for what others do
there. Nor do they for what strangers try on their account from elsewhere. Every wait decays, attempt by attempt.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FORGOTTEN_AFTER: Final = timedelta(days=1)
# For so long an account is known at an address.
KNOWN_FOR: Final = timedelta(days=30)
KNOWN: Final = "known:"


@dataclass(frozen=True, slots=True)
class Guard:
    """One counter. Shapes: `free` attempts do not wait; from then on each waits twice as long as the one before.

    `one_forgotten_in`: how long until one attempt less is remembered; None: all are, until a day without any.
    """

    key: str
    free: int
    longest: timedelta
    one_forgotten_in: timedelta | None = None


def pause(failures: int, guard: Guard) -> timedelta:
    """How long after so many attempts nobody may try again."""
    beyond = failures - guard.free
    return timedelta(0) if beyond <= 0 else min(guard.longest, timedelta(seconds=2 ** min(beyond, 20)))


def counted(failures: int, guard: Guard) -> int:
    """How many attempts count after one more: at most what the longest wait takes, so that a long attack decays."""
    longest = int(guard.longest.total_seconds())
    return min(failures + 1, guard.free + (longest - 1).bit_length())


def remembered(failures: int, last_at: datetime, guard: Guard, now: datetime) -> tuple[int, datetime]:
    """How many attempts still count, and the moment up to which others have been forgotten."""
    if last_at < now - FORGOTTEN_AFTER:
        return 0, now
    if guard.one_forgotten_in is None:
        return failures, now
    forgotten = max(0, (now - last_at) // guard.one_forgotten_in)
    # What is left of the time counts towards the next one, however often somebody tries meanwhile.
    return (failures - forgotten, last_at + forgotten * guard.one_forgotten_in) if forgotten < failures else (0, now)


def guessing(email: str, address: str) -> list[Guard]:
    """The counters of guessing a password: of the account from this address, of the account, of the address.

    The first is the only one for an account that is known at the address.
    """
    who = _short(email)
    guards = [
        Guard(f"password:{who}:{_short(address)}", 5, timedelta(minutes=5), timedelta(minutes=10)),
        Guard(f"password:{who}", 20, timedelta(seconds=60), timedelta(minutes=3)),
    ]
    if address:
        guards.append(Guard(f"password:@{_short(address)}", 100, timedelta(seconds=60), timedelta(seconds=36)))
    return guards


def known_key(email: str, address: str) -> str | None:
    """By which it is remembered that the account has logged in from there; None where nobody knows from where."""
    return f"{KNOWN}{_short(email)}:{_short(address)}" if address else None


def mailing(kind: str, email: str, address: str) -> list[Guard]:
    """The counters of mails that anybody can have sent to an e-mail: nobody's mailbox is filled through us."""
    guards = [Guard(f"{kind}:{_short(email)}", 3, timedelta(hours=1))]
    if address:
        guards.append(Guard(f"{kind}:@{_short(address)}", 100, timedelta(minutes=5)))
    return guards


def trying_codes(cart: str, address: str, *, per_cart: int, per_address_hourly: int) -> list[Guard]:
    """The counters of promo codes that do not apply: of the cart, and of the address.

    Carts are free to make, so that the address must count; and since it may be a storefront's server, through which
    every shopper comes, it forgets as fast as shoppers may mistype.
    """
    hour = timedelta(hours=1)
    # Both keep their failures when a code was right: with a good code nobody wipes out what was tried before.
    guards = [Guard(f"code:@cart:{_short(cart)}", per_cart, timedelta(minutes=5))]
    if address:
        guards.append(
            Guard(f"code:@{_short(address)}", per_address_hourly, timedelta(seconds=60), hour / per_address_hourly)
        )
    return guards


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
