"""A new checkout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Text, bindparam, case, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import TEXTS, PostalAddress
from shop.accounts.models import Address, User
from shop.channels.models import Channel
from shop.checkout.actions.contact import store
from shop.checkout.actions.lines import NewLine, put
from shop.checkout.actions.reserve import keep_stock
from shop.checkout.actions.slots import Holder, hold
from shop.checkout.events import CheckoutCreated
from shop.checkout.models import Checkout
from shop.checkout.queries import carts, of
from shop.checkout.rules import Cart, clean_email
from shop.kit.db import new_values, send
from shop.kit.errors import Invalid, NotFound
from shop.kit.events import publish


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """What a checkout starts with; addresses are checked by the caller."""

    channel: str | None
    lines: Sequence[NewLine] = ()
    email: str | None = None
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    save_shipping_address: bool = True
    save_billing_address: bool = True
    language_code: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    private_metadata: Mapping[str, str] = field(default_factory=dict)
    redirect_url: str | None = None


_CHANNEL: Final = select(Channel.id, Channel.currency, Channel.default_country, Channel.is_active).where(
    Channel.slug == bindparam("slug", type_=Text)
)
_OWNER: Final = (
    select(
        User.email,
        User.language_code,
        case((Address.id == User.default_shipping_address_id, "SHIPPING"), else_="BILLING").label("kind"),
        (User.default_shipping_address_id == User.default_billing_address_id).label("both"),
        *(getattr(Address, name) for name in TEXTS),
        Address.metadata_public,
    )
    .outerjoin(
        Address, or_(Address.id == User.default_shipping_address_id, Address.id == User.default_billing_address_id)
    )
    .where(User.id == bindparam("user_id", type_=Integer))
)
_GIVEN: Final = (
    "channel_id",
    "currency",
    "country",
    "user_id",
    "email",
    "language_code",
    "redirect_url",
    "metadata_public",
    "metadata_private",
    "save_shipping_address",
    "save_billing_address",
    "shipping_address_id",
    "billing_address_id",
)
_INSERT: Final = insert(Checkout).values(new_values(Checkout, _GIVEN)).returning(Checkout.id)


async def create(
    session: AsyncSession, new: NewCheckout, *, user_id: int | None, now: datetime, holder: Holder | None = None
) -> Cart:
    """There is a checkout with these lines; a user's takes e-mail and default addresses from the user.

    Raises: Invalid (MISSING_CHANNEL_SLUG, CHANNEL_INACTIVE, and for the e-mail), NotFound for the channel, and as
    `add_lines` for the lines.
    """
    if not new.channel:
        raise Invalid("A checkout needs a channel.", field="channel", code="MISSING_CHANNEL_SLUG")
    found = await send(session, _CHANNEL, slug=new.channel)
    if not found:
        raise NotFound("There is no such channel.", field="channel")
    [[channel_id, currency, default_country, is_active]] = found
    if not is_active:
        raise Invalid("The channel is closed.", field="channel", code="CHANNEL_INACTIVE")
    email = None if new.email is None else clean_email(new.email)
    language = new.language_code
    shipping, billing = new.shipping_address, new.billing_address
    if user_id is not None:
        owner = await send(session, _OWNER, user_id=user_id)
        if owner:
            email = email or owner[0]["email"]
            language = language or owner[0]["language_code"]
            book = _book(owner)
            shipping = shipping or book.get("SHIPPING")
            billing = billing or book.get("BILLING")
    country = (shipping or billing or PostalAddress(country=default_country)).country
    given = {
        "channel_id": channel_id,
        "currency": currency,
        "country": country,
        "user_id": user_id,
        "email": email,
        "language_code": language or "EN",
        "redirect_url": new.redirect_url,
        "metadata_public": dict(new.metadata),
        "metadata_private": dict(new.private_metadata),
        "save_shipping_address": new.save_shipping_address,
        "save_billing_address": new.save_billing_address,
        "shipping_address_id": None if shipping is None else await store(session, shipping),
        "billing_address_id": None if billing is None else await store(session, billing),
    }
    [[checkout_id]] = await send(session, _INSERT, **{f"new_{name}": value for name, value in given.items()})
    cart = (await carts(of(session), [checkout_id]))[checkout_id]
    wanted = await put(session, cart, new.lines, now=now)
    if new.lines:
        await keep_stock(session, cart, {line.variant_id for line in new.lines})
        await hold(session, cart, wanted, holder, now=now)
    await publish(session, CheckoutCreated(checkout_id))
    return cart


def _book(owner: Sequence[Any]) -> dict[str, PostalAddress]:
    """The user's default addresses by what they are for."""
    book: dict[str, PostalAddress] = {}
    for row in owner:
        if row["country"] is None:
            continue
        address = PostalAddress(*row[4:])
        book[row["kind"]] = address
        if row["both"]:
            book["BILLING"] = address
    return book
