"""Reads of orders, for many keys at once. The API reads the statements into its types by column name."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Integer, Select, Text, Uuid, any_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each
from shop.orders.models import Fulfillment, FulfillmentLine, Invoice, Order, OrderDiscount, OrderEvent, OrderLine
from shop.site.models import SiteSettings

_ids: Final = bindparam("ids", type_=ARRAY(Uuid()))

# Labels are the private fields of `api.orders.types.Order`.
ORDER_COLUMNS: Final[tuple[Any, ...]] = (
    Order.id.label("pk"),
    func.coalesce(Order.checkout_id, Order.id).label("purchase_key"),
    Order.checkout_id.label("checkout_pk"),
    Order.number.label("number_value"),
    Order.created_at.label("created"),
    Order.updated_at.label("updated_at"),
    Order.channel_id.label("channel_id"),
    Order.user_id.label("user_id"),
    Order.email.label("email"),
    Order.status.label("status_name"),
    Order.origin.label("origin_name"),
    Order.currency.label("currency"),
    Order.language_code.label("language"),
    Order.customer_note.label("customer_note"),
    Order.redirect_url.label("redirect_url"),
    Order.display_gross_prices.label("display_gross_prices"),
    Order.billing_address_id.label("billing_address_id"),
    Order.shipping_address_id.label("shipping_address_id"),
    Order.shipping_method_id.label("shipping_method_id"),
    Order.shipping_method_name.label("method_name"),
    Order.shipping_net_amount.label("shipping_net"),
    Order.shipping_gross_amount.label("shipping_gross"),
    Order.shipping_tax_rate.label("shipping_rate"),
    Order.subtotal_net_amount.label("subtotal_net"),
    Order.subtotal_gross_amount.label("subtotal_gross"),
    Order.total_net_amount.label("total_net"),
    Order.total_gross_amount.label("total_gross"),
    Order.undiscounted_shipping_gross_amount.label("undiscounted_shipping_gross"),
    Order.undiscounted_total_net_amount.label("undiscounted_total_net"),
    Order.undiscounted_total_gross_amount.label("undiscounted_total_gross"),
    Order.voucher_id.label("voucher_id"),
    Order.voucher_code.label("voucher_code"),
    Order.total_charged_amount.label("charged"),
    Order.total_authorized_amount.label("authorized"),
    Order.charge_status.label("charge_status_name"),
    Order.authorize_status.label("authorize_status_name"),
    Order.external_reference.label("external_reference"),
    exists(select(OrderLine.id).where(OrderLine.order_id == Order.id, OrderLine.is_shipping_required)).label(
        "is_shipping_required"
    ),
    Order.metadata_public.label("metadata_public"),
    Order.metadata_private.label("metadata_private"),
)
ORDERS_BY_ID: Final = select(*ORDER_COLUMNS).where(Order.id == any_(_ids))
ORDERS_BY_PURCHASE: Final = select(*ORDER_COLUMNS).where(
    or_(
        Order.checkout_id == any_(bindparam("purchase_keys", type_=ARRAY(Uuid()))),
        Order.id == any_(bindparam("purchase_keys", type_=ARRAY(Uuid()))),
    )
)

# Newest first; the id decides between orders of one moment.
NEWEST_FIRST: Final = Keyset(Key(Order.created_at, descending=True), Key(Order.id, descending=True))


@lru_cache(maxsize=16)
def users_orders_page(shape: Shape) -> Select[Any]:
    """A page of the placed orders of each user in `parents`; the user's id as `parent` last of all."""
    statement: Select[Any] = select(*ORDER_COLUMNS)
    return NEWEST_FIRST.window_each(_of_user(statement), shape)


def _of_user(statement: Select[Any]) -> Select[Any]:
    return statement.where(Order.user_id == PARENTS.c.id, Order.status != "DRAFT").correlate(PARENTS)


USERS_ORDERS_COUNT: Final = count_each(_of_user(select(func.count().label("total")).select_from(Order)))

ORDER_BY_EXTERNAL_REFERENCE: Final = select(*ORDER_COLUMNS).where(
    Order.external_reference == bindparam("external_reference", type_=Text)
)

