"""What staff can filter and sort orders by, as clients send it."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, TypeVar

import strawberry

from shop.api.catalogue.inputs import MetadataFilter, keys, metadata_criteria
from shop.api.core.enums import OrderDirection
from shop.api.core.filters import (
    DateRangeInput,
    DateTimeRangeInput,
    DecimalFilterInput,
    GlobalIDFilterInput,
    IntRangeInput,
    StringFilterInput,
    nested,
    wanted,
)
from shop.api.core.ids import query_uuid
from shop.api.orders.enums import OrderAuthorizeStatusEnum, OrderChargeStatusEnum, OrderStatus
from shop.browse.criteria import Parts

E = TypeVar("E", bound=Enum)
_INT32 = 2**31 - 1


@strawberry.enum(description="States of orders that staff look for.")
class OrderStatusFilter(Enum):
    READY_TO_FULFILL = "READY_TO_FULFILL"
    READY_TO_CAPTURE = "READY_TO_CAPTURE"
    UNFULFILLED = "UNFULFILLED"
    UNCONFIRMED = "UNCONFIRMED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"


@strawberry.enum(description="What orders are sorted by.")
class OrderSortField(Enum):
    NUMBER = "NUMBER"
    RANK = "RANK"
    CREATION_DATE = strawberry.enum_value("CREATION_DATE", deprecation_reason="Use `CREATED_AT` instead.")
    CREATED_AT = "CREATED_AT"
    LAST_MODIFIED_AT = "LAST_MODIFIED_AT"
    CUSTOMER = "CUSTOMER"
    PAYMENT = strawberry.enum_value("PAYMENT", deprecation_reason="Filter by `chargeStatus` instead.")
    FULFILLMENT_STATUS = strawberry.enum_value("FULFILLMENT_STATUS", deprecation_reason="Use `STATUS` instead.")
    STATUS = "STATUS"


# Nothing ranks orders yet: the newest of those that are found come first.
SORTS = {"RANK": "CREATED_AT", "CREATION_DATE": "CREATED_AT", "FULFILLMENT_STATUS": "STATUS"}


@strawberry.input(description="How to sort orders.")
class OrderSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: OrderSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="A whole number to compare with.")
class IntFilterInput:
    eq: int | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[int] | None = strawberry.field(default=None, description="Equal to one of these.")
    range: IntRangeInput | None = strawberry.field(default=None, description="Within this range.")


@strawberry.input(description="A UUID to compare with.")
class UUIDFilterInput:
    eq: uuid.UUID | None = strawberry.field(default=None, description="This one.")
    one_of: list[uuid.UUID] | None = strawberry.field(default=None, description="One of these.")


@strawberry.input(description="An order's status to compare with.")
class OrderStatusEnumFilterInput:
    eq: OrderStatus | None = strawberry.field(default=None, description="This one.")
    one_of: list[OrderStatus] | None = strawberry.field(default=None, description="One of these.")


@strawberry.input(description="A status of charges to compare with.")
class OrderChargeStatusEnumFilterInput:
    eq: OrderChargeStatusEnum | None = strawberry.field(default=None, description="This one.")
    one_of: list[OrderChargeStatusEnum] | None = strawberry.field(default=None, description="One of these.")


@strawberry.input(description="A status of authorisations to compare with.")
class OrderAuthorizeStatusEnumFilterInput:
    eq: OrderAuthorizeStatusEnum | None = strawberry.field(default=None, description="This one.")
    one_of: list[OrderAuthorizeStatusEnum] | None = strawberry.field(default=None, description="One of these.")


@strawberry.input(description="A price to compare with.")
class PriceFilterInput:
    currency: str | None = strawberry.field(default=None, description="Only in this currency.")
    amount: DecimalFilterInput = strawberry.field(description="The amount to compare with.")


@strawberry.input(description="Which orders to list; all that is given must hold.")
class OrderFilterInput:
    status: list[OrderStatusFilter] | None = strawberry.field(default=None, description="In one of these states.")
    customer: str | None = strawberry.field(default=None, description="Part of the buyer's name or e-mail.")
    created: DateRangeInput | None = strawberry.field(default=None, description="By the day when it was placed, UTC.")
    search: str | None = strawberry.field(
        default=None, description="An order's number, part of its buyer's name or e-mail, or of what was bought."
    )
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    channels: list[strawberry.ID] | None = strawberry.field(default=None, description="Of these channels.")
    authorize_status: list[OrderAuthorizeStatusEnum] | None = strawberry.field(
        default=None, description="By what is held."
    )
    charge_status: list[OrderChargeStatusEnum] | None = strawberry.field(
        default=None, description="By what was charged."
    )
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")
    is_click_and_collect: bool | None = strawberry.field(default=None, description="Nobody collects orders here.")
    is_preorder: bool | None = strawberry.field(
        default=None, description="Nothing is sold in advance here.", deprecation_reason="Finds nothing."
    )
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These orders.")
    checkout_tokens: list[uuid.UUID] | None = strawberry.field(default=None, description="Of these checkouts.")
    numbers: list[str] | None = strawberry.field(default=None, description="With these numbers.")
    checkout_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Of these checkouts.")


@strawberry.input(description="Which orders to list; all that is given must hold.")
class OrderWhereInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These orders.")
    number: IntFilterInput | None = strawberry.field(default=None, description="By number.")
    channel_id: GlobalIDFilterInput | None = strawberry.field(default=None, description="By channel.")
    created_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By when it was placed.")
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")
    user: GlobalIDFilterInput | None = strawberry.field(default=None, description="By buyer.")
    user_email: StringFilterInput | None = strawberry.field(default=None, description="By e-mail.")
    authorize_status: OrderAuthorizeStatusEnumFilterInput | None = strawberry.field(
        default=None, description="By what is held."
    )
    charge_status: OrderChargeStatusEnumFilterInput | None = strawberry.field(
        default=None, description="By what was charged."
    )
    status: OrderStatusEnumFilterInput | None = strawberry.field(default=None, description="By status.")
    checkout_token: UUIDFilterInput | None = strawberry.field(default=None, description="By checkout.")
    checkout_id: GlobalIDFilterInput | None = strawberry.field(default=None, description="By checkout.")
    is_click_and_collect: bool | None = strawberry.field(default=None, description="Nobody collects orders here.")
    has_invoices: bool | None = strawberry.field(default=None, description="With an invoice, or without.")
    has_fulfillments: bool | None = strawberry.field(default=None, description="With a parcel, or without.")
    total_gross: PriceFilterInput | None = strawberry.field(default=None, description="By the total with tax.")
    total_net: PriceFilterInput | None = strawberry.field(default=None, description="By the total without tax.")
    and_: list["OrderWhereInput"] | None = strawberry.field(
        name="AND", default=None, description="All of these, beside the rest."
    )
    or_: list["OrderWhereInput"] | None = strawberry.field(
        name="OR", default=None, description="At least one of these, beside the rest."
    )


def filter_parts(given: OrderFilterInput) -> Parts:
    """What an old-style filter asks for. Raises: GraphQLError for a malformed ID."""
    exact: dict[str, list[Any] | None] = {
        "states": _values(given.status),
        "authorize_statuses": _values(given.authorize_status),
        "charge_statuses": _values(given.charge_status),
        "channels": None if given.channels is None else keys(given.channels, "Channel"),
        "ids": None if given.ids is None else _uuids(given.ids, "Order"),
        "checkouts": None if given.checkout_ids is None else _uuids(given.checkout_ids, "Checkout"),
        "numbers": None if given.numbers is None else [int(text) for text in given.numbers if _is_number(text)],
    }
    parts: Parts = [(name, value) for name, value in exact.items() if value is not None]
    parts += _common(given.is_click_and_collect, given.updated_at)
    parts += [
        (name, text.strip())
        for name, text in (("customer", given.customer), ("search", given.search))
        if text is not None and text.strip()
    ]
    if given.checkout_tokens is not None:
        parts.append(("checkouts", given.checkout_tokens))
    if given.is_preorder is not None:
        parts.append(("nothing", not given.is_preorder))
    if given.created is not None:
        parts += _days(given.created)
    if given.metadata is not None:
        parts += metadata_criteria(given.metadata)
    return parts


def where_parts(given: OrderWhereInput, depth: int = 0) -> Parts:
    """What a filter asks for. Raises: GraphQLError for a malformed ID, or for filters nested too deeply."""
    parts: Parts = [*_common(given.is_click_and_collect, given.updated_at), *_identity(given)]
    if given.created_at is not None:
        parts += _moments(given.created_at, "created")
    if given.status is not None:
        parts.append(("statuses", _chosen(given.status.eq, given.status.one_of)))
    if given.charge_status is not None:
        parts.append(("charge_statuses", _chosen(given.charge_status.eq, given.charge_status.one_of)))
    if given.authorize_status is not None:
        parts.append(("authorize_statuses", _chosen(given.authorize_status.eq, given.authorize_status.one_of)))
    if given.has_invoices is not None:
        parts.append(("has_invoices", given.has_invoices))
    if given.has_fulfillments is not None:
        parts.append(("has_fulfillments", given.has_fulfillments))
    if given.total_gross is not None:
        parts += _price(given.total_gross, "gross")
    if given.total_net is not None:
        parts += _price(given.total_net, "net")
    return parts + nested(given.and_, given.or_, where_parts, depth)


def _identity(given: OrderWhereInput) -> Parts:
    """Which orders, whose, and of what."""
    parts: Parts = []
    if given.ids is not None:
        parts.append(("ids", _uuids(given.ids, "Order")))
    if given.number is not None:
        parts += _numbers(given.number)
    if given.channel_id is not None:
        parts.append(("channels", keys(_ids(given.channel_id), "Channel")))
    if given.user is not None:
        parts.append(("users", keys(_ids(given.user), "User")))
    if given.user_email is not None:
        parts.append(("emails", [email.lower() for email in wanted(given.user_email)]))
    if given.checkout_id is not None:
        parts.append(("checkouts", _uuids(_ids(given.checkout_id), "Checkout")))
    if given.checkout_token is not None:
        one = given.checkout_token
        parts.append(("checkouts", [one.eq] if one.eq is not None else one.one_of or []))
    return parts


def _common(is_click_and_collect: bool | None, updated_at: DateTimeRangeInput | None) -> Parts:
    parts: Parts = []
    if is_click_and_collect is not None:
        parts.append(("nothing", not is_click_and_collect))
    if updated_at is not None:
        parts += _moments(updated_at, "updated")
    return parts


def _moments(given: DateTimeRangeInput, name: str) -> Parts:
    parts: Parts = []
    if given.gte is not None:
        parts.append((f"{name}_from", _aware(given.gte)))
    if given.lte is not None:
        parts.append((f"{name}_to", _aware(given.lte)))
    return parts


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _days(given: DateRangeInput) -> Parts:
    parts: Parts = []
    if given.gte is not None:
        parts.append(("created_from", _start_of(given.gte)))
    if given.lte is not None and given.lte < date.max:
        parts.append(("created_before", _start_of(given.lte + timedelta(days=1))))
    return parts


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _numbers(given: IntFilterInput) -> Parts:
    if given.eq is not None:
        return [("numbers", [given.eq])]
    if given.one_of is not None:
        return [("numbers", given.one_of)]
    parts: Parts = []
    if given.range is not None and given.range.gte is not None:
        parts.append(("number_from", given.range.gte))
    if given.range is not None and given.range.lte is not None:
        parts.append(("number_to", given.range.lte))
    return parts


def _price(given: PriceFilterInput, name: str) -> Parts:
    parts: Parts = [] if given.currency is None else [("currency", given.currency)]
    amount = given.amount
    if amount.eq is not None:
        parts.append((f"{name}_amounts", [amount.eq]))
    elif amount.one_of is not None:
        parts.append((f"{name}_amounts", amount.one_of))
    elif amount.range is not None:
        if amount.range.gte is not None:
            parts.append((f"{name}_from", amount.range.gte))
        if amount.range.lte is not None:
            parts.append((f"{name}_to", amount.range.lte))
    return parts


def _chosen(eq: E | None, one_of: Sequence[E] | None) -> list[str]:
    return [eq.value] if eq is not None else [one.value for one in one_of or ()]


def _values(given: Sequence[Enum] | None) -> list[Any] | None:
    return None if given is None else [one.value for one in given]


def _ids(given: GlobalIDFilterInput) -> list[strawberry.ID]:
    return [given.eq] if given.eq is not None else given.one_of or []


def _uuids(given: Sequence[strawberry.ID], type_name: str) -> list[uuid.UUID]:
    """The keys behind IDs of one type; IDs of another type find nothing. Raises: GraphQLError for a malformed one."""
    return [key for text in given if (key := query_uuid(text, type_name)) is not None]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _INT32
