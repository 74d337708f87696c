"""What is known of a key."""

from typing import Final

from sqlalchemy import Interval, Text, bindparam, func, literal, select

from shop.idempotency.models import KeyedRequest

# A key is forgotten after a day, as Stripe does it; an attempt that never ended may be made again after a minute,
# which is longer than any request may take.
LIFE: Final = literal("24 hours").cast(Interval)
LEASE: Final = literal("1 minute").cast(Interval)

BY_ID: Final = select(
    KeyedRequest.fingerprint,
    KeyedRequest.status,
    KeyedRequest.sealed,
    (KeyedRequest.claimed_at < func.now() - LIFE).label("is_forgotten"),
    ((KeyedRequest.status == "RUNNING") & (KeyedRequest.claimed_at < func.now() - LEASE)).label("is_dead"),
).where(KeyedRequest.id == bindparam("key", type_=Text))
