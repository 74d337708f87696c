"""Changing vouchers: their terms, codes, goods, and what they are worth in each channel; and deleting them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.discounts.actions.targets import Targets, aim, aim_away, aim_no_more
from shop.discounts.actions.vouchers import add_codes, check_terms
from shop.discounts.errors import VoucherNotFound, VoucherUsed
from shop.discounts.models import Voucher, VoucherCode, VoucherListing
from shop.discounts.rules import check_value
from shop.kit.errors import Invalid, NotFound
from shop.pricing.rules import round_money


@dataclass(frozen=True, slots=True)
class VoucherChange:
    """What becomes of a voucher. Shapes: `terms` are columns of `Voucher`; of `targets`, kinds that are None stay."""

    terms: Mapping[str, Any] = field(default_factory=dict)
    codes: Sequence[str] = ()
    targets: Targets = field(default_factory=Targets)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a voucher is to be worth in a channel. Shapes: no `value`: as before; `keeps_minimum`: that stays."""

    channel_id: int
    value: Decimal | None
    minimum_amount: Decimal | None = None
    keeps_minimum: bool = False


async def update_voucher(session: AsyncSession, voucher_id: int, change: VoucherChange) -> None:
    """The voucher is as wished; one that is no longer for single goods forgets which they were.

    Locks: the voucher. Raises: VoucherNotFound, VoucherUsed, Invalid, NotFound for goods.
    """
    voucher = await _locked(session, voucher_id)
    terms = change.terms
    if terms.get("single_use", voucher.single_use) != voucher.single_use and voucher.used:
        raise VoucherUsed("Whether codes work once cannot be changed after the first use.", "singleUse")
    limit = terms.get("usage_limit", voucher.usage_limit)
    if limit is not None and limit < voucher.used:
        raise VoucherUsed(f"The voucher has been used {voucher.used} times already.", "usageLimit")
    for name, value in terms.items():
        setattr(voucher, name, value)
    check_terms(voucher)
    for listing in await _listings(session, voucher_id):
        check_value(voucher.value_type, listing.value, listing.currency)
    if voucher.type != "SPECIFIC_PRODUCT":
        if change.targets:
            raise Invalid("Only a voucher of the type SPECIFIC_PRODUCT is for single goods.", field="type")
        await aim_no_more(session, voucher_id=voucher_id)
    else:
        await aim(session, change.targets, voucher_id=voucher_id, instead=True)
    await session.flush()
    await add_codes(session, voucher_id, change.codes)


async def add_targets(session: AsyncSession, voucher_id: int, targets: Targets) -> None:
    """The voucher is about these goods too. Locks: the voucher. Raises: VoucherNotFound, Invalid, NotFound."""
    await _check_single_goods(session, voucher_id)
    await aim(session, targets, voucher_id=voucher_id)


async def remove_targets(session: AsyncSession, voucher_id: int, targets: Targets) -> None:
    """The voucher is not about these goods any more. As `add_targets`."""
    await _check_single_goods(session, voucher_id)
    await aim_away(session, targets, voucher_id=voucher_id)


async def _check_single_goods(session: AsyncSession, voucher_id: int) -> None:
    if (await _locked(session, voucher_id)).type != "SPECIFIC_PRODUCT":
        raise Invalid("Only a voucher of the type SPECIFIC_PRODUCT is for single goods.", field="id")


async def delete_voucher(session: AsyncSession, voucher_id: int) -> None:
    """The voucher is gone with its codes; orders keep what it took off. Locks: the voucher. Raises: VoucherNotFound."""
    await session.delete(await _locked(session, voucher_id))
    await session.flush()


async def list_voucher(session: AsyncSession, voucher_id: int, add: Sequence[Worth], remove: Sequence[int]) -> None:
    """The voucher is worth so much in these channels, and nothing in those. Locks: the voucher.

    Raises: VoucherNotFound; NotFound or Invalid with `channel_keys`.
    """
    voucher = await _locked(session, voucher_id)
    wanted = [one.channel_id for one in add]
    if twice := sorted({key for key in wanted if (wanted + list(remove)).count(key) > 1}):
        raise _about(twice, Invalid, "A channel is given twice.", "addChannels", "DUPLICATED_INPUT_ITEM")
    rows = await session.execute(select(Channel.id, Channel.currency).where(Channel.id.in_([*wanted, *remove])))
    currencies: dict[int, str] = {row.id: row.currency for row in rows}
    for name, keys in (("addChannels", wanted), ("removeChannels", remove)):
        if strange := sorted(set(keys) - currencies.keys()):
            raise _about(strange, NotFound, "There is no such channel.", name)
    before = {listing.channel_id: listing for listing in await _listings(session, voucher_id)}
    for one in add:
        listed, currency = before.get(one.channel_id), currencies[one.channel_id]
        if one.value is None and listed is None:
            key = [one.channel_id]
            raise _about(key, Invalid, "What is it worth there?", "discountValue", "REQUIRED")
        value = one.value if one.value is not None else listed.value if listed is not None else Decimal(0)
        check_value(voucher.value_type, value, currency)
        minimum = listed.minimum_amount if one.keeps_minimum and listed is not None else one.minimum_amount
        if minimum is not None and minimum != round_money(minimum, currency):
            raise Invalid(f"{minimum} is no amount of {currency}.", field="minAmountSpent")
        values = {"value": value, "minimum_amount": minimum, "currency": currency}
        await session.execute(
            insert(VoucherListing)
            .values(voucher_id=voucher_id, channel_id=one.channel_id, **values)
            .on_conflict_do_update(index_elements=["voucher_id", "channel_id"], set_=values)
        )
    await session.execute(
        delete(VoucherListing).where(VoucherListing.voucher_id == voucher_id, VoucherListing.channel_id.in_(remove))
    )


async def delete_codes(session: AsyncSession, code_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """These codes are gone, or none is: the answer is which of them there are not.

    What was used stays counted. Locks: their vouchers, by id.
    """
    rows = await session.execute(select(VoucherCode.id, VoucherCode.voucher_id).where(VoucherCode.id.in_(code_ids)))
    found = {row.id: row.voucher_id for row in rows}
    if missing := [code_id for code_id in code_ids if code_id not in found]:
        return missing
    await session.execute(
        select(Voucher.id).where(Voucher.id.in_(set(found.values()))).order_by(Voucher.id).with_for_update()
    )
    await session.execute(delete(VoucherCode).where(VoucherCode.id.in_(code_ids)))
    return []


async def _locked(session: AsyncSession, voucher_id: int) -> Voucher:
    found = await session.get(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise VoucherNotFound
    return found


async def _listings(session: AsyncSession, voucher_id: int) -> Sequence[VoucherListing]:
    return (await session.scalars(select(VoucherListing).where(VoucherListing.voucher_id == voucher_id))).all()


def _about(
    channels: Sequence[int], kind: type[Invalid | NotFound], message: str, name: str, code: str | None = None
) -> Invalid | NotFound:
    return kind(message, field=name, code=code, params={"channel_keys": list(channels)})
