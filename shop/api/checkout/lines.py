"""Lines of checkouts in the API, and what keeps a line from being bought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar

import strawberry

from shop.api.booking.lines import CheckoutLineBooking, CheckoutLineBookingState, bookings_of_cart_lines
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.channels.scope import Scope
from shop.api.checkout.inputs import MANAGERS
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, TaxedMoney, money, taxed_money
from shop.browse.queries import Sight
from shop.checkout.queries import Priced
from shop.checkout.rules import Cart, Line, LinePrice, not_for_sale, short_of
from shop.execution import batch_field
from shop.tax.queries import TaxedChannel


@strawberry.type(
    description="There is less in stock than the line wants, or the time that it held is lost: `line.booking.state` "
    "says so. Set that line's time anew, or remove it."
)
class CheckoutLineProblemInsufficientStock:
    available_quantity: int | None = strawberry.field(description="How many there are; none where a time is lost.")
    line: "CheckoutLine" = strawberry.field(description="The line.")

    @batch_field(description="The variant that falls short.")
    @staticmethod
    async def variant(parents: list["CheckoutLineProblemInsufficientStock"], context: Context) -> list[ProductVariant]:
        return await _variants([problem.line for problem in parents], context)


@strawberry.type(description="The line's variant cannot be bought now: not published, not listed or not for sale.")
class CheckoutLineProblemVariantNotAvailable:
    line: "CheckoutLine" = strawberry.field(description="The line.")


CheckoutLineProblem = Annotated[
    CheckoutLineProblemInsufficientStock | CheckoutLineProblemVariantNotAvailable,
    strawberry.union("CheckoutLineProblem", description="Why a line cannot be bought as it is."),
]


@strawberry.type(description="A line of a cart: a variant and how many of it.")
class CheckoutLine(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    line: strawberry.Private[Line]
    sums: strawberry.Private[LinePrice]
    cart: strawberry.Private[Cart]
    # How many there are, where that is too few.
    left: strawberry.Private[int | None]
    quantity: int = strawberry.field(description="How many.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("CheckoutLine", self.line.id)

    @batch_field(description="What is bought.")
    @staticmethod
    async def variant(parents: list["CheckoutLine"], context: Context) -> list[ProductVariant]:
        return await _variants(parents, context)

    @computed(description="What one costs now.")
    def unit_price(self) -> TaxedMoney:
        return taxed_money(self.sums.unit)

    @batch_field(description="The time that it holds; null for a line without one.")
    @staticmethod
    async def booking(parents: list["CheckoutLine"], context: Context) -> list[CheckoutLineBooking | None]:
        return await _bookings(parents, context)

    @computed(description="What one costs before discounts, as prices are entered in the channel.")
    def undiscounted_unit_price(self) -> Money:
        return money(self.sums.unit_amount, self.cart.currency)

    @computed(description="What one cost before its price was reduced for good.")
    def prior_unit_price(self) -> Money | None:
        amount = self.sums.prior_unit_amount
        return None if amount is None else money(amount, self.cart.currency)

    @computed(description="What the line costs now. The tax is that of the whole, not of each unit.")
    def total_price(self) -> TaxedMoney:
        return taxed_money(self.sums.total)

    @computed(description="What the line costs before discounts, as prices are entered in the channel.")
    def undiscounted_total_price(self) -> Money:
        return money(self.sums.total_amount, self.cart.currency)

    @computed(description="What the line cost before prices were reduced for good.")
    def prior_total_price(self) -> Money | None:
        amount = self.sums.prior_total_amount
        return None if amount is None else money(amount, self.cart.currency)

    @computed(description="Whether it has to be sent.")
    def requires_shipping(self) -> bool:
        return self.line.offer.requires_shipping

    @computed(description="Whether it is a gift of a promotion.")
    def is_gift(self) -> bool | None:
        return False

    @computed(description="Why the price was set by hand, if it was.")
    def price_override_reason(self) -> str | None:
        return None

    @batch_field(description="Why the line cannot be bought as it is; empty when it can.")
    @staticmethod
    async def problems(parents: list["CheckoutLine"], context: Context) -> list[list[CheckoutLineProblem] | None]:
        return list(await problems_of(parents, context))


def line_of(cart: Cart, line: Line, sums: LinePrice, left: int | None = None) -> CheckoutLine:
    """The API's object for a line."""
    return CheckoutLine(
        line=line,
        sums=sums,
        cart=cart,
        left=left,
        quantity=line.quantity,
        metadata_public=line.metadata_public,
        metadata_private=line.metadata_private,
    )


def lines_of(priced: Priced) -> list[CheckoutLine]:
    """The API's objects for the lines of a checkout."""
    short = short_of(priced.lines)
    return [
        line_of(priced.cart, line, priced.totals.lines[line.id], short.get(line.offer.variant_id))
        for line in priced.lines
    ]


async def problems_of(lines: Sequence[CheckoutLine], context: Context) -> list[list[CheckoutLineProblem]]:
    """Why each line cannot be bought as it is."""
    held = await _bookings(lines, context)
    return [_problems(line, booking, context.now) for line, booking in zip(lines, held, strict=True)]


def _problems(line: CheckoutLine, booking: CheckoutLineBooking | None, now: datetime) -> list[CheckoutLineProblem]:
    if not_for_sale(line.line.offer, now) is not None:
        return [CheckoutLineProblemVariantNotAvailable(line=line)]
    is_lost = booking is not None and booking.outcome is CheckoutLineBookingState.LOST
    left = 0 if is_lost else line.left
    return [] if left is None else [CheckoutLineProblemInsufficientStock(available_quantity=left, line=line)]


async def _bookings(lines: Sequence[CheckoutLine], context: Context) -> list[CheckoutLineBooking | None]:
    """The times that lines hold. Only lines that are never merged hold one: a cart of goods asks for none."""
    return await bookings_of_cart_lines(context, [line.line.id if line.line.separate else None for line in lines])


async def _variants(lines: list[CheckoutLine], context: Context) -> list[ProductVariant]:
    """The lines' variants as they are seen in the checkout's channel; who may see the checkout may see them."""
    scopes = {line.cart.id: _scope(line.cart) for line in lines}
    found = await variants_by_id(context, [(line.line.offer.variant_id, scopes[line.cart.id]) for line in lines])
    return [variant for variant in found if variant is not None]


def _scope(cart: Cart) -> Scope:
    channel = TaxedChannel(
        id=cart.channel_id,
        slug=cart.channel_slug,
        currency=cart.currency,
        default_country=cart.default_country,
        is_active=cart.channel_is_active,
        charge_taxes=cart.charge_taxes,
        prices_entered_with_tax=cart.prices_entered_with_tax,
        display_gross_prices=cart.display_gross_prices,
    )
    return Scope(Sight(in_channel=True, public=True), channel)
