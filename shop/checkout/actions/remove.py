"""The end of a checkout."""

import uuid
from typing import Final

from sqlalchemy import Integer, Uuid, any_, bindparam, delete
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import Address
from shop.checkout.models import Checkout
from shop.kit.db import send

_DELETE: Final = (
    delete(Checkout)
    .where(Checkout.id == bindparam("checkout_id", type_=Uuid()))
    .returning(Checkout.billing_address_id, Checkout.shipping_address_id)
)
_DELETE_ADDRESSES: Final = delete(Address).where(Address.id == any_(bindparam("ids", type_=ARRAY(Integer))))


async def remove(session: AsyncSession, checkout_id: uuid.UUID) -> bool:
    """The checkout is gone with its lines, deliveries and addresses; whether it was there.

    An order made of it has copies of its own. The caller holds the purchase's lock.
    """
    gone = await send(session, _DELETE, checkout_id=checkout_id)
    addresses = [address_id for row in gone for address_id in row if address_id is not None]
    if addresses:
        await send(session, _DELETE_ADDRESSES, ids=addresses)
    return bool(gone)
