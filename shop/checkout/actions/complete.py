"""A checkout becomes an order, or its payment goes back: one or the other, under the purchase's lock."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Integer, Uuid, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import keep_address
from shop.booking.actions import Buyer
from shop.booking.actions.entitlements import SoldPackage, grant
from shop.booking.errors import SlotUnavailable
from shop.channels.models import Channel
from shop.checkout.actions.contact import BILLING, SHIPPING
from shop.checkout.actions.gift_cards import check_cards, pay_with_cards
from shop.checkout.actions.remove import remove
from shop.checkout.actions.slots import SoldSlot, book
from shop.checkout.actions.snapshot import Snapshot, SoldLine, snapshot
from shop.checkout.errors import CheckoutNotFound, NotFullyPaid, PaymentReturned, SlotRefused
from shop.checkout.models import Checkout
from shop.checkout.rules import Actor, may_touch
from shop.discounts.actions import redeem
from shop.jobs import enqueue
from shop.kit import clock
from shop.kit.db import lock_purchase
from shop.kit.errors import ShopError, Unavailable
from shop.kit.money import ZERO, Money
from shop.mail.actions import queue_mail
from shop.orders.actions import NewDiscount, NewLine, NewOrder, place
from shop.orders.models import Order
from shop.orders.queries import order_of_checkout, shop_name
from shop.payments.actions import raise_alert, request
from shop.payments.events import TransactionChanged
from shop.payments.models import Transaction
from shop.payments.queries import TransactionRow, given_back_because, transactions_of_purchase
from shop.stock.actions import allocate
from shop.stock.rules import Demand

# The reason of a wish that gives a payment back, once per transaction.
CANNOT_COMPLETE: Final = "cannot-complete"
ORDER_PLACED: Final = "order-placed"
SLOT_LOST: Final = "slot-lost"
_HUNDRED: Final = Decimal(100)
# A client on Saleor's path completes by itself, with its own metadata: it has the first word.
_CLIENTS_TURN: Final = timedelta(seconds=10)


_UNPAID_ORDERS: Final = select(Channel.allow_unpaid_orders).where(Channel.id == bindparam("channel_id", type_=Integer))


@dataclass(frozen=True, slots=True)
class Completion:
    """Who completes and how. `metadata` is added to the order's; `automatic`: nobody asked, the payment did."""

    actor: Actor
    automatic: bool = False
    metadata: Mapping[str, str] | None = None
    redirect_url: str | None = None
    order_url: str | None = None


async def complete(session: AsyncSession, checkout_id: uuid.UUID, how: Completion, *, now: datetime) -> uuid.UUID:
    """The checkout's order, made now or before: the same one for every caller.

    Money is charged or authorised in full, stock is promised, the checkout is gone, its addresses are in the buyer's
    book, and a payment that is still open will be ended. Locks: purchase → checkout → voucher → gift cards →
    stock → entitlements → as `hold_slots` → user. Raises: CheckoutNotFound, NotFullyPaid, PaymentReturned,
    GiftCardNotApplicable, and all that `snapshot`, `redeem` and `allocate` raise.
    """
    await lock_purchase(session, checkout_id)
    existing = await order_of_checkout(session, checkout_id)
    if existing is not None:
        if not may_touch(how.actor, existing.user_id):
            raise CheckoutNotFound
        return existing.id
    found = await snapshot(session, checkout_id, now=now, actor=how.actor)
    transactions = await transactions_of_purchase(session, checkout_id)
    counted = [one for one in transactions if one.currency == found.cart.currency]
    charged = sum((one.charged_amount for one in counted), ZERO)
    authorized = sum((one.authorized_amount for one in counted), ZERO)
    # What is due at the visit is not missing now.
    open_amount = max(found.totals.total.gross - sum(found.later.values(), ZERO) - charged - authorized, ZERO)
    from_cards = min(open_amount, found.cart.gift_cards_amount or ZERO)
    covered = from_cards == open_amount
    if not covered and found.cart.gift_cards_amount is not None:
        await check_cards(session, found.cart, now=now)
    # Who pays in parts has not said yet that this is all: only a person turns an unpaid checkout into an order.
    if not covered and (
        how.automatic or not await session.scalar(_UNPAID_ORDERS, {"channel_id": found.cart.channel_id})
    ):
        raise NotFullyPaid if how.automatic else await _unpaid(session, transactions)
    new = _order_of(found, how, charged=charged + from_cards, authorized=authorized)
    placed = await place(session, new)
    if found.deal.voucher is not None:
        await redeem(
            session,
            voucher_id=found.deal.voucher.voucher_id,
            code_id=found.deal.voucher.code_id,
            purchase_key=checkout_id,
            user_id=found.cart.user_id,
            email=found.email,
        )
    if from_cards:
        await pay_with_cards(session, found.cart, from_cards, email=found.email, order_id=placed.id, now=now)
    await allocate(
        session,
        [
            Demand(line.id, line.variant_id, line.quantity)
            for line, sold in zip(new.lines, found.lines, strict=True)
            if sold.line.offer.track_inventory
        ],
        channel_id=found.cart.channel_id,
        country=found.cart.country,
        checkout_id=checkout_id,
    )
    # Sessions of packages are locked behind the stock, here and where an order is cancelled; nobody who has a package's
    # lock asks for stock.
    await _book_slots(session, found, new, transactions, how, is_paid=covered, now=now)
    await _grant_sessions(session, found, new, is_paid=covered, now=now)
    await remove(session, checkout_id)
    await _keep_addresses(session, found)
    for transaction in transactions:
        # One that is still to pay an unpaid order goes on.
        if transaction.status == "OPEN" and covered:
            await request(session, transaction, "CANCEL", transaction.requested_amount, reason=ORDER_PLACED)
    if placed.held:
        await raise_alert(
            session,
            kind="overcharged",
            reference=str(placed.id),
            purchase_key=checkout_id,
            detail=f"Order {placed.number} costs {found.totals.total.gross} {found.cart.currency}, "
            f"{charged} was charged; it waits to be confirmed.",
        )
    return placed.id


