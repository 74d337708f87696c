"""A voucher is used by an order: counted where nobody can pass its limit, and written down; and given back."""

import uuid
from typing import Final

from sqlalchemy import Boolean, Integer, Text, Uuid, bindparam, delete, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.errors import VoucherNotApplicable
from shop.discounts.models import Redemption, Voucher, VoucherCode
from shop.discounts.rules import email_digest

# A check before it would let rivals pass together: the row's own lock makes them queue, and each sees the last count.
_COUNT: Final = (
    update(Voucher)
    .where(
        Voucher.id == bindparam("voucher_id", type_=Integer),
        or_(Voucher.usage_limit.is_(None), Voucher.used < Voucher.usage_limit),
    )
    .values(used=Voucher.used + 1)
    .returning(Voucher.single_use, Voucher.apply_once_per_customer)
    .execution_options(synchronize_session=False)
)
_SPEND: Final = (
    update(VoucherCode)
    .where(VoucherCode.id == bindparam("code_id", type_=Uuid()), VoucherCode.is_active)
    .values(used=VoucherCode.used + 1, is_active=not_(bindparam("single_use", type_=Boolean)))
    .returning(VoucherCode.id)
    .execution_options(synchronize_session=False)
)
_NOTE: Final = (
    insert(Redemption)
    .values(
        voucher_id=bindparam("voucher_id", type_=Integer),
        code_id=bindparam("code_id", type_=Uuid()),
        purchase_key=bindparam("purchase_key", type_=Uuid()),
        user_id=bindparam("user_id", type_=Integer),
        email_digest=bindparam("email_digest", type_=Text),
        once_per_customer=bindparam("once_per_customer", type_=Boolean),
    )
    .on_conflict_do_nothing()
    .returning(Redemption.id)
)
_USE: Final = select(Redemption.voucher_id).where(Redemption.purchase_key == bindparam("purchase_key", type_=Uuid()))
_UNCOUNT: Final = (
    update(Voucher)
    .where(Voucher.id == bindparam("voucher_id", type_=Integer))
    .values(used=Voucher.used - 1)
    .returning(Voucher.single_use)
    .execution_options(synchronize_session=False)
)
_FORGET: Final = (
    delete(Redemption)
    .where(Redemption.purchase_key == bindparam("purchase_key", type_=Uuid()))
    .returning(Redemption.code_id)
    .execution_options(synchronize_session=False)
)
# A code that is no longer for single use was never spent, and stays as staff left it.
_UNSPEND: Final = (
    update(VoucherCode)
    .where(VoucherCode.id == bindparam("code_id", type_=Uuid()))
    .values(
        used=VoucherCode.used - 1,
        is_active=or_(VoucherCode.is_active, bindparam("single_use", type_=Boolean)),
    )
    .execution_options(synchronize_session=False)
)


async def redeem(
    session: AsyncSession,
    *,
    voucher_id: int,
    code_id: uuid.UUID,
    purchase_key: uuid.UUID,
    user_id: int | None,
    email: str,
) -> None:
    """The voucher has one use more, by this purchase and this customer; a code for single use is spent.

    Locks: the voucher, its code. Raises: VoucherNotApplicable when the limit is reached, the code is spent, or the
    customer was served before.
    """
    counted = (await session.execute(_COUNT, {"voucher_id": voucher_id})).one_or_none()
    if counted is None:
        raise VoucherNotApplicable("The voucher has been used up.", field="voucherCode")
    spent = await session.execute(_SPEND, {"code_id": code_id, "single_use": counted.single_use})
    if spent.one_or_none() is None:
        raise VoucherNotApplicable("The voucher's code has been used.", field="voucherCode")
    noted = await session.execute(
        _NOTE,
        {
            "voucher_id": voucher_id,
            "code_id": code_id,
            "purchase_key": purchase_key,
            "user_id": user_id,
            "email_digest": email_digest(email),
            "once_per_customer": counted.apply_once_per_customer,
        },
    )
    if noted.one_or_none() is None:
        raise VoucherNotApplicable("The voucher works once for each customer, and has been used.", field="voucherCode")


async def release(session: AsyncSession, purchase_key: uuid.UUID) -> None:
    """The voucher that this purchase used, if any, has one use more again; its customer may use it anew.

    Locks: the purchase is the caller's; the voucher, its code.
    """
    voucher_id = await session.scalar(_USE, {"purchase_key": purchase_key})
    if voucher_id is None:
        return
    single_use = (await session.execute(_UNCOUNT, {"voucher_id": voucher_id})).scalar_one_or_none()
    # Neither is there when somebody has deleted the voucher in the meantime.
    code_id = (await session.execute(_FORGET, {"purchase_key": purchase_key})).scalar_one_or_none()
    if code_id is not None:
        await session.execute(_UNSPEND, {"code_id": code_id, "single_use": single_use})
