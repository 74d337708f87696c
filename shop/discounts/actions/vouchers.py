"""Making vouchers, and giving them codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.actions.targets import Targets, aim
from shop.discounts.models import Voucher, VoucherCode, VoucherListing
from shop.discounts.rules import check_dates, check_value, clean_code
from shop.kit.countries import NAMES
from shop.kit.errors import Invalid

_LONGEST_CODE: Final = 255


@dataclass(frozen=True, slots=True)
class NewListing:
    """What a voucher is worth in a channel. Units: percent, or an amount of the channel's currency."""

    channel_id: int
    currency: str
    value: Decimal
    minimum_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """A voucher as its owner describes it."""

    codes: Sequence[str]
    listings: Sequence[NewListing]
    name: str | None = None
    type: str = "ENTIRE_ORDER"
    value_type: str = "PERCENTAGE"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int | None = None
    apply_once_per_order: bool = False
    apply_once_per_customer: bool = False
    single_use: bool = False
    only_for_staff: bool = False
    minimum_quantity: int | None = None
    countries: Sequence[str] = ()
    targets: Targets = field(default_factory=Targets)


async def create_voucher(session: AsyncSession, new: NewVoucher, *, now: datetime, complete: bool = True) -> int:
    """The voucher exists with its codes, and works where it is listed. The answer: its key.

    `complete`: nothing will be added to it later, so that it must have what it works with.
    Raises: Invalid, with UNIQUE for a code that exists already; NotFound for goods.
    """
    if not new.codes:
        raise Invalid("A voucher needs a code.", field="addCodes", code="REQUIRED")
    check_codes(new.codes)
    if complete:
        _check_complete(new)
    for listing in new.listings:
        check_value(new.value_type, listing.value, listing.currency)
        if listing.minimum_amount is not None and listing.minimum_amount < 0:
            raise Invalid("A minimum cannot be negative.", field="minAmountSpent")
    if new.type != "SPECIFIC_PRODUCT" and new.targets:
        raise Invalid("Only a voucher of the type SPECIFIC_PRODUCT is for single goods.", field="type")
    voucher = Voucher(
        name=new.name,
        type=new.type,
        value_type=new.value_type,
        apply_once_per_order=new.apply_once_per_order,
        apply_once_per_customer=new.apply_once_per_customer,
        single_use=new.single_use,
        only_for_staff=new.only_for_staff,
        usage_limit=new.usage_limit,
        minimum_quantity=new.minimum_quantity,
        countries=sorted(set(new.countries)),
        starts_at=new.starts_at or now,
        ends_at=new.ends_at,
    )
    check_terms(voucher)
    session.add(voucher)
    await session.flush()
    await add_codes(session, voucher.id, new.codes)
    rows = [
        {
            "voucher_id": voucher.id,
            "channel_id": listing.channel_id,
            "currency": listing.currency,
            "value": listing.value,
            "minimum_amount": listing.minimum_amount,
        }
        for listing in new.listings
    ]
    if rows:
        await session.execute(insert(VoucherListing), rows)
    await aim(session, new.targets, voucher_id=voucher.id)
    return voucher.id


async def add_codes(session: AsyncSession, voucher_id: int, codes: Sequence[str]) -> None:
    """The voucher works by these codes too. Raises: Invalid, with UNIQUE for a code that exists already."""
    if not codes:
        return
    check_codes(codes)
    taken = select(VoucherCode.code).where(func.lower(VoucherCode.code).in_([clean_code(code) for code in codes]))
    used = sorted((await session.execute(taken)).scalars())
    if not used:
        clean = [code.strip() for code in codes]
        rows = [{"voucher_id": voucher_id, "code": code} for code in clean]
        statement = insert_or_skip(VoucherCode).values(rows).on_conflict_do_nothing().returning(VoucherCode.code)
        # What somebody else has taken since is not among them.
        used = sorted(set(clean) - set((await session.execute(statement)).scalars()))
    if used:
        message = f"There is a voucher with the code {used[0]} already."
        raise Invalid(message, field="addCodes", code="UNIQUE", params={"voucher_codes": used})


def check_terms(voucher: Voucher) -> None:
    """What is wrong with a voucher in itself. Raises: Invalid."""
    check_dates(voucher.starts_at, voucher.ends_at)
    for name, number in (
        ("usageLimit", voucher.usage_limit),
        ("minCheckoutItemsQuantity", voucher.minimum_quantity),
    ):
        if number is not None and number < 1:
            raise Invalid("The number has to be 1 or more.", field=name)
    if unknown := sorted(set(voucher.countries) - NAMES.keys()):
        raise Invalid(f"There is no country {unknown[0]}.", field="countries")


def check_codes(given: Sequence[str]) -> None:
    """Nothing is wrong with the codes in themselves. Raises: Invalid."""
    codes = [clean_code(code) for code in given]
    if not all(codes):
        raise Invalid("A code cannot be empty.", field="addCodes", code="REQUIRED")
    if too_long := [code for code in given if len(code) > _LONGEST_CODE]:
        message = f"A code has at most {_LONGEST_CODE} characters."
        raise Invalid(message, field="addCodes", params={"voucher_codes": too_long})
    if twice := sorted({code.strip() for code in given if codes.count(clean_code(code)) > 1}):
        message = "A code is given twice."
        raise Invalid(message, field="addCodes", code="DUPLICATED_INPUT_ITEM", params={"voucher_codes": twice})


def _check_complete(new: NewVoucher) -> None:
    if not new.listings:
        raise Invalid("A voucher needs a channel in which it is worth something.", field="channels", code="REQUIRED")
    if new.type == "SPECIFIC_PRODUCT" and not new.targets:
        raise Invalid(
            "A voucher for single goods needs to know which: products, variants, collections or categories.",
            field="products",
            code="REQUIRED",
        )
