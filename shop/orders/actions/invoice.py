"""Bills for orders: numbered in the unit that asks for one, made by a job, sent to the buyer."""

import uuid
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.address_rules import rules_for
from shop.accounts.models import Address
from shop.jobs import enqueue
from shop.kit import clock
from shop.orders.actions.locked import locked_order, note
from shop.orders.actions.manage import By
from shop.orders.actions.tell import mail_to_buyer
from shop.orders.errors import CannotInvoice, InvoiceNotFound
from shop.orders.models import Invoice, InvoiceCounter, Order, OrderLine
from shop.orders.rules import OWN_INVOICE_NUMBER, can_be_invoiced, invoice_number
from shop.orders.sheet import InvoiceLine, Sheet, TaxShare
from shop.payments.queries import purchase_totals
from shop.site.models import SiteSettings

_NUMBER_LIMIT: Final = 255
_by_id: Final = bindparam("id", type_=Integer)
_order: Final = bindparam("order_id", type_=Uuid())


async def request_invoice(session: AsyncSession, order_id: uuid.UUID, by: By, *, number: str | None = None) -> int:
    """The order has an invoice with a number, and its file will be made. The answer: the invoice.

    Without a number of the caller's, an order is billed once: asked again, its invoice is returned, and made again
    where that had failed. The shop's own numbers count up within a year and leave no gap: the row of the year stays
    locked until the unit ends, and takes the number back with it.
    Locks: purchase → the year's counter. Raises: OrderNotFound, CannotInvoice.
    """
    order = await locked_order(session, order_id, field="orderId")
    if not can_be_invoiced(order.status):
        raise CannotInvoice("Cannot request an invoice for draft or unconfirmed order.", "INVALID_STATUS")
    if order.billing_address_id is None:
        raise CannotInvoice("Billing address is not set on order.", "NOT_READY")
    if number is None:
        invoice_id = await _billed(session, order.id)
        if invoice_id is not None:
            return invoice_id
        number = await _next_number(session)
    elif not await _is_free(session, number):
        raise CannotInvoice("The number is taken, or one of the shop's own.", "INVALID_STATUS", "number")
    statement = insert(Invoice).values(order_id=order.id, number=number).returning(Invoice.id)
    invoice_id = (await session.execute(statement)).scalar_one()
    await note(session, order.id, "INVOICE_REQUESTED", {"invoice_number": number}, by_user_id=by.user_id)
    await enqueue(session, "orders.make_invoice", {"invoice_id": invoice_id})
    return invoice_id


_BILLED: Final = (
    select(Invoice.id, Invoice.status, Invoice.number)
    .where(Invoice.order_id == _order, Invoice.status != "DELETED")
    .order_by(Invoice.id)
)


async def _billed(session: AsyncSession, order_id: uuid.UUID) -> int | None:
    """The order's invoice with a number of the shop's own, or None; one that failed is queued again."""
    for row in await session.execute(_BILLED, {"order_id": order_id}):
        if OWN_INVOICE_NUMBER.fullmatch(row.number):
            if row.status == "FAILED":
                await session.execute(
                    update(Invoice).where(Invoice.id == row.id).values(status="PENDING", updated_at=func.now())
                )
                await enqueue(session, "orders.make_invoice", {"invoice_id": row.id})
            found: int = row.id
            return found
    return None


async def _next_number(session: AsyncSession) -> str:
    year = clock.now().year
    statement = (
        insert(InvoiceCounter)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=[InvoiceCounter.year], set_={"last": InvoiceCounter.last + 1})
        .returning(InvoiceCounter.last)
    )
    return invoice_number(year, (await session.execute(statement)).scalar_one())


async def _is_free(session: AsyncSession, number: str) -> bool:
    if not number.strip() or len(number) > _NUMBER_LIMIT or OWN_INVOICE_NUMBER.fullmatch(number):
        return False
    return await session.scalar(select(Invoice.id).where(Invoice.number == number)) is None


_ISSUED: Final = (
    select(
        Invoice.number,
        Invoice.status,
        Invoice.created_at.label("issued"),
        Order.id,
        func.coalesce(Order.checkout_id, Order.id).label("purchase_key"),
        Order.number.label("order_number"),
        Order.created_at.label("ordered"),
        Order.currency,
        Order.billing_address_id,
        Order.shipping_method_name,
        Order.shipping_net_amount,
        Order.shipping_gross_amount,
        Order.shipping_tax_rate,
        Order.total_net_amount,
        Order.total_gross_amount,
    )
    .join(Order, Order.id == Invoice.order_id)
    .where(Invoice.id == _by_id)
)
_SELLER: Final = select(
    SiteSettings.name, SiteSettings.contact_email, SiteSettings.company_address_id, SiteSettings.company_vat_number
)
_SOLD: Final = select(OrderLine).where(OrderLine.order_id == _order).order_by(OrderLine.sort_order, OrderLine.id)


