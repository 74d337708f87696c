"""Address books: adding, changing and removing addresses, and which of them are the defaults."""

from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import TEXTS, PostalAddress
from shop.accounts.errors import AddressNotFound
from shop.accounts.models import Address, User

SHIPPING: Final = "SHIPPING"
BILLING: Final = "BILLING"
# Source: Saleor's limit, and what it does beyond it.
LONGEST_BOOK: Final = 100
_DEFAULTS: Final = {
    SHIPPING: User.default_shipping_address_id.key,
    BILLING: User.default_billing_address_id.key,
}


async def add_address(session: AsyncSession, user_id: int, address: PostalAddress, *, kind: str | None = None) -> int:
    """The address stands in the user's book, as the default of the kind where one is given. Returns its id.

    A book of a hundred loses its oldest address that is no default. Locks: the user.
    """
    defaults = await _lock(session, user_id)
    await _make_room(session, user_id, defaults)
    address_id = await _store(session, user_id, address)
    if kind is not None:
        await _set_default(session, user_id, kind, address_id)
    return address_id


async def change_address(
    session: AsyncSession, address_id: int, address: PostalAddress, *, owner_id: int | None
) -> int:
    """The address of the book is this one; its metadata are added to. Returns whose book it is.

    `owner_id`: only if it is this user's; None for staff. Raises: AddressNotFound, also for a copy in no book.
    """
    values = {**_texts(address), "metadata_public": Address.metadata_public.op("||")(dict(address.metadata))}
    statement = update(Address).where(*_in_book(address_id, owner_id)).values(values).returning(Address.user_id)
    found = (await session.execute(statement.execution_options(synchronize_session=False))).scalar_one_or_none()
    if found is None:
        raise AddressNotFound
    return found


async def remove_address(session: AsyncSession, address_id: int, *, owner_id: int | None) -> int:
    """The address is in no book any more, and nobody's default. Returns whose it was. Raises: AddressNotFound."""
    statement = delete(Address).where(*_in_book(address_id, owner_id)).returning(Address.user_id)
    found = (await session.execute(statement.execution_options(synchronize_session=False))).scalar_one_or_none()
    if found is None:
        raise AddressNotFound
    return found


async def make_default(session: AsyncSession, user_id: int, address_id: int, kind: str) -> None:
    """The address of the user's own book is the default of the kind. Locks: the user. Raises: AddressNotFound."""
    await _lock(session, user_id)
    # Shared with nobody who removes it: the default must not point at what is gone.
    owned = select(Address.id).where(*_in_book(address_id, user_id)).with_for_update(key_share=True)
    if (await session.execute(owned)).scalar_one_or_none() is None:
        raise AddressNotFound
    await _set_default(session, user_id, kind, address_id)


async def save_default(session: AsyncSession, user_id: int, address: PostalAddress, kind: str) -> None:
    """The user's default of the kind is this address: the present one is changed, or one is added. Locks: the user."""
    defaults = await _lock(session, user_id)
    present = defaults[kind]
    if present is not None:
        await change_address(session, present, address, owner_id=user_id)
        return
    await _make_room(session, user_id, defaults)
    await _set_default(session, user_id, kind, await _store(session, user_id, address))


async def keep_address(session: AsyncSession, user_id: int, address: PostalAddress, kind: str) -> None:
    """The address stands in the user's book, once, and is the default of its kind where there was none.

    Nobody's book, where the user is gone. Locks: the user.
    """
    try:
        defaults = await _lock(session, user_id)
    except AddressNotFound:
        return
    same = [getattr(Address, name) == text for name, text in _texts(address).items()]
    statement = select(Address.id).where(Address.user_id == user_id, *same).order_by(Address.id).limit(1)
    address_id = (await session.execute(statement)).scalar_one_or_none()
    if address_id is None:
        await _make_room(session, user_id, defaults)
        address_id = await _store(session, user_id, address)
    if defaults[kind] is None:
        await _set_default(session, user_id, kind, address_id)


def _in_book(address_id: int, owner_id: int | None) -> tuple[Any, ...]:
    mine = Address.user_id == owner_id if owner_id is not None else Address.user_id.is_not(None)
    return Address.id == address_id, mine


async def _lock(session: AsyncSession, user_id: int) -> dict[str, int | None]:
    """The user's defaults; nobody else changes the book's size or its defaults until the unit ends."""
    columns = (User.default_shipping_address_id, User.default_billing_address_id)
    # Not against orders and checkouts that only refer to the user.
    statement = select(*columns).where(User.id == user_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise AddressNotFound
    return {SHIPPING: row[0], BILLING: row[1]}


async def _make_room(session: AsyncSession, user_id: int, defaults: dict[str, int | None]) -> None:
    kept = [one for one in defaults.values() if one is not None]
    oldest = (
        select(Address.id)
        .where(Address.user_id == user_id, Address.id.not_in(kept))
        .order_by(Address.id.desc())
        .offset(LONGEST_BOOK - 1 - len(set(kept)))
    )
    await session.execute(delete(Address).where(Address.id.in_(oldest)).execution_options(synchronize_session=False))


async def _store(session: AsyncSession, user_id: int, address: PostalAddress) -> int:
    values = {**_texts(address), "user_id": user_id, "metadata_public": dict(address.metadata)}
    return (await session.execute(insert(Address).values(values).returning(Address.id))).scalar_one()


async def _set_default(session: AsyncSession, user_id: int, kind: str, address_id: int) -> None:
    values = {_DEFAULTS[kind]: address_id, "updated_at": func.now()}
    statement = update(User).where(User.id == user_id).values(values)
    await session.execute(statement.execution_options(synchronize_session=False))


def _texts(address: PostalAddress) -> dict[str, Any]:
    return {name: getattr(address, name) for name in TEXTS}
