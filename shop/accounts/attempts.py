"""How long the next attempt has to wait after so many; decided from numbers alone.

A storefront's server asks for all its shoppers from one address, so an address alone is allowed far more than an
account; and what an account alone has to wait is short, so that nobody can lock its owner out by guessing.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Guard:
    """One counter. Shapes: `free` attempts do not wait; from then on each waits twice as long as the one before."""

    key: str
    free: int
    longest: timedelta


def pause(failures: int, guard: Guard) -> timedelta:
    """How long after so many attempts nobody may try again."""
    beyond = failures - guard.free
    return timedelta(0) if beyond <= 0 else min(guard.longest, timedelta(seconds=2 ** min(beyond, 20)))


def guessing(email: str, address: str) -> list[Guard]:
    """The counters of guessing a password: of the account from this address, of the account, of the address."""
    who = _short(email)
    guards = [
        Guard(f"password:{who}:{_short(address)}", 5, timedelta(minutes=5)),
        Guard(f"password:{who}", 20, timedelta(seconds=60)),
    ]
    if address:
        guards.append(Guard(f"password:@{_short(address)}", 100, timedelta(seconds=60)))
    return guards


def mailing(kind: str, email: str, address: str) -> list[Guard]:
    """The counters of mails that anybody can have sent to an e-mail: nobody's mailbox is filled through us."""
    guards = [Guard(f"{kind}:{_short(email)}", 3, timedelta(hours=1))]
    if address:
        guards.append(Guard(f"{kind}:@{_short(address)}", 100, timedelta(minutes=5)))
    return guards


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
