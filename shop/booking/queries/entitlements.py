"""Reads of packages and of the sessions that people have left, for many keys at once."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, Select, Uuid, any_, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.models import Booking, Entitlement, EntitlementEntry, Hold, Package, PackageService, Service
from shop.booking.rules import HOLDING
from shop.kit.db import send
from shop.kit.money import Money
from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each

_ids: Final = bindparam("ids", type_=ARRAY(Uuid()))


@dataclass(frozen=True, slots=True)
class PackageRow:
    """What a variant grants. Shapes: the columns of `_PACKAGES`, in their order."""

    id: int
    variant_id: int
    sessions: int
    valid_days: int | None
    is_transferable: bool


@dataclass(frozen=True, slots=True)
class EntitlementRow:
    """Sessions that somebody has left. Shapes: the columns of `_ENTITLEMENT`, in their order."""

    id: uuid.UUID
    package_id: int
    user_id: int | None
    email: str
    name: str
    granted: int
    balance: int
    is_transferable: bool
    expires_at: datetime | None
    currency: str
    price_amount: Decimal
    purchase_key: uuid.UUID | None
    dispute: str | None
    seq: int

    @property
    def awaits_payment(self) -> bool:
        """Whether the order that they were bought with is still to be paid: nothing was granted yet."""
        return self.seq == 0

    @property
    def price(self) -> Money:
        """What was paid for all granted sessions together."""
        return Money(self.price_amount, self.currency)

    def is_over(self, at: datetime) -> bool:
        """Whether nothing can be spent any more for a visit at that time."""
        return self.expires_at is not None and self.expires_at <= at


_PACKAGES: Final = select(
    Package.id, Package.variant_id, Package.sessions, Package.valid_days, Package.is_transferable
).where(Package.variant_id == any_(bindparam("variant_ids", type_=ARRAY(Integer))), Package.is_active)

_ENTITLEMENT: Final = select(
    Entitlement.id,
    Entitlement.package_id,
    Entitlement.user_id,
    Entitlement.email,
    Entitlement.name,
    Entitlement.granted,
    Entitlement.balance,
    Entitlement.is_transferable,
    Entitlement.expires_at,
    Entitlement.currency,
    Entitlement.price_amount,
    Entitlement.purchase_key,
    Entitlement.dispute,
    Entitlement.seq,
).where(Entitlement.id == bindparam("id", type_=Uuid()))
# Carts that hold a visit against it only make sure that it is there: they need not wait, and cannot deadlock with us.
_ENTITLEMENT_LOCKED: Final = _ENTITLEMENT.with_for_update(key_share=True)

# Nothing was granted before the first entry.
_AWAITING_PAYMENT: Final = (
    select(Entitlement.id)
    .where(Entitlement.purchase_key == bindparam("key", type_=Uuid()), Entitlement.seq == 0)
    .order_by(Entitlement.id)
)

_COVERS: Final = select(
    exists().where(
        PackageService.package_id == bindparam("package_id", type_=Integer),
        PackageService.service_id == bindparam("service_id", type_=Integer),
    )
)

_HELD: Final = select(func.coalesce(func.sum(Hold.seats), 0)).where(
    Hold.entitlement_id == bindparam("id", type_=Uuid()),
    Hold.state == any_(bindparam("holding", value=sorted(HOLDING), type_=ARRAY(Hold.state.type))),
    Hold.id.is_distinct_from(bindparam("but", type_=Uuid())),
)

# What a booking has taken and not given back; at most one entitlement serves a booking.
_TAKEN_BY_BOOKING: Final = (
    select(
        EntitlementEntry.entitlement_id,
        -func.sum(EntitlementEntry.amount).label("outstanding"),
        func.bool_or(EntitlementEntry.kind == "FORFEIT").label("forfeited"),
    )
    .where(EntitlementEntry.booking_id == bindparam("booking_id", type_=Uuid()))
    .group_by(EntitlementEntry.entitlement_id)
)

# Sessions spent on visits that did take place, or still may, or were lost.
_USED: Final = select(func.coalesce(-func.sum(EntitlementEntry.amount), 0)).where(
    EntitlementEntry.entitlement_id == bindparam("id", type_=Uuid()), EntitlementEntry.booking_id.is_not(None)
)

# What of the price was paid back before, and what went with sessions that were handed on.
_GONE: Final = select(
    func.coalesce(
        select(func.sum(EntitlementEntry.value_amount))
        .where(EntitlementEntry.entitlement_id == bindparam("id", type_=Uuid()))
        .scalar_subquery(),
        0,
    )
    + func.coalesce(
        select(func.sum(Entitlement.price_amount))
        .where(Entitlement.transferred_from_id == bindparam("id", type_=Uuid()))
        .scalar_subquery(),
        0,
    )
)

_bought: Final = (
    select(Entitlement.id)
    .where(Entitlement.purchase_key == bindparam("key", type_=Uuid()))
    .cte("bought", recursive=True)
)
_OF_PURCHASE: Final = select(
    _bought.union(select(Entitlement.id).where(Entitlement.transferred_from_id == _bought.c.id)).c.id
)
_source: Final = (
    select(Entitlement.transferred_from_id, Entitlement.purchase_key)
    .where(Entitlement.id == bindparam("id", type_=Uuid()))
    .cte("source", recursive=True)
)
_PURCHASE_OF: Final = select(
    _source.union(
        select(Entitlement.transferred_from_id, Entitlement.purchase_key).where(
            Entitlement.id == _source.c.transferred_from_id
        )
    ).c.purchase_key
)
_VISITS: Final = (
    select(Booking.id).where(Booking.entitlement_id == any_(_ids)).order_by(func.lower(Booking.during), Booking.id)
)

# Labels are the private fields of `api.booking.entitlements.Entitlement`.
ENTITLEMENT_COLUMNS: Final[tuple[Any, ...]] = (
    Entitlement.id.label("pk"),
    Entitlement.package_id.label("package_id"),
    Entitlement.user_id.label("user_id"),
    Entitlement.email.label("owner_email"),
    Entitlement.name.label("name"),
    Entitlement.granted.label("granted"),
    Entitlement.balance.label("balance"),
    Entitlement.is_transferable.label("is_transferable"),
    Entitlement.expires_at.label("expires_at"),
    Entitlement.currency.label("currency"),
    Entitlement.price_amount.label("price_amount"),
    Entitlement.created_at.label("created"),
    Entitlement.dispute.label("dispute_name"),
    Entitlement.seq.label("seq"),
)
ENTITLEMENTS_BY_ID: Final = select(*ENTITLEMENT_COLUMNS).where(Entitlement.id == any_(_ids))
ENTRIES_BY_ENTITLEMENT: Final = (
    select(
        EntitlementEntry.entitlement_id.label("entitlement_id"),
        EntitlementEntry.id.label("pk"),
        EntitlementEntry.kind.label("kind_name"),
        EntitlementEntry.amount.label("amount"),
        EntitlementEntry.balance_after.label("balance_after"),
        EntitlementEntry.reason.label("reason"),
        EntitlementEntry.created_at.label("created"),
    )
    .where(EntitlementEntry.entitlement_id == any_(_ids))
    .order_by(EntitlementEntry.entitlement_id, EntitlementEntry.seq)
)
# The variants that the sessions can be spent on.
VARIANTS_BY_PACKAGE: Final = (
    select(PackageService.package_id.label("package_id"), Service.variant_id.label("variant_id"))
    .join(Service, Service.id == PackageService.service_id)
    .where(PackageService.package_id == any_(bindparam("package_ids", type_=ARRAY(Integer))), Service.is_active)
    .order_by(PackageService.package_id, Service.variant_id)
)

# Newest first; the id decides between two of one moment.
NEWEST_FIRST: Final = Keyset(Key(Entitlement.created_at, descending=True), Key(Entitlement.id, descending=True))


@lru_cache(maxsize=16)
def entitlements_page(shape: Shape) -> Select[Any]:
    """A page of everybody's entitlements; the sort values come last."""
    return NEWEST_FIRST.window(select(*ENTITLEMENT_COLUMNS), shape)


