"""An order comes into being: copies of everything, so that nothing of it changes with the catalogue or the buyer."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ScalarSelect, case, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import PostalAddress
from shop.accounts.models import Address
from shop.channels.models import Channel
from shop.kit import ids
from shop.kit.events import publish
from shop.kit.money import ZERO, TaxedMoney
from shop.mail.actions import queue_mail
from shop.orders.events import OrderPlaced
from shop.orders.models import Order, OrderDiscount, OrderEvent, OrderLine
from shop.orders.queries import shop_name
from shop.orders.rules import initial_status
from shop.payments.rules import authorize_status, charge_status
from shop.pricing.rules import total

_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is sold. Units: `tax_rate` in percent; undiscounted prices are those before any discount.

    Shapes: `undiscounted_total` None where nothing took anything off the line.
    """

    id: uuid.UUID
    variant_id: int
    product_name: str
    variant_name: str
    sku: str | None
    quantity: int
    is_shipping_required: bool
    unit: TaxedMoney
    undiscounted_unit: TaxedMoney
    total: TaxedMoney
    tax_rate: Decimal
    tax_class_name: str | None
    thumbnail_asset_id: int | None = None
    thumbnail_alt: str = ""
    metadata_public: Mapping[str, str] = field(default_factory=dict)
    metadata_private: Mapping[str, str] = field(default_factory=dict)
    undiscounted_total: TaxedMoney | None = None


