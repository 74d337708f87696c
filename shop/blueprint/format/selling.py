"""Where and how the shop sells: channels, taxes, warehouses, shipping."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shop.blueprint.format.base import (
    Country,
    Currency,
    Kilograms,
    Language,
    Metadata,
    Name,
    Percent,
    Price,
    Prices,
    Quantity,
    Section,
    Slug,
)
from shop.blueprint.format.content import Content
from shop.blueprint.format.describing import MethodTranslation


class ChannelTax(Section):
    """How a channel treats tax."""

    charge: bool = Field(True, description="Whether tax is charged at all")
    prices_entered_with_tax: bool = Field(False, description="True: the prices of this file include tax (gross entry)")
    display_gross_prices: bool = Field(True, description="Whether storefronts show prices with their tax")


class Channel(Section):
    """A market with its own currency, prices and listings. It sends to the countries of its shipping zones."""

    slug: Slug
    name: Name
    currency: Currency
    default_country: Country
    active: bool = True
    payment: Literal["charge", "authorize"] = Field("charge", description="Whether paying charges, or only authorizes")
    unpaid_orders: bool = Field(False, description="Whether a cart may become an order before it is paid")
    confirm_orders: bool = Field(False, description="Whether a person confirms each new order before it can be sent")
    tax: ChannelTax = ChannelTax()
    warehouses: list[Slug] = Field([], description="Warehouses whose stock this channel sells, in order of preference")
    metadata: Metadata = {}


class TaxClass(Section):
    """Things taxed alike, with their rate per country."""

    name: Name
    rates: dict[Country, Percent] = Field({}, description="Percent by country; else the country's default rate")


class Address(Section):
    """A postal address."""

    company: str = Field("", max_length=256)
    street: Annotated[str, Field(min_length=1, max_length=256)]
    street_2: str = Field("", max_length=256)
    postal_code: str = Field("", max_length=20)
    city: Annotated[str, Field(min_length=1, max_length=256)]
    area: str = Field("", max_length=128, description="State, province or region")
    country: Country
    phone: str = Field("", max_length=32)


class Warehouse(Section):
    """A place that holds stock."""

    slug: Slug
    name: Name
    email: str = Field("", max_length=254)
    address: Address
    metadata: Metadata = {}


class ShippingMethod(Section):
    """One way of sending, with its price per channel."""

    name: Name
    description: Content = []
    type: Literal["price", "weight"] = Field("price", description="Whether limits count the order's price or weight")
    prices: Prices
    minimum_order: dict[Slug, Price] = Field({}, description="Lowest order price by channel")
    maximum_order: dict[Slug, Price] = Field({}, description="Highest order price by channel")
    minimum_weight: Kilograms | None = None
    maximum_weight: Kilograms | None = None
    minimum_days: Quantity | None = Field(None, description="Fewest days until delivery")
    maximum_days: Quantity | None = Field(None, description="Most days until delivery")
    tax_class: Name | None = None
    translations: dict[Language, MethodTranslation] = Field({}, description="By language: `de`, `pt-br`")
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.minimum_days is not None and self.maximum_days is not None and self.minimum_days > self.maximum_days:
            raise ValueError("minimum_days is greater than maximum_days")
        return self


class ShippingZone(Section):
    """Countries that are served alike."""

    name: Name
    description: str = Field("", max_length=2_000)
    countries: Annotated[list[Country], Field(min_length=1)]
    channels: list[Slug] = Field([], description="Channels that ship to this zone")
    warehouses: list[Slug] = Field([], description="Warehouses that send to this zone")
    methods: list[ShippingMethod] = []
    metadata: Metadata = {}


class GiftCard(Section):
    """A gift card that anybody with its code may spend: issued once, and what is left on it is its own affair."""

    code: Annotated[str, Field(min_length=8, max_length=64, description="Case, blanks and hyphens do not count")]
    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3)]
    currency: Currency
    expires_on: date | None = Field(None, description="The last day on which it can be spent")
    tags: list[Name] = Field([], description="Words by which staff find it")
    active: bool = True
