"""What carts cost with discounts: tax follows from what is left, and everything adds up to the minor unit."""

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.checkout.rules import Cart, Line, Offer, basket, entered_subtotal, totals
from shop.discounts.rules import Reduction, VoucherTerms, voucher_reduction
from shop.kit.money import TaxedMoney, quantum
from tests.checkout.test_money import MOMENT, cart_of, carts


def line(number: int, price: str, rate: str | None, *, quantity: int = 1, discounted: str | None = None) -> Line:
    return Line(
        id=uuid.UUID(int=number),
        checkout_id=uuid.UUID(int=1),
        quantity=quantity,
        separate=False,
        metadata_public={},
        metadata_private={},
        is_redeemed=False,
        offer=Offer(
            variant_id=number,
            product_id=number,
            requires_shipping=True,
            track_inventory=False,
            weight_kg=Decimal(0),
            quantity_limit=50,
            tax_class_id=1,
            class_rate=None if rate is None else Decimal(rate),
            default_rate=None,
            is_published=True,
            published_at=None,
            available_for_purchase_at=MOMENT,
            price_amount=Decimal(price),
            prior_price_amount=None,
            discounted_price_amount=None if discounted is None else Decimal(discounted),
            discount_rule_id=None if discounted is None else uuid.UUID(int=7),
            available=None,
        ),
    )


def terms(value: str, value_type: str = "PERCENTAGE", **more: Any) -> VoucherTerms:
    given: dict[str, Any] = {
        "voucher_id": 1,
        "code_id": uuid.UUID(int=9),
        "code": "SAVE",
        "code_is_active": True,
        "name": None,
        "type": "ENTIRE_ORDER",
        "value_type": value_type,
        "apply_once_per_order": False,
        "apply_once_per_customer": False,
        "only_for_staff": False,
        "usage_limit": None,
        "used": 0,
        "minimum_quantity": None,
        "countries": (),
        "starts_at": MOMENT,
        "ends_at": None,
        "channel_id": 1,
        "value": Decimal(value),
        "minimum_amount": None,
        "variant_ids": (),
        "staff_ids": (),
        "users_served": (),
        "emails_served": (),
    }
    return VoucherTerms(**(given | more))


def cart(currency: str = "EUR", *, with_tax: bool = True, delivery: str | None = None, rate: str | None = None) -> Cart:
    return cart_of(
        currency,
        with_tax=with_tax,
        charges=True,
        delivery=None if delivery is None else Decimal(delivery),
        rate=None if rate is None else Decimal(rate),
    )


def money(net: str, gross: str, currency: str = "EUR") -> TaxedMoney:
    return TaxedMoney(Decimal(net), Decimal(gross), currency)


def test_mixed_rates_with_prices_that_have_their_tax_in_them() -> None:
    its, lines = cart(), [line(1, "119.00", "19"), line(2, "107.00", "7")]
    made = totals(its, lines, voucher_reduction(terms("10"), basket(its, lines)))
    first, second = (made.lines[one.id] for one in lines)
    assert (first.total, second.total) == (money("90.00", "107.10"), money("90.00", "96.30"))
    assert made.total == money("180.00", "203.40")
    assert (first.share_amount, second.share_amount) == (Decimal("11.90"), Decimal("10.70"))
    assert (first.undiscounted_total, second.undiscounted_total) == (
        money("100.00", "119.00"),
        money("100.00", "107.00"),
    )


def test_mixed_rates_with_prices_before_tax() -> None:
    its, lines = cart(with_tax=False), [line(1, "100.00", "19"), line(2, "100.00", "7")]
    made = totals(its, lines, voucher_reduction(terms("20", "FIXED"), basket(its, lines)))
    assert [made.lines[one.id].total for one in lines] == [money("90.00", "107.10"), money("90.00", "96.30")]
    assert made.total == money("180.00", "203.40")


def test_three_of_33_33_at_a_third_off() -> None:
    its, lines = cart("USD"), [line(1, "33.33", "19", quantity=3)]
    price = totals(its, lines, voucher_reduction(terms("33.33"), basket(its, lines))).lines[lines[0].id]
    # 99.99 - 33.33 = 66.66; 66.66 / 1.19 = 56.0168.
    assert price.total == money("56.02", "66.66", "USD")
    assert price.unit == money("18.67", "22.22", "USD")
    assert (price.unit_amount, price.total_amount) == (Decimal("33.33"), Decimal("99.99"))