@dataclass(frozen=True, slots=True)
class NewDiscount:
    """What something took off: off one line, or off the whole order. Units: as prices are entered in the channel."""

    line_id: uuid.UUID | None
    type: str
    name: str | None
    value_type: str
    value: Decimal
    amount: Decimal
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Everything that an order is made of, priced and paid as the caller found it under the purchase's lock.

    Units: tax rates in percent. `order_url`: where the buyer sees it; `{id}` in it becomes the order's global ID.
    Shapes: `undiscounted_shipping` None where nothing took anything off the delivery.
    """

    checkout_id: uuid.UUID
    channel_id: int
    user_id: int | None
    email: str
    currency: str
    language_code: str
    customer_note: str
    redirect_url: str | None
    display_gross_prices: bool
    billing_address: PostalAddress
    shipping_address: PostalAddress | None
    shipping_method_id: int | None
    shipping_method_name: str | None
    shipping: TaxedMoney
    shipping_tax_rate: Decimal
    subtotal: TaxedMoney
    total: TaxedMoney
    lines: tuple[NewLine, ...]
    charged: Decimal
    authorized: Decimal
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]
    by_user_id: int | None = None
    automatic: bool = False
    order_url: str | None = None
    undiscounted_shipping: TaxedMoney | None = None
    voucher_id: int | None = None
    voucher_code: str | None = None
    discounts: tuple[NewDiscount, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """The new order. `held`: more was charged than it costs, and a person has to look at it."""

    id: uuid.UUID
    number: int
    held: bool


async def place(session: AsyncSession, new: NewOrder) -> Placed:
    """The order exists with its lines, addresses and first events, and its confirmation is in the outbox.

    Seven statements, the mail's included, however many lines; one more where it has discounts. Locks: the caller holds
    the purchase's; a second order of the same checkout is refused by the database.
    """
    held = new.charged > new.total.gross
    billing_id, shipping_id = await _copy_addresses(session, new)
    undiscounted_shipping = new.undiscounted_shipping or new.shipping
    undiscounted = total([*(_undiscounted(line) for line in new.lines), undiscounted_shipping], new.currency)
    statement = (
        insert(Order)
        .values(
            id=uuid.uuid4(),
            checkout_id=new.checkout_id,
            channel_id=new.channel_id,
            user_id=new.user_id,
            email=new.email,
            status=case(
                (_confirms(new.channel_id), initial_status(overcharged=held)),
                else_=initial_status(overcharged=True),
            ),
            currency=new.currency,
            language_code=new.language_code,
            customer_note=new.customer_note,
            redirect_url=new.redirect_url,
            display_gross_prices=new.display_gross_prices,
            billing_address_id=billing_id,
            shipping_address_id=shipping_id,
            shipping_method_id=new.shipping_method_id,
            shipping_method_name=new.shipping_method_name,
            shipping_net_amount=new.shipping.net,
            shipping_gross_amount=new.shipping.gross,
            shipping_tax_rate=new.shipping_tax_rate / _HUNDRED,
            subtotal_net_amount=new.subtotal.net,
            subtotal_gross_amount=new.subtotal.gross,
            total_net_amount=new.total.net,
            total_gross_amount=new.total.gross,
            undiscounted_shipping_net_amount=undiscounted_shipping.net,
            undiscounted_shipping_gross_amount=undiscounted_shipping.gross,
            undiscounted_total_net_amount=undiscounted.net,
            undiscounted_total_gross_amount=undiscounted.gross,
            voucher_id=new.voucher_id,
            voucher_code=new.voucher_code,
            total_charged_amount=new.charged,
            total_authorized_amount=new.authorized,
            charge_status=charge_status(new.total.gross, new.charged),
            authorize_status=authorize_status(new.total.gross, new.authorized, new.charged),
            metadata_public=dict(new.metadata_public),
            metadata_private=dict(new.metadata_private),
        )
        .returning(Order.id, Order.number)
    )
    order_id, number = (await session.execute(statement)).one()
    await session.execute(insert(OrderLine), [_line(order_id, place, line) for place, line in enumerate(new.lines)])
    if new.discounts:
        await session.execute(insert(OrderDiscount), _discounts(order_id, new))
    await session.execute(insert(OrderEvent), _first_events(order_id, new))
    await _confirm(session, order_id, number, new)
    await publish(session, OrderPlaced(order_id))
    return Placed(order_id, number, held)


def _confirms(channel_id: int) -> ScalarSelect[bool]:
    """Whether the channel lets new orders go on by themselves."""
    return select(Channel.automatically_confirm_new_orders).where(Channel.id == channel_id).scalar_subquery()


async def _copy_addresses(session: AsyncSession, new: NewOrder) -> tuple[int, int | None]:
    addresses = [new.billing_address] + ([new.shipping_address] if new.shipping_address is not None else [])
    rows = [
        {name: value for name, value in asdict(address).items() if name != "metadata"}
        | {"metadata_public": dict(address.metadata)}
        for address in addresses
    ]
    statement = insert(Address).returning(Address.id, sort_by_parameter_order=True)
    made = list((await session.execute(statement, rows)).scalars())
    return made[0], made[1] if len(made) > 1 else None


def _line(order_id: uuid.UUID, position: int, line: NewLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "order_id": order_id,
        "sort_order": position,
        "variant_id": line.variant_id,
        "product_name": line.product_name,
        "variant_name": line.variant_name,
        "product_sku": line.sku,
        "thumbnail_asset_id": line.thumbnail_asset_id,
        "thumbnail_alt": line.thumbnail_alt,
        "is_shipping_required": line.is_shipping_required,
        "quantity": line.quantity,
        "currency": line.total.currency,
        "unit_price_net_amount": line.unit.net,
        "unit_price_gross_amount": line.unit.gross,
        "undiscounted_unit_price_net_amount": line.undiscounted_unit.net,
        "undiscounted_unit_price_gross_amount": line.undiscounted_unit.gross,
        "total_net_amount": line.total.net,
        "total_gross_amount": line.total.gross,
        "undiscounted_total_net_amount": _undiscounted(line).net,
        "undiscounted_total_gross_amount": _undiscounted(line).gross,
        "tax_rate": line.tax_rate / _HUNDRED,
        "tax_class_name": line.tax_class_name,
        "metadata_public": dict(line.metadata_public),
        "metadata_private": dict(line.metadata_private),
    }


def _undiscounted(line: NewLine) -> TaxedMoney:
    return line.undiscounted_total or line.total


def _discounts(order_id: uuid.UUID, new: NewOrder) -> list[dict[str, Any]]:
    return [
        asdict(discount) | {"order_id": order_id, "sort_order": position, "currency": new.currency}
        for position, discount in enumerate(new.discounts)
    ]


def _first_events(order_id: uuid.UUID, new: NewOrder) -> list[dict[str, Any]]:
    placed = "PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT" if new.automatic else "PLACED"
    events: list[tuple[str, dict[str, str]]] = [(placed, {})]
    if new.charged >= new.total.gross:
        events.append(("ORDER_FULLY_PAID", {}))
    elif new.authorized > 0:
        events.append(("PAYMENT_AUTHORIZED", {"amount": str(new.authorized)}))
    events.append(("EMAIL_SENT", {"email": new.email, "email_type": "ORDER_CONFIRMATION"}))
    return [
        {"order_id": order_id, "type": type_, "user_id": new.by_user_id, "parameters": parameters}
        for type_, parameters in events
    ]


async def _confirm(session: AsyncSession, order_id: uuid.UUID, number: int, new: NewOrder) -> None:
    global_id = ids.encode("Order", order_id)
    await queue_mail(
        session,
        dedupe_key=f"order-confirmation:{order_id}",
        recipient=new.email,
        template="order-confirmation",
        context={
            "shop_name": await shop_name(session),
            "number": number,
            "lines": [
                {
                    "quantity": line.quantity,
                    "name": ", ".join(part for part in (line.product_name, line.variant_name) if part),
                    "total": line.total.gross if new.display_gross_prices else line.total.net,
                }
                for line in new.lines
            ],
            "discount": sum((discount.amount for discount in new.discounts), ZERO),
            "voucher_code": new.voucher_code,
            "subtotal": new.subtotal.gross if new.display_gross_prices else new.subtotal.net,
            "shipping_name": new.shipping_method_name,
            "shipping": new.shipping.gross if new.display_gross_prices else new.shipping.net,
            "tax": None if new.display_gross_prices else new.total.tax,
            "total": new.total.gross,
            "currency": new.currency,
            "order_url": new.order_url.replace("{id}", global_id) if new.order_url else None,
        },
    )