ENTITLEMENTS_COUNT: Final = select(func.count().label("total")).select_from(Entitlement)


@lru_cache(maxsize=16)
def users_entitlements_page(shape: Shape) -> Select[Any]:
    """A page of the entitlements of each user in `parents`; the user's id as `parent` last of all."""
    return NEWEST_FIRST.window_each(_of_user(select(*ENTITLEMENT_COLUMNS)), shape)


def _of_user(statement: Select[Any]) -> Select[Any]:
    return statement.where(Entitlement.user_id == PARENTS.c.id).correlate(PARENTS)


USERS_ENTITLEMENTS_COUNT: Final = count_each(_of_user(select(func.count().label("total")).select_from(Entitlement)))


async def packages_by_variant(session: AsyncSession, variant_ids: Collection[int]) -> dict[int, PackageRow]:
    """The active packages that these variants grant."""
    if not variant_ids:
        return {}
    rows = await send(session, _PACKAGES, variant_ids=sorted(set(variant_ids)))
    return {row["variant_id"]: PackageRow(*row) for row in rows}


async def entitlement(session: AsyncSession, id: uuid.UUID, *, lock: bool = False) -> EntitlementRow | None:
    """The entitlement, locked until the end of the unit where that is asked for."""
    rows = await send(session, _ENTITLEMENT_LOCKED if lock else _ENTITLEMENT, id=id)
    return EntitlementRow(*rows[0]) if rows else None