async def _unpaid(session: AsyncSession, transactions: Sequence[TransactionRow]) -> NotFullyPaid | PaymentReturned:
    """What who comes back is told: the last payment may have come, and gone back since no order could be made of it."""
    why = await given_back_because(session, transactions[-1].id, CANNOT_COMPLETE) if transactions else None
    return NotFullyPaid() if why is None else PaymentReturned(why)


async def _book_slots(
    session: AsyncSession,
    found: Snapshot,
    new: NewOrder,
    transactions: Sequence[TransactionRow],
    how: Completion,
    *,
    is_paid: bool,
    now: datetime,
) -> None:
    """The times of the lines are booked. One that was lost: a person may choose another; who has paid and left gets
    that line's money back and the rest of the order. Raises: SlotRefused.
    """
    cart = found.cart
    slots = [
        SoldSlot(sold.line, line.id, Money(sold.price.total.gross, cart.currency))
        for line, sold in zip(new.lines, found.lines, strict=True)
        if sold.line.offer.variant_id in found.services
    ]
    buyer = Buyer(cart.user_id, found.email, cart.language_code)
    lost = await book(session, cart, slots, buyer, is_paid=is_paid, now=now)
    if not lost:
        return
    if not how.automatic or len(lost) == len(found.lines):
        raise SlotRefused(SlotUnavailable(), [one.line.offer.variant_id for one in lost])
    await _give_back_lost(session, transactions, lost, found.later)


async def _grant_sessions(
    session: AsyncSession, found: Snapshot, new: NewOrder, *, is_paid: bool, now: datetime
) -> None:
    """The buyer has the sessions of the packages among the lines, or will once all `is_paid`. What is sent by parcel is
    none.
    """
    sold = [
        SoldPackage(
            line.id,
            line.variant_id,
            ", ".join(part for part in (line.product_name, line.variant_name) if part),
            line.quantity,
            Money(line.total.gross, new.currency),
        )
        for line in new.lines
        if not line.is_shipping_required and line.variant_id not in found.services
    ]
    await grant(
        session,
        sold,
        purchase_key=new.checkout_id,
        user_id=new.user_id,
        email=found.email,
        awaits_payment=not is_paid,
        now=now,
    )


async def _give_back_lost(
    session: AsyncSession,
    transactions: Sequence[TransactionRow],
    lost: Sequence[SoldSlot],
    later: Mapping[uuid.UUID, Decimal],
) -> None:
    """What was paid for lines whose slot is gone is on its way back, once a line. Raises: SlotRefused."""
    left = {one.id: one.charged_amount for one in transactions}
    for slot in lost:
        amount = slot.price.amount - later.get(slot.line.id, ZERO)
        if not amount:
            continue
        payer = next((one for one in transactions if left[one.id] >= amount), None)
        if payer is None:
            raise SlotRefused(SlotUnavailable(), [slot.line.offer.variant_id])
        left[payer.id] -= amount
        await request(session, payer, "REFUND", amount, reason=f"{SLOT_LOST}:{slot.order_line_id}")
        await raise_alert(
            session,
            kind=SLOT_LOST,
            reference=str(slot.order_line_id),
            purchase_key=payer.purchase_key,
            detail=f"{slot.price} were paid for a time that somebody else has by now; {amount} are going back.",
        )


