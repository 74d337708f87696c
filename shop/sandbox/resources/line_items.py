"""The lines of a Checkout Session, priced from what the caller gave.

Source: https://docs.stripe.com/api/checkout/sessions/line_items
"""

from decimal import ROUND_HALF_UP, Decimal

from shop.sandbox import money
from shop.sandbox.call import Call, merged_metadata
from shop.sandbox.errors import ApiError, invalid
from shop.sandbox.store import Json, random_id

_MAX_LINES = 100


def from_params(call: Call, params: Json) -> list[Json]:
    """The lines described by `line_items`, priced and all in one currency.

    Raises: ApiError for a line that cannot be sold.
    """
    given = params.get("line_items") or []
    if not given:
        raise ApiError(
            400, "Missing required param: line_items.", code="parameter_missing", param="line_items", executed=False
        )
    if len(given) > _MAX_LINES:
        raise invalid(f"You may only have up to {_MAX_LINES} line items.", param="line_items")
    lines = [_line(call, item, f"line_items[{place}]") for place, item in enumerate(given)]
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All line items of a Checkout Session must have the same currency.", param="line_items")
    stated = params.get("currency")
    if stated is not None and stated.lower() != lines[0]["currency"]:
        raise invalid("The currency of the line items differs from the Checkout Session's.", param="currency")
    return lines


def _line(call: Call, item: Json, param: str) -> Json:
    for name in item:
        if name not in {"price_data", "quantity", "metadata"}:
            raise ApiError(
                400,
                f"The sandbox does not act on the parameter {param}[{name}].",
                code="sandbox_unsupported_parameter",
                param=f"{param}[{name}]",
                executed=False,
            )
    price = item.get("price_data")
    if price is None:
        raise invalid("You must specify either `price` or `price_data` for each line item.", param=param)
    quantity = item.get("quantity")
    if quantity is None:
        raise invalid("Quantity is required. Add `quantity` to each line item.", param=f"{param}[quantity]")
    if not 1 <= quantity <= 999_999:
        raise invalid("This value must be greater than or equal to 1.", param=f"{param}[quantity]",
                      code="parameter_invalid_integer")  # fmt: skip
    if "recurring" in price:
        raise invalid("You must provide only one-time prices in payment mode.", param=f"{param}[price_data][recurring]")
    product = price.get("product_data")
    if product is None:
        raise invalid("The sandbox keeps no products: give `product_data`.", param=f"{param}[price_data][product]",
                      code="sandbox_unsupported_parameter")  # fmt: skip
    currency = money.check_currency(price["currency"], f"{param}[price_data][currency]")
    unit_amount = _unit_amount(price, f"{param}[price_data]")
    # A fraction of a minor unit is rounded once, on the line.
    total = int((unit_amount * quantity).quantize(Decimal(1), ROUND_HALF_UP))
    money.check_granularity(total, currency, f"{param}[price_data][unit_amount]")
    whole = unit_amount == unit_amount.to_integral_value()
    return {
        "id": random_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": product["name"],
        "metadata": merged_metadata({}, item.get("metadata")),
        "price": {
            "id": random_id("price_1"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": call.now,
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": random_id("prod_", 14),
            "recurring": None,
            "tax_behavior": price.get("tax_behavior") or "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": int(unit_amount) if whole else None,
            "unit_amount_decimal": format(unit_amount.normalize(), "f"),
        },
        "quantity": quantity,
        "_about": product.get("description"),
    }


def _unit_amount(price: Json, param: str) -> Decimal:
    if ("unit_amount" in price) == ("unit_amount_decimal" in price):
        raise invalid(
            "You must pass exactly one of unit_amount and unit_amount_decimal.", param=f"{param}[unit_amount]"
        )
    amount = Decimal(price["unit_amount"] if "unit_amount" in price else price["unit_amount_decimal"])
    if not amount.is_finite() or amount < 0 or amount > money.MAXIMUM:
        raise invalid("Invalid non-negative integer", param=f"{param}[unit_amount]", code="parameter_invalid_integer")
    return amount


def shown(session: Json) -> list[Json]:
    """The session's lines as the API shows them."""
    return [{name: value for name, value in line.items() if not name.startswith("_")} for line in session["_lines"]]