async def awaiting_payment(session: AsyncSession, purchase_key: uuid.UUID) -> list[uuid.UUID]:
    """What was sold with the purchase and grants its sessions once that is paid for."""
    return [row[0] for row in await send(session, _AWAITING_PAYMENT, key=purchase_key)]


async def covers(session: AsyncSession, package_id: int, service_id: int) -> bool:
    """Whether the package's sessions can be spent on the service."""
    (row,) = await send(session, _COVERS, package_id=package_id, service_id=service_id)
    return bool(row[0])


async def sessions_held(session: AsyncSession, id: uuid.UUID, *, but: uuid.UUID | None = None) -> int:
    """How many sessions carts hold of the entitlement; the hold `but` does not count."""
    (row,) = await send(session, _HELD, id=id, but=but)
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Taken:
    """What a booking has taken of an entitlement, and whether that is lost."""

    entitlement_id: uuid.UUID
    outstanding: int
    forfeited: bool


async def taken_by_booking(session: AsyncSession, booking_id: uuid.UUID) -> Taken | None:
    """What the booking has taken and not given back; None for one that was paid otherwise."""
    rows = await send(session, _TAKEN_BY_BOOKING, booking_id=booking_id)
    return Taken(rows[0]["entitlement_id"], int(rows[0]["outstanding"]), rows[0]["forfeited"]) if rows else None


async def sessions_used(session: AsyncSession, id: uuid.UUID) -> int:
    """How many sessions were spent on visits and did not come back."""
    (row,) = await send(session, _USED, id=id)
    return int(row[0])


async def value_gone(session: AsyncSession, found: EntitlementRow) -> Money:
    """What of the entitlement's price was paid back already, or is the price of sessions that were handed on."""
    (row,) = await send(session, _GONE, id=found.id)
    return Money(row[0], found.currency)


async def entitlements_of_purchase(session: AsyncSession, purchase_key: uuid.UUID) -> list[uuid.UUID]:
    """The sessions that were bought with a purchase, and those of them that were handed on."""
    return [row[0] for row in await send(session, _OF_PURCHASE, key=purchase_key)]


async def purchase_of_sessions(session: AsyncSession, id: uuid.UUID) -> uuid.UUID | None:
    """The purchase that paid for the sessions, by whomever they were bought; None for a gift of the house."""
    return next((row[0] for row in await send(session, _PURCHASE_OF, id=id) if row[0] is not None), None)


async def visits_of_sessions(session: AsyncSession, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """The bookings that were paid with these sessions."""
    return [row[0] for row in await send(session, _VISITS, ids=sorted(ids))]