async def _keep_addresses(session: AsyncSession, found: Snapshot) -> None:
    """The buyer finds the addresses in their book next time, if they wished so. Last: nobody waits behind this lock."""
    cart = found.cart
    if cart.user_id is None:
        return
    if found.shipping_address is not None and cart.save_shipping_address:
        await keep_address(session, cart.user_id, found.shipping_address, SHIPPING)
    if cart.save_billing_address:
        await keep_address(session, cart.user_id, found.billing_address, BILLING)


def _order_of(found: Snapshot, how: Completion, *, charged: Decimal, authorized: Decimal) -> NewOrder:
    cart, voucher = found.cart, found.deal.voucher
    lines = tuple(_line_of(sold) for sold in found.lines)
    return NewOrder(
        checkout_id=cart.id,
        channel_id=cart.channel_id,
        user_id=cart.user_id,
        email=found.email,
        currency=cart.currency,
        language_code=cart.language_code,
        customer_note=cart.note,
        redirect_url=how.redirect_url or cart.redirect_url,
        display_gross_prices=cart.display_gross_prices,
        billing_address=found.billing_address,
        shipping_address=found.shipping_address,
        shipping_method_id=found.method_id,
        shipping_method_name=found.method_name,
        shipping=found.totals.shipping,
        shipping_tax_rate=found.totals.shipping_tax_rate,
        subtotal=found.totals.subtotal,
        total=found.totals.total,
        lines=lines,
        charged=charged,
        authorized=authorized,
        metadata_public={**cart.metadata_public, **(how.metadata or {})},
        metadata_private=cart.metadata_private,
        by_user_id=how.actor.user_id,
        automatic=how.automatic,
        order_url=how.order_url,
        undiscounted_shipping=found.totals.undiscounted_shipping,
        voucher_id=None if voucher is None else voucher.voucher_id,
        voucher_code=None if voucher is None else voucher.code,
        discounts=tuple(_discounts(found, lines)),
    )


def _discounts(found: Snapshot, lines: Sequence[NewLine]) -> Iterator[NewDiscount]:
    """Everything that was taken off, for the order to keep: first off single lines, then off all of it."""
    reduction, voucher = found.deal.reduction, found.deal.voucher
    reason = None if voucher is None else f"Voucher code: {voucher.code}"
    for new, sold in zip(lines, found.lines, strict=True):
        price, rule = sold.price, sold.promotion
        if price.promotion_amount:
            yield NewDiscount(
                new.id,
                "PROMOTION",
                None if rule is None else rule.name,
                "FIXED" if rule is None else rule.value_type,
                price.promotion_amount if rule is None else rule.value,
                price.promotion_amount,
            )
        if price.session_amount:
            yield NewDiscount(
                new.id, "MANUAL", "Package", "PERCENTAGE", _HUNDRED, price.session_amount, "A session paid for it."
            )
        if price.voucher_amount and reduction is not None:
            yield NewDiscount(
                new.id,
                reduction.type,
                reduction.name,
                reduction.value_type,
                reduction.value,
                price.voucher_amount,
                reason,
            )
    if reduction is None:
        return
    of_all = sum(reduction.shares.values(), ZERO) + reduction.delivery
    if of_all:
        yield NewDiscount(None, reduction.type, reduction.name, reduction.value_type, reduction.value, of_all, reason)


def _line_of(sold: SoldLine) -> NewLine:
    price = sold.price
    return NewLine(
        id=uuid.uuid4(),
        variant_id=sold.line.offer.variant_id,
        product_name=sold.product_name,
        variant_name=sold.variant_name,
        sku=sold.sku,
        quantity=sold.line.quantity,
        is_shipping_required=sold.line.offer.requires_shipping,
        unit=price.unit,
        undiscounted_unit=price.undiscounted_unit,
        total=price.total,
        undiscounted_total=price.undiscounted_total,
        tax_rate=price.tax_rate,
        tax_class_name=sold.tax_class_name,
        thumbnail_asset_id=sold.thumbnail_asset_id,
        thumbnail_alt=sold.thumbnail_alt,
        metadata_public=sold.line.metadata_public,
        metadata_private=sold.line.metadata_private,
    )


