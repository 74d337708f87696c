"""Tokens that clients hold: of offered slots, and of what a cancellation pays back. Opaque, signed, for one purpose."""

import base64
import binascii
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from shop.booking.errors import BadSlotToken, EntryNotFound, PolicyChanged
from shop.kit.keys import derive, sign, verify


@dataclass(frozen=True, slots=True)
class SlotKey:
    """What a slot's token stands for. Whether the slot can still be had is another question."""

    service_id: int
    resource_id: int
    start: datetime


def slot_token(secret: str, slot: SlotKey) -> str:
    """The token of a slot."""
    return _sealed(secret, "booking slot", f"{slot.service_id}.{slot.resource_id}.{int(slot.start.timestamp())}")


def slot_of(secret: str, token: str) -> SlotKey:
    """The slot that the token stands for. Raises: BadSlotToken."""
    text = _opened(secret, "booking slot", token)
    if text is None:
        raise BadSlotToken
    service_id, resource_id, start = text.split(".")
    return SlotKey(int(service_id), int(resource_id), datetime.fromtimestamp(int(start), UTC))


def quote_id(secret: str, booking_id: uuid.UUID, version: int, refund: Decimal) -> str:
    """The id of a cancellation's quote: so much for this booking as it is now."""
    return _sealed(secret, "booking quote", f"{booking_id.hex}/{version}/{refund}")


def quoted(secret: str, token: str, booking_id: uuid.UUID, version: int) -> Decimal:
    """What the quote promised for this booking. Raises: PolicyChanged for another booking or version."""
    text = _opened(secret, "booking quote", token)
    if text is None:
        raise PolicyChanged
    key, of_version, refund = text.split("/")
    try:
        if uuid.UUID(key) != booking_id or int(of_version) != version:
            raise PolicyChanged
        return Decimal(refund)
    except (ValueError, InvalidOperation):
        raise PolicyChanged from None


def entry_token(secret: str, entry_id: uuid.UUID) -> str:
    """Who waits and reads this in a mail may take what is offered to the entry, and leave."""
    return _sealed(secret, "waitlist entry", entry_id.hex)


def entry_of(secret: str, token: str) -> uuid.UUID:
    """The entry of the waiting list that the token opens. Raises: EntryNotFound."""
    text = _opened(secret, "waitlist entry", token)
    if text is None:
        raise EntryNotFound(field="token")
    return uuid.UUID(text)


def client_of(secret: str, *, user_id: int | None, address: str) -> str:
    """Who holds slots, for the cap on them: the user, or whoever comes from an address, without the address itself."""
    if user_id is not None:
        return f"user:{user_id}"
    return f"address:{sign(derive(secret, 'booking client'), address)[:22]}"


def _sealed(secret: str, purpose: str, text: str) -> str:
    signed = f"{text}|{sign(derive(secret, purpose), text)}"
    return base64.urlsafe_b64encode(signed.encode()).rstrip(b"=").decode()


def _opened(secret: str, purpose: str, token: str) -> str | None:
    if len(token) > 300:
        return None
    try:
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    text, _, signature = signed.rpartition("|")
    return text if verify(derive(secret, purpose), text, signature) else None