async def invoice_sheet(session: AsyncSession, invoice_id: int) -> Sheet | None:
    """Everything that stands on the invoice; None where its file is there already, or nobody wants it any more."""
    found = (await session.execute(_ISSUED, {"id": invoice_id})).one_or_none()
    if found is None or found.status in {"SUCCESS", "DELETED"}:
        return None
    seller = (await session.execute(_SELLER)).one()
    lines = [
        InvoiceLine(
            ", ".join(part for part in (line.product_name, line.variant_name) if part),
            line.quantity,
            line.unit_price_net_amount,
            line.tax_rate,
            line.total_net_amount,
            line.total_gross_amount,
        )
        for line in await session.scalars(_SOLD, {"order_id": found.id})
    ]
    if found.shipping_method_name is not None:
        net, gross = found.shipping_net_amount, found.shipping_gross_amount
        lines.append(InvoiceLine(found.shipping_method_name, 1, net, found.shipping_tax_rate, net, gross))
    totals = await purchase_totals(session, found.purchase_key, found.currency)
    return Sheet(
        number=found.number,
        issued=found.issued.date(),
        order_number=found.order_number,
        ordered=found.ordered.date(),
        currency=found.currency,
        shop_name=seller.name,
        seller=await _address(session, seller.company_address_id) or [seller.name],
        vat_number=seller.company_vat_number,
        buyer=await _address(session, found.billing_address_id),
        lines=lines,
        taxes=_taxes(lines),
        net=found.total_net_amount,
        gross=found.total_gross_amount,
        paid=totals.charged + totals.refunded + totals.refund_pending,
        refunded=totals.refunded + totals.refund_pending,
    )


def _taxes(lines: list[InvoiceLine]) -> list[TaxShare]:
    """What is taxed at each rate, the highest first."""
    rates = sorted({line.tax_rate for line in lines}, reverse=True)
    return [
        TaxShare(
            rate,
            sum((line.net for line in lines if line.tax_rate == rate), Decimal(0)),
            sum((line.gross for line in lines if line.tax_rate == rate), Decimal(0)),
        )
        for rate in rates
    ]


async def _address(session: AsyncSession, address_id: int | None) -> list[str]:
    address = None if address_id is None else await session.get(Address, address_id)
    if address is None:
        return []
    place = " ".join(part for part in (address.postal_code, address.city) if part)
    region = ", ".join(part for part in (place, address.country_area) if part)
    lines = [
        address.company_name,
        f"{address.first_name} {address.last_name}".strip(),
        address.street_address_1,
        address.street_address_2,
        region,
        rules_for(address.country).country_name or address.country,
    ]
    return [line for line in lines if line]


async def invoice_made(session: AsyncSession, invoice_id: int, path: str) -> None:
    """The invoice's file is there; a second report changes nothing."""
    made = (
        update(Invoice)
        .where(Invoice.id == invoice_id, Invoice.status != "SUCCESS")
        .values(status="SUCCESS", path=path, message=None, updated_at=func.now())
        .returning(Invoice.order_id, Invoice.number)
    )
    found = (await session.execute(made)).one_or_none()
    if found is not None:
        await note(session, found.order_id, "INVOICE_GENERATED", {"invoice_number": found.number})


async def invoice_failed(session: AsyncSession, invoice_id: int, message: str) -> None:
    """The invoice's file could not be made this time; the job tries again."""
    await session.execute(
        update(Invoice)
        .where(Invoice.id == invoice_id, Invoice.status == "PENDING")
        .values(status="FAILED", message=message[:500], updated_at=func.now())
    )


_SENDING: Final = select(Invoice.order_id, Invoice.number, Invoice.status).where(Invoice.id == _by_id)


async def send_invoice(session: AsyncSession, invoice_id: int, by: By, *, invoice_url: str | None) -> uuid.UUID:
    """The buyer has a mail with a link to the invoice. The answer: the order.

    Raises: InvoiceNotFound, CannotInvoice (NOT_READY, EMAIL_NOT_SET).
    """
    found = (await session.execute(_SENDING, {"id": invoice_id})).one_or_none()
    if found is None or found.status == "DELETED":
        raise InvoiceNotFound
    order = await locked_order(session, found.order_id)
    if found.status != "SUCCESS" or invoice_url is None:
        raise CannotInvoice("Provided invoice is not ready to be sent.", "NOT_READY", "invoice")
    if not order.email:
        raise CannotInvoice("Provided invoice order needs an email address.", "EMAIL_NOT_SET", "order")
    event_id = await note(
        session, order.id, "INVOICE_SENT", {"invoice_number": found.number, "email": order.email}, by_user_id=by.user_id
    )
    await mail_to_buyer(
        session,
        order,
        "order-invoice",
        key=f"order-invoice:{event_id}",
        kind=None,
        order_url=by.order_url,
        by_user_id=by.user_id,
        invoice_number=found.number,
        invoice_url=invoice_url,
    )
    return order.id
