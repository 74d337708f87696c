"""Who buys and where it goes: e-mail and addresses."""

import uuid
from typing import Final

from sqlalchemy import Integer, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import TEXTS, PostalAddress
from shop.accounts.models import Address
from shop.checkout.actions.locked import change, lock
from shop.checkout.actions.reserve import keep_stock
from shop.checkout.rules import Actor, Cart, clean_email
from shop.kit.db import new_values, send

SHIPPING: Final = "SHIPPING"
BILLING: Final = "BILLING"

_new: Final = new_values(Address, (*TEXTS, "metadata_public"))
_INSERT: Final = insert(Address).values(_new).returning(Address.id)
_UPDATE: Final = update(Address).where(Address.id == bindparam("address_id", type_=Integer)).values(_new)


async def set_email(session: AsyncSession, checkout_id: uuid.UUID, email: str, *, actor: Actor) -> Cart:
    """The confirmation goes there. Locks: purchase, checkout. Raises: CheckoutNotFound, Invalid (REQUIRED, INVALID)."""
    cart = await lock(session, checkout_id, actor)
    return await change(session, cart, email=clean_email(email))


async def set_address(
    session: AsyncSession, checkout_id: uuid.UUID, kind: str, address: PostalAddress, *, save: bool = True, actor: Actor
) -> Cart:
    """The address, checked by the caller, is the checkout's SHIPPING or BILLING one: a row of the checkout's own.

    The checkout is taxed where the goods go, without such a place where the bill goes. Locks: purchase, checkout.
    Raises: CheckoutNotFound.
    """
    cart = await lock(session, checkout_id, actor)
    before = cart.shipping_address_id if kind == SHIPPING else cart.billing_address_id
    if before is None:
        address_id = await store(session, address)
    else:
        address_id = before
        await send(session, _UPDATE, address_id=before, **_values(address))
    if kind == SHIPPING:
        values = {"shipping_address_id": address_id, "save_shipping_address": save, "country": address.country}
    else:
        country = address.country if cart.shipping_address_id is None else cart.country
        values = {"billing_address_id": address_id, "save_billing_address": save, "country": country}
    changed = await change(session, cart, **values)
    if changed.country != cart.country:
        # Other warehouses may serve it now.
        await keep_stock(session, changed)
    return changed


async def store(session: AsyncSession, address: PostalAddress) -> int:
    """The id of a new row with the address, in nobody's address book."""
    [[address_id]] = await send(session, _INSERT, **_values(address))
    return int(address_id)


def _values(address: PostalAddress) -> dict[str, object]:
    texts = {f"new_{name}": getattr(address, name) for name in TEXTS}
    return texts | {"new_metadata_public": dict(address.metadata)}