@pytest.mark.parametrize(
    ("currency", "price", "discount", "total"),
    [("JPY", "999", "33.33", ("605", "666")), ("KWD", "1.235", "50", ("0.561", "0.617"))],
)
def test_currencies_without_and_with_three_places(
    currency: str, price: str, discount: str, total: tuple[str, str]
) -> None:
    its, lines = cart(currency), [line(1, price, "10")]
    made = totals(its, lines, voucher_reduction(terms(discount), basket(its, lines)))
    assert made.total == money(*total, currency)


def test_a_delivery_s_discount_leaves_the_goods_alone() -> None:
    its, lines = cart(delivery="4.90", rate="19"), [line(1, "119.00", "19")]
    made = totals(its, lines, voucher_reduction(terms("50", type="SHIPPING"), basket(its, lines)))
    assert (made.shipping, made.undiscounted_shipping) == (money("2.06", "2.45"), money("4.12", "4.90"))
    assert made.subtotal == money("100.00", "119.00")
    assert made.total == money("102.06", "121.45")


def test_a_promotion_s_price_comes_first_and_a_voucher_takes_its_share_of_it() -> None:
    its, lines = cart("USD"), [line(1, "20.00", None, quantity=2, discounted="15.00"), line(2, "10.00", None)]
    assert entered_subtotal(lines) == 40
    made = totals(its, lines, voucher_reduction(terms("10"), basket(its, lines)))
    first = made.lines[lines[0].id]
    assert [first.promotion_amount, first.share_amount, first.total.gross] == [10, 3, 27]
    assert [first.unit_amount, first.unit.gross, first.undiscounted_total.gross] == [20, Decimal("13.50"), 40]
    assert made.total.gross == 36


def test_a_promotion_s_price_above_the_list_price_is_no_price() -> None:
    its, lines = cart("USD"), [line(1, "20.00", None, discounted="25.00")]
    assert totals(its, lines).total.gross == 20


VALUES = st.decimals("0.001", 150, places=3)


@settings(deadline=None)
@given(
    carts(),
    VALUES,
    st.sampled_from(["FIXED", "PERCENTAGE"]),
    st.sampled_from(["ENTIRE_ORDER", "SPECIFIC_PRODUCT", "SHIPPING"]),
    st.booleans(),
)
def test_discounts_add_up_and_never_exceed(
    drawn: tuple[Cart, list[Line]], value: Decimal, value_type: str, kind: str, once: bool
) -> None:
    its, lines = drawn
    smallest = quantum(its.currency)
    its_basket = basket(its, lines)
    if not its_basket.sends:
        its_basket = replace(its_basket, delivery_amount=None)
    # Every other line is meant; all lines of these carts are of one variant.
    meant = replace(
        its_basket, goods=tuple(replace(goods, variant_id=number % 2) for number, goods in enumerate(its_basket.goods))
    )
    voucher = terms(str(value), value_type, type=kind, apply_once_per_order=once, variant_ids=(1,))
    reduction: Reduction = voucher_reduction(voucher, meant)
    made = totals(its, lines, reduction)
    for one in lines:
        price = made.lines[one.id]
        off = price.voucher_amount + price.share_amount
        assert 0 <= off <= price.total_amount
        assert off % smallest == 0
        assert 0 <= price.total.net <= price.total.gross <= price.undiscounted_total.gross
        assert 0 <= price.unit.net <= price.unit.gross <= price.undiscounted_unit.gross
    entered, full = (
        (made.total.gross, entered_subtotal(lines) + made.undiscounted_shipping.gross)
        if its.prices_entered_with_tax
        else (made.total.net, entered_subtotal(lines) + made.undiscounted_shipping.net)
    )
    assert entered == full - reduction.amount
    assert made.subtotal.gross == sum(made.lines[one.id].total.gross for one in lines)
    assert made.total == made.subtotal + made.shipping
    assert 0 <= made.total.net <= made.total.gross