# Labels are the private fields of `api.orders.types.OrderLine`.
_LINES: Final = (
    select(
        OrderLine.id.label("pk"),
        OrderLine.order_id.label("order_id"),
        Order.channel_id.label("channel_id"),
        OrderLine.variant_id.label("variant_id"),
        OrderLine.product_name.label("product_name"),
        OrderLine.variant_name.label("variant_name"),
        OrderLine.product_sku.label("product_sku"),
        OrderLine.thumbnail_asset_id.label("thumbnail_asset_id"),
        OrderLine.thumbnail_alt.label("thumbnail_alt"),
        OrderLine.is_shipping_required.label("is_shipping_required"),
        OrderLine.quantity.label("quantity"),
        OrderLine.quantity_fulfilled.label("quantity_fulfilled"),
        OrderLine.currency.label("currency"),
        OrderLine.unit_price_net_amount.label("unit_net"),
        OrderLine.unit_price_gross_amount.label("unit_gross"),
        OrderLine.undiscounted_unit_price_net_amount.label("undiscounted_unit_net"),
        OrderLine.undiscounted_unit_price_gross_amount.label("undiscounted_unit_gross"),
        OrderLine.total_net_amount.label("total_net"),
        OrderLine.total_gross_amount.label("total_gross"),
        OrderLine.undiscounted_total_net_amount.label("undiscounted_net"),
        OrderLine.undiscounted_total_gross_amount.label("undiscounted_gross"),
        OrderLine.tax_rate.label("tax_fraction"),
        OrderLine.tax_class_name.label("tax_class_name"),
        Order.voucher_code.label("order_voucher_code"),
        OrderLine.metadata_public.label("metadata_public"),
        OrderLine.metadata_private.label("metadata_private"),
    )
    .join(Order, Order.id == OrderLine.order_id)
    .order_by(OrderLine.sort_order, OrderLine.id)
)
LINES_BY_ORDER: Final = _LINES.where(OrderLine.order_id == any_(_ids))
LINES_BY_ID: Final = _LINES.where(OrderLine.id == any_(_ids))

# Labels are the private fields of `api.orders.discounts.OrderDiscount` and `OrderLineDiscount`.
_DISCOUNTS: Final = (
    select(
        OrderDiscount.id.label("key"),
        OrderDiscount.order_id.label("order_id"),
        OrderDiscount.line_id.label("line_id"),
        OrderDiscount.type.label("kind"),
        OrderDiscount.name.label("name"),
        OrderDiscount.value_type.label("value_kind"),
        OrderDiscount.value.label("value_amount"),
        OrderDiscount.reason.label("reason"),
        OrderDiscount.currency.label("currency"),
        OrderDiscount.amount.label("total_amount"),
        OrderLine.quantity.label("quantity"),
    )
    .outerjoin(OrderLine, OrderLine.id == OrderDiscount.line_id)
    .order_by(OrderDiscount.sort_order, OrderDiscount.id)
)
DISCOUNTS_BY_ORDER: Final = _DISCOUNTS.where(OrderDiscount.order_id == any_(_ids), OrderDiscount.line_id.is_(None))
DISCOUNTS_BY_LINE: Final = _DISCOUNTS.where(OrderDiscount.line_id == any_(_ids))

