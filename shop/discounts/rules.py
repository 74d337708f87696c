"""Whether a voucher or an order promotion applies to a purchase, and what it takes off; decided from values alone.

Amounts are as prices are entered in the channel, before tax is told apart: the tax follows from what is left.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from shop.accounts.rules import normalised_email
from shop.kit.errors import Invalid
from shop.kit.money import ZERO, display
from shop.pricing.rules import percentage, round_money, share_out

VOUCHER: Final = "VOUCHER"
ORDER_PROMOTION: Final = "ORDER_PROMOTION"
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of a purchase. Units: `unit_amount` is what one costs now, promotions of the catalogue included."""

    key: uuid.UUID
    variant_id: int
    quantity: int
    unit_amount: Decimal

    @property
    def amount(self) -> Decimal:
        """What the line costs now."""
        return self.unit_amount * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """A purchase as far as discounts depend on it. Shapes: `delivery_amount` None while no delivery is chosen."""

    currency: str
    country: str
    user_id: int | None
    email: str | None
    goods: tuple[Goods, ...]
    sends: bool
    delivery_amount: Decimal | None

    @property
    def amount(self) -> Decimal:
        """What the goods cost now."""
        return sum((goods.amount for goods in self.goods), ZERO)


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """A voucher by one of its codes, in one channel. Shapes: the columns of `queries.VOUCHER_TERMS`, in their order."""

    voucher_id: int
    code_id: uuid.UUID
    code: str
    code_is_active: bool
    name: str | None
    type: str
    value_type: str
    apply_once_per_order: bool
    apply_once_per_customer: bool
    only_for_staff: bool
    usage_limit: int | None
    used: int
    minimum_quantity: int | None
    countries: Sequence[str]
    starts_at: datetime
    ends_at: datetime | None
    # None: it is worth nothing in the channel.
    channel_id: int | None
    value: Decimal | None
    minimum_amount: Decimal | None
    # Of the variants, users and e-mails that were asked about: those that it is for, or that have used it.
    variant_ids: Sequence[int]
    staff_ids: Sequence[int]
    users_served: Sequence[int]
    emails_served: Sequence[str]


@dataclass(frozen=True, slots=True)
class OrderRule:
    """An order promotion's rule in one channel. Shapes: the columns of `queries.ORDER_RULES`, in their order."""

    rule_id: uuid.UUID
    channel_id: int
    name: str
    starts_at: datetime
    ends_at: datetime | None
    value_type: str
    value: Decimal
    minimum_amount: Decimal | None
    maximum_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a voucher does not apply. `of_code`: the code is no good here and now, whatever is in the cart."""

    text: str
    of_code: bool = False


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a voucher or a promotion takes off. `lines` are discounts of single lines; `shares` are the lines' parts of
    one of all goods.
    """

    type: str
    name: str | None
    value_type: str
    value: Decimal
    lines: Mapping[uuid.UUID, Decimal] = field(default_factory=dict)
    shares: Mapping[uuid.UUID, Decimal] = field(default_factory=dict)
    delivery: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """All that it takes off."""
        return sum(self.lines.values(), ZERO) + sum(self.shares.values(), ZERO) + self.delivery


def clean_code(text: str) -> str:
    """A code without blanks around it, as it is looked for: shoppers need not mind its case."""
    return text.strip().lower()


def check_value(value_type: str, value: Decimal, currency: str) -> None:
    """A discount may be worth this. Raises: Invalid on `discountValue`."""
    if value <= 0:
        raise Invalid("A discount has to be worth more than nothing.", field="discountValue")
    if value_type == "PERCENTAGE" and value > _HUNDRED:
        raise Invalid("A discount cannot be more than 100 percent.", field="discountValue")
    if value_type == "FIXED" and value != round_money(value, currency):
        raise Invalid(f"{value} is no amount of {currency}.", field="discountValue")


def check_dates(starts_at: datetime, ends_at: datetime | None) -> None:
    """Something may run from the one until the other. Raises: Invalid on `endDate`."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid("The end has to come after the start.", field="endDate")


def email_digest(email: str) -> str:
    """What is kept of a buyer's e-mail: enough to know it again."""
    return hashlib.sha256(normalised_email(email).encode()).hexdigest()


def runs(starts_at: datetime, ends_at: datetime | None, now: datetime) -> bool:
    """Whether something that is dated applies now: from its start until before its end."""
    return starts_at <= now and (ends_at is None or now < ends_at)


def refusal(terms: VoucherTerms, basket: Basket, now: datetime) -> Refusal | None:
    """Why the voucher does not apply to the purchase now; None when it does."""
    if (
        not terms.code_is_active
        or terms.value is None
        or not runs(terms.starts_at, terms.ends_at, now)
        or (terms.usage_limit is not None and terms.used >= terms.usage_limit)
    ):
        return Refusal("This code is not valid.", of_code=True)
    text = _refused_customer(terms, basket) or _refused_goods(terms, basket) or _refused_delivery(terms, basket)
    return None if text is None else Refusal(text)