_PAID_WITHOUT_ORDER: Final = select(Transaction.kind).where(
    Transaction.id == bindparam("transaction_id", type_=Uuid()),
    Transaction.status == "SUCCEEDED",
    Transaction.charged_amount + Transaction.authorized_amount > 0,
    ~select(Order.id).where(Order.checkout_id == Transaction.purchase_key).exists(),
)


async def payment_changed(session: AsyncSession, event: TransactionChanged) -> None:
    """A payment without an order is a checkout to complete: queued with the payment, so that no crash forgets it."""
    kind = await session.scalar(_PAID_WITHOUT_ORDER, {"transaction_id": event.transaction_id})
    if kind is None:
        return
    run_at = None if kind == "CHECKOUT_SESSION" else clock.now() + _CLIENTS_TURN
    await enqueue(session, "checkout.complete_paid", {"checkout_id": str(event.purchase_key)}, run_at=run_at)


async def paid_without_order(session: AsyncSession, *, since: datetime, until: datetime, limit: int) -> list[uuid.UUID]:
    """Purchases that hold somebody's money, paid within this time, and have no order; the latest first.

    So that those which wait for a person, or for their grace, never keep a new one from its turn.
    """
    statement = (
        select(Transaction.purchase_key)
        .where(
            # Not when it was begun: a bank debit is paid days after that.
            Transaction.updated_at >= since,
            Transaction.updated_at <= until,
            Transaction.status == "SUCCEEDED",
            Transaction.charged_amount + Transaction.authorized_amount > 0,
            ~select(Order.id)
            .where(or_(Order.checkout_id == Transaction.purchase_key, Order.id == Transaction.purchase_key))
            .exists(),
        )
        .group_by(Transaction.purchase_key)
        .order_by(func.max(Transaction.updated_at).desc())
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a paid purchase: its order, or the wishes that give its payments back; neither: it waits."""

    order_id: uuid.UUID | None
    refunds: tuple[uuid.UUID, ...] = ()


async def complete_or_give_back(
    session: AsyncSession, checkout_id: uuid.UUID, how: Completion, *, now: datetime, grace: timedelta
) -> Settled:
    """A paid checkout is an order, or its payments are on their way back, decided in one unit.

    A failed attempt to complete must not be judged later: meanwhile a payment may have come that makes it good.
    Locks: as `complete`.
    """
    await lock_purchase(session, checkout_id)
    try:
        async with session.begin_nested():
            return Settled(await complete(session, checkout_id, how, now=now))
    except Unavailable:
        raise
    except ShopError as error:
        return Settled(None, tuple(await _give_back(session, checkout_id, error.message, now=now, grace=grace)))


async def _give_back(
    session: AsyncSession, checkout_id: uuid.UUID, reason: str, *, now: datetime, grace: timedelta
) -> list[uuid.UUID]:
    """Payments that no order can be made for are on their way back; the checkout stays. The answer: the new wishes.

    A hosted page's payment of the whole balance goes at once: nobody is there to change the cart. Any other waits for
    `grace` after it was made, and goes at once when its checkout is gone. Each is told by mail and raises an alert.
    """
    row = (await session.execute(select(Checkout.email).where(Checkout.id == checkout_id))).one_or_none()
    wishes = []
    for transaction in await transactions_of_purchase(session, checkout_id):
        amount = transaction.charged_amount or transaction.authorized_amount
        if transaction.status != "SUCCEEDED" or amount <= 0:
            continue
        at_once = row is None or (transaction.kind == "CHECKOUT_SESSION" and transaction.request.get("whole", True))
        if not at_once and transaction.updated_at + grace > now:
            continue
        action = "REFUND" if transaction.charged_amount > 0 else "CANCEL"
        wishes.append(await request(session, transaction, action, amount, reason=CANNOT_COMPLETE, message=reason))
        await _tell(session, transaction, amount, None if row is None else row.email, reason)
    return wishes


async def _tell(
    session: AsyncSession, transaction: TransactionRow, amount: Decimal, email: str | None, reason: str
) -> None:
    await raise_alert(
        session,
        kind="paid-not-completed",
        reference=str(transaction.id),
        purchase_key=transaction.purchase_key,
        detail=f"{amount} {transaction.currency} is going back: {reason}",
    )
    if email is None:
        return
    context: dict[str, Any] = {
        "shop_name": await shop_name(session),
        "amount": amount,
        "currency": transaction.currency,
        "reason": reason,
    }
    await queue_mail(
        session,
        dedupe_key=f"payment-returned:{transaction.id}",
        recipient=email,
        template="payment-returned",
        context=context,
    )
