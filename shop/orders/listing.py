"""What lists of orders can be filtered and sorted by. The machinery is browse's; who may list them is the API's."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from shop.accounts.models import Address, User
from shop.browse.criteria import Criterion
from shop.browse.listing import Listing
from shop.channels.models import Channel
from shop.orders.models import Fulfillment, Invoice, Order, OrderLine
from shop.orders.queries import ORDER_COLUMNS

Values = ColumnElement[Any]

_INSTANT: Final = DateTime(timezone=True)
_texts: Final = ARRAY(Text)
_PAID: Final = ("FULL", "OVERCHARGED")
_BUYER_ADDRESS: Final = Order.billing_address_id


def _holds(text: Any, value: Values) -> ColumnElement[bool]:
    """The text holds the value, whatever their case; no sign of the value means anything else than itself."""
    return func.strpos(func.lower(text), func.lower(value)) > 0


def _of_customer(value: Values) -> ColumnElement[bool]:
    """The e-mail or the name of the buyer, as the account or as the bill has it."""
    by_user = exists().where(User.id == Order.user_id, or_(_holds(User.email, value), _holds(_full_name(User), value)))
    by_bill = exists().where(Address.id == _BUYER_ADDRESS, _holds(_full_name(Address), value))
    return or_(_holds(Order.email, value), by_user.correlate(Order), by_bill.correlate(Order))


def _full_name(of: type[User] | type[Address]) -> ColumnElement[str]:
    return of.first_name + " " + of.last_name


def _found(value: Values) -> ColumnElement[bool]:
    """The order's number, its buyer, or what was bought."""
    bought = exists().where(
        OrderLine.order_id == Order.id,
        or_(
            _holds(OrderLine.product_name, value),
            _holds(OrderLine.variant_name, value),
            func.lower(OrderLine.product_sku) == func.lower(value),
        ),
    )
    number = cast(Order.number, Text) == func.ltrim(value, "#")
    return or_(number, _of_customer(value), bought.correlate(Order))


def _in_state(value: Values) -> ColumnElement[bool]:
    """One of Saleor's states for staff: an order's status, or what it waits for."""
    ready = and_(_is_any(Order.status, "UNFULFILLED", "PARTIALLY_FULFILLED"), _is_any(Order.charge_status, *_PAID))
    to_capture = and_(not_(_is_any(Order.status, "CANCELED", "EXPIRED")), Order.total_authorized_amount > 0)
    return or_(
        Order.status == any_(value),
        and_(literal("READY_TO_FULFILL") == any_(value), ready),
        and_(literal("READY_TO_CAPTURE") == any_(value), to_capture),
    )


def _is_any(column: Any, *values: str) -> ColumnElement[bool]:
    return or_(*(column == value for value in values))


def _has(model: type[Fulfillment] | type[Invoice]) -> Callable[[Values], ColumnElement[bool]]:
    return lambda value: exists().where(model.order_id == Order.id).correlate(Order) == value


def _equals(column: Any) -> Callable[[Values], ColumnElement[bool]]:
    return lambda value: column == any_(value)


def _from(column: Any) -> Callable[[Values], ColumnElement[bool]]:
    return lambda value: column >= value


def _to(column: Any) -> Callable[[Values], ColumnElement[bool]]:
    return lambda value: column <= value


CRITERIA: Final[Mapping[str, Criterion]] = {
    "ids": Criterion(ARRAY(Uuid()), _equals(Order.id)),
    "numbers": Criterion(ARRAY(Integer), _equals(Order.number)),
    "number_from": Criterion(Integer(), _from(Order.number)),
    "number_to": Criterion(Integer(), _to(Order.number)),
    "channels": Criterion(ARRAY(Integer), _equals(Order.channel_id)),
    "channel_slug": Criterion(
        Text(), lambda value: Order.channel_id == select(Channel.id).where(Channel.slug == value).scalar_subquery()
    ),
    "checkouts": Criterion(ARRAY(Uuid()), _equals(Order.checkout_id)),
    "users": Criterion(ARRAY(Integer), _equals(Order.user_id)),
    "emails": Criterion(_texts, lambda value: func.lower(Order.email) == any_(value)),
    "statuses": Criterion(_texts, _equals(Order.status)),
    "states": Criterion(_texts, _in_state),
    "charge_statuses": Criterion(_texts, _equals(Order.charge_status)),
    "authorize_statuses": Criterion(_texts, _equals(Order.authorize_status)),
    "created_from": Criterion(_INSTANT, _from(Order.created_at)),
    "created_to": Criterion(_INSTANT, _to(Order.created_at)),
    "created_before": Criterion(_INSTANT, lambda value: Order.created_at < value),
    "updated_from": Criterion(_INSTANT, _from(Order.updated_at)),
    "updated_to": Criterion(_INSTANT, _to(Order.updated_at)),
    "gross_amounts": Criterion(ARRAY(Numeric()), _equals(Order.total_gross_amount)),
    "gross_from": Criterion(Numeric(), _from(Order.total_gross_amount)),
    "gross_to": Criterion(Numeric(), _to(Order.total_gross_amount)),
    "net_amounts": Criterion(ARRAY(Numeric()), _equals(Order.total_net_amount)),
    "net_from": Criterion(Numeric(), _from(Order.total_net_amount)),
    "net_to": Criterion(Numeric(), _to(Order.total_net_amount)),
    "currency": Criterion(Text(), lambda value: Order.currency == value),
    "has_invoices": Criterion(Boolean(), _has(Invoice)),
    "has_fulfillments": Criterion(Boolean(), _has(Fulfillment)),
    "metadata": Criterion(JSONB(), Order.metadata_public.contains),
    "metadata_keys": Criterion(_texts, Order.metadata_public.has_all),
    "customer": Criterion(Text(), _of_customer),
    "search": Criterion(Text(), _found),
    # What this shop does not have: nobody collects an order, nothing is sold in advance.
    "nothing": Criterion(Boolean(), lambda value: true() == value),
}


def _placed(statement: Select[Any], _view: object) -> Select[Any]:
    return statement.where(Order.status != "DRAFT")


ORDERS: Final = Listing(
    entity=Order,
    columns=ORDER_COLUMNS,
    criteria=CRITERIA,
    sorts={
        "CREATED_AT": (Order.created_at, False),
        "NUMBER": (Order.number, False),
        "LAST_MODIFIED_AT": (Order.updated_at, False),
        "CUSTOMER": (Order.email, False),
        "STATUS": (Order.status, False),
        "PAYMENT": (Order.charge_status, False),
    },
    see=_placed,
    within={},
)