def _refused_customer(terms: VoucherTerms, basket: Basket) -> str | None:
    if terms.only_for_staff and basket.user_id not in terms.staff_ids:
        return "This code is for members of staff."
    if not terms.apply_once_per_customer:
        return None
    if basket.email is None:
        return "This code works once for each customer: an e-mail address is needed first."
    if basket.user_id in terms.users_served or email_digest(basket.email) in terms.emails_served:
        return "This code works once for each customer, and has been used."
    return None


def _refused_goods(terms: VoucherTerms, basket: Basket) -> str | None:
    if terms.minimum_amount is not None and basket.amount < terms.minimum_amount:
        return f"This code needs goods worth at least {display(terms.minimum_amount, basket.currency)}."
    if terms.minimum_quantity is not None and sum(goods.quantity for goods in basket.goods) < terms.minimum_quantity:
        return f"This code needs at least {terms.minimum_quantity} items in the cart."
    if terms.type == "SPECIFIC_PRODUCT" and not _meant(terms, basket):
        return "This code is for goods that are not in the cart."
    return None


def _refused_delivery(terms: VoucherTerms, basket: Basket) -> str | None:
    if terms.type != "SHIPPING":
        return None
    if not basket.sends:
        return "This code is for the delivery, and nothing has to be sent."
    if basket.delivery_amount is None:
        return "This code is for the delivery, which has to be chosen first."
    if terms.countries and basket.country not in terms.countries:
        return "This code is not for deliveries to this country."
    return None


def _meant(terms: VoucherTerms, basket: Basket) -> list[Goods]:
    if terms.type != "SPECIFIC_PRODUCT":
        return list(basket.goods)
    return [goods for goods in basket.goods if goods.variant_id in terms.variant_ids]


def voucher_reduction(terms: VoucherTerms, basket: Basket) -> Reduction:
    """What the voucher takes off a purchase to which it applies.

    Of single goods, a fixed value is taken off each unit and a percentage off the line; `apply_once_per_order` means
    one unit of the cheapest. Nothing becomes cheaper than free. Source: Saleor, "Vouchers".
    """
    assert terms.value is not None
    made = Reduction(VOUCHER, terms.name, terms.value_type, terms.value)
    if terms.type == "SHIPPING":
        return replace(made, delivery=_off(made, basket.delivery_amount or ZERO, basket.currency))
    if terms.apply_once_per_order:
        dear = [goods for goods in _meant(terms, basket) if goods.unit_amount > 0]
        # The first of equals.
        cheapest = min(dear, key=lambda goods: goods.unit_amount, default=None)
        cut = {} if cheapest is None else {cheapest.key: _off(made, cheapest.unit_amount, basket.currency)}
        return replace(made, lines=cut)
    if terms.type == "ENTIRE_ORDER":
        return _spread(made, basket)
    if terms.value_type == "PERCENTAGE":
        cut = {goods.key: _off(made, goods.amount, basket.currency) for goods in _meant(terms, basket)}
    else:
        cut = {
            goods.key: _off(made, goods.unit_amount, basket.currency) * goods.quantity
            for goods in _meant(terms, basket)
        }
    return replace(made, lines=_some(cut))


def best_order_rule(rules: Iterable[OrderRule], basket: Basket, now: datetime) -> Reduction | None:
    """What the order promotion that saves most takes off; None where none applies. They never add up.

    Source: Saleor, "Order promotions".
    """
    best: Reduction | None = None
    for rule in sorted(rules, key=lambda rule: rule.rule_id):
        if not runs(rule.starts_at, rule.ends_at, now) or not _within(rule, basket.amount):
            continue
        made = _spread(Reduction(ORDER_PROMOTION, rule.name, rule.value_type, rule.value), basket)
        if made.amount > (ZERO if best is None else best.amount):
            best = made
    return best


def discounted_price(price: Decimal, value_type: str, value: Decimal, currency: str) -> Decimal:
    """What a promotion of the catalogue makes of a price."""
    return price - _cut(value_type, value, price, currency)


def _within(rule: OrderRule, amount: Decimal) -> bool:
    return (rule.minimum_amount is None or amount >= rule.minimum_amount) and (
        rule.maximum_amount is None or amount <= rule.maximum_amount
    )


def _spread(made: Reduction, basket: Basket) -> Reduction:
    amounts = [goods.amount for goods in basket.goods]
    parts = share_out(_off(made, basket.amount, basket.currency), amounts, basket.currency)
    return replace(made, shares=_some(dict(zip((goods.key for goods in basket.goods), parts, strict=True))))


def _some(amounts: Mapping[uuid.UUID, Decimal]) -> dict[uuid.UUID, Decimal]:
    return {key: amount for key, amount in amounts.items() if amount > 0}


def _off(made: Reduction, amount: Decimal, currency: str) -> Decimal:
    return _cut(made.value_type, made.value, amount, currency)


def _cut(value_type: str, value: Decimal, amount: Decimal, currency: str) -> Decimal:
    if value_type == "PERCENTAGE":
        return percentage(amount, value, currency)
    return min(round_money(value, currency), amount)