# Labels are the private fields of `api.orders.fulfillments.Fulfillment`.
_PARCELS: Final = select(
    Fulfillment.id.label("pk"),
    Fulfillment.order_id.label("order_id"),
    Fulfillment.number.label("fulfillment_order"),
    Fulfillment.status.label("status_name"),
    Fulfillment.tracking_number.label("tracking_number"),
    Fulfillment.warehouse_id.label("warehouse_id"),
    Fulfillment.created_at.label("created"),
    Fulfillment.metadata_public.label("metadata_public"),
    Fulfillment.metadata_private.label("metadata_private"),
).order_by(Fulfillment.number)
FULFILLMENTS_BY_ORDER: Final = _PARCELS.where(Fulfillment.order_id == any_(_ids))
FULFILLMENTS_BY_ID: Final = _PARCELS.where(Fulfillment.id == any_(bindparam("ids", type_=ARRAY(Integer))))
# Labels are the private fields of `api.orders.fulfillments.FulfillmentLine`.
FULFILLMENT_LINES: Final = (
    select(
        FulfillmentLine.id.label("pk"),
        FulfillmentLine.fulfillment_id.label("fulfillment_id"),
        FulfillmentLine.order_line_id.label("order_line_id"),
        FulfillmentLine.quantity.label("quantity"),
    )
    .where(FulfillmentLine.fulfillment_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(FulfillmentLine.id)
)

# Labels are the private fields of `api.orders.events.OrderEvent`.
_EVENTS: Final = (
    select(
        OrderEvent.id.label("pk"),
        OrderEvent.order_id.label("order_id"),
        Order.number.label("number_value"),
        OrderEvent.created_at.label("date"),
        OrderEvent.type.label("kind"),
        OrderEvent.user_id.label("user_id"),
        OrderEvent.parameters.label("parameters"),
    )
    .join(Order, Order.id == OrderEvent.order_id)
    .order_by(OrderEvent.id)
)
EVENTS_BY_ORDER: Final = _EVENTS.where(OrderEvent.order_id == any_(_ids))
EVENTS_BY_ID: Final = _EVENTS.where(OrderEvent.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))


# Labels are the private fields of `api.orders.invoices.Invoice`.
_INVOICES: Final = select(
    Invoice.id.label("pk"),
    Invoice.order_id.label("order_id"),
    Invoice.number.label("number"),
    Invoice.status.label("status_name"),
    Invoice.message.label("message"),
    Invoice.created_at.label("created_at"),
    Invoice.updated_at.label("updated_at"),
    Invoice.metadata_public.label("metadata_public"),
    Invoice.metadata_private.label("metadata_private"),
).order_by(Invoice.id)
INVOICES_BY_ORDER: Final = _INVOICES.where(Invoice.order_id == any_(_ids))
INVOICES_BY_ID: Final = _INVOICES.where(Invoice.id == any_(bindparam("ids", type_=ARRAY(Integer))))
# Labels are the fields of `InvoiceFile`; invoices whose file was not made have none.
INVOICE_FILES: Final = select(Invoice.number.label("number"), Invoice.path.label("path")).where(
    Invoice.id == any_(bindparam("ids", type_=ARRAY(Integer))), Invoice.status == "SUCCESS"
)


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """As much of an order as other slices decide by."""

    id: uuid.UUID
    number: int
    user_id: int | None
    currency: str
    total_gross_amount: Decimal
    total_charged_amount: Decimal
    total_authorized_amount: Decimal
    charge_status: str
    authorize_status: str


_PLACED = select(*(getattr(Order, name) for name in PlacedOrder.__dataclass_fields__))
_BY_CHECKOUT = _PLACED.where(Order.checkout_id == bindparam("key", type_=Uuid()))
_BY_PURCHASE = _PLACED.where(
    or_(Order.checkout_id == bindparam("key", type_=Uuid()), Order.id == bindparam("key", type_=Uuid()))
)


async def order_of_checkout(session: AsyncSession, checkout_id: uuid.UUID) -> PlacedOrder | None:
    """The order that this checkout became, or None."""
    row = (await session.execute(_BY_CHECKOUT, {"key": checkout_id})).one_or_none()
    return None if row is None else PlacedOrder(*row)


async def order_of_purchase(session: AsyncSession, key: uuid.UUID) -> PlacedOrder | None:
    """The order that this purchase key pays for, or None."""
    row = (await session.execute(_BY_PURCHASE, {"key": key})).one_or_none()
    return None if row is None else PlacedOrder(*row)


_SHOP_NAME = select(SiteSettings.name)


async def shop_name(session: AsyncSession) -> str:
    """What the shop calls itself in mails."""
    return (await session.execute(_SHOP_NAME)).scalar_one_or_none() or "Shop"


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """Where an invoice's file lies below the media folder, and what it is called."""

    number: str
    path: str

    @property
    def file_name(self) -> str:
        """The number without signs that file systems have uses of their own for."""
        return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in self.number)
