"""Clinics that can be booked: resources with hours, services on variants."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.models import (
    CancellationPolicy,
    CancellationTier,
    Resource,
    RoleResource,
    Service,
    ServiceRole,
    WeeklyWindow,
)
from shop.channels.models import Channel
from tests.factories.catalogue import product, product_type, serial, variant

EVERY_DAY = range(1, 8)


async def resource(
    session: AsyncSession,
    kind: str = "PRACTITIONER",
    *,
    hours: Sequence[tuple[str, str]] = (("09:00", "17:00"),),
    days: Collection[int] = EVERY_DAY,
    timezone: str = "UTC",
    **more: Any,
) -> Resource:
    """A practitioner, room or device, there at these hours of these days."""
    number = serial()
    made = Resource(
        **({"kind": kind, "name": f"Example {kind.lower()} {number}", "slug": f"{kind.lower()}-{number}"} | more),
        timezone=timezone,
    )
    session.add(made)
    await session.flush()
    for day in days:
        session.add_all(
            WeeklyWindow(resource_id=made.id, weekday=day, opens=opens, closes=closes) for opens, closes in hours
        )
    await session.flush()
    return made


async def service(
    session: AsyncSession,
    channel: Channel,
    *roles: Sequence[Resource],
    price: str = "60.00",
    duration: int = 60,
    step: int = 30,
    **more: Any,
) -> Service:
    """A service on a new variant that needs one resource of each role; without roles, of a new practitioner's."""
    needed = roles or ([await resource(session)],)
    kind = await product_type(session, is_shipping_required=False)
    treatment = await product(session, channel, type=kind)
    sold = await variant(session, channel, product=treatment, price=price, stock=None, track_inventory=False)
    made = Service(variant_id=sold.id, duration_min=duration, step_min=step, **more)
    session.add(made)
    await session.flush()
    for position, resources in enumerate(needed):
        role = ServiceRole(service_id=made.id, name=f"role-{position}", kind=resources[0].kind, position=position)
        session.add(role)
        await session.flush()
        session.add_all(
            RoleResource(role_id=role.id, resource_id=one.id, kind=one.kind, sort_order=order)
            for order, one in enumerate(resources)
        )
    await session.flush()
    return made


async def cancellation_policy(
    session: AsyncSession, *tiers: tuple[int, str], fee: str | None = None, currency: str = "USD", no_show: str = "0"
) -> CancellationPolicy:
    """A policy of tiers: minutes of notice, and the percentage that goes back."""
    number = serial()
    made = CancellationPolicy(
        name=f"Policy {number}",
        slug=f"policy-{number}",
        fee_amount=None if fee is None else Decimal(fee),
        fee_currency=None if fee is None else currency,
        no_show_percent=Decimal(no_show),
    )
    session.add(made)
    await session.flush()
    session.add_all(
        CancellationTier(policy_id=made.id, min_notice_min=notice, percent=Decimal(percent))
        for notice, percent in tiers
    )
    await session.flush()
    return made
