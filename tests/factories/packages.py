"""Packages of sessions, what is left of them, and visits; rows that no action has checked."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.booking.actions.entitlements import SoldPackage, grant
from shop.booking.models import Booking, Package, PackageService, Resource, Service
from shop.channels.models import Channel
from shop.kit.money import Money
from tests.factories.catalogue import product, product_type, variant


async def package(
    session: AsyncSession,
    channel: Channel,
    *services: Service,
    sessions: int = 3,
    price: str = "240.00",
    **columns: Any,
) -> Package:
    """A variant of its own that grants sessions for these services."""
    kind = await product_type(session, is_shipping_required=False)
    sold = await variant(session, channel, price=price, product=await product(session, channel, type=kind))
    made = Package(variant_id=sold.id, sessions=sessions, **columns)
    session.add(made)
    await session.flush()
    session.add_all(PackageService(package_id=made.id, service_id=one.id) for one in services)
    await session.flush()
    return made


async def entitlement(
    session: AsyncSession,
    package: Package,
    *,
    now: datetime,
    user: User | None = None,
    email: str | None = None,
    quantity: int = 1,
    paid: str = "240.00",
    currency: str = "USD",
    awaits_payment: bool = False,
) -> uuid.UUID:
    """What the user, or the guest of that e-mail, has after buying the package."""
    sold = SoldPackage(uuid.uuid4(), package.variant_id, "Package", quantity, Money(Decimal(paid), currency))
    (made,) = await grant(
        session,
        [sold],
        purchase_key=uuid.uuid4(),
        user_id=user.id if user else None,
        email=email or (user.email if user else "buyer@example.com"),
        awaits_payment=awaits_payment,
        now=now,
    )
    return made


async def visit(
    session: AsyncSession,
    service: Service,
    resource: Resource,
    start: datetime,
    *,
    user: User | None = None,
    minutes: int = 30,
    **columns: Any,
) -> Booking:
    """A confirmed booking that takes nobody's time."""
    given: dict[str, Any] = {
        "purchase_key": uuid.uuid4(),
        "user_id": user.id if user else None,
        "email": user.email if user else "buyer@example.com",
        "service_id": service.id,
        "resource_id": resource.id,
        "service_snapshot": {"name": "Consultation"},
        "policy_snapshot": {},
        "during": Range(start, start + timedelta(minutes=minutes), bounds="[)"),
        "local_start": start.replace(tzinfo=None),
        "timezone": "UTC",
        "tzdata_version": "2026.6",
        "status": "CONFIRMED",
        "currency": "USD",
        "price_amount": Decimal("90.00"),
        "deposit_amount": Decimal(0),
    }
    made = Booking(**(given | columns))
    session.add(made)
    await session.flush()
    return made
