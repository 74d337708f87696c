"""What makes things cheaper: vouchers, and promotions that nobody has to ask for."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from shop.blueprint.format.base import Country, Name, Price, Section, Slug

Share = Annotated[Decimal, Field(gt=0, le=100, max_digits=6, decimal_places=3)]
Amount = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Count = Annotated[int, Field(ge=1, le=2_147_483_647)]


class _Discount(Section):
    """A share in some channels, or an amount in each; and what it is about."""

    name: Name
    percent: Share | None = Field(None, description="A share of the price, in each of `channels`")
    channels: list[Slug] = Field([], description="Where the share is given")
    amounts: dict[Slug, Amount] = Field({}, description="Instead of a share: an amount by channel")
    starts_at: AwareDatetime | None = Field(None, description="Left out: from when it is first applied")
    ends_at: AwareDatetime | None = Field(None, description="Left out: it does not end")
    products: list[Slug] = Field([], description="Goods that it is about")
    collections: list[Slug] = []
    categories: list[Slug] = Field([], description="With everything below them")

    @model_validator(mode="after")
    def _worth_something(self) -> Self:
        if (self.percent is None) == (not self.amounts):
            raise ValueError("either percent or amounts is needed")
        if (self.percent is None) == bool(self.channels):
            raise ValueError("percent needs channels, and amounts have their own")
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at has to come after starts_at")
        return self

    def worth(self) -> list[tuple[Slug, Decimal]]:
        """Its value by channel: percent, or amounts of the channels' currencies."""
        if self.percent is not None:
            return [(slug, self.percent) for slug in self.channels]
        return list(self.amounts.items())

    @property
    def value_type(self) -> str:
        """Whether `worth` is a share or an amount."""
        return "FIXED" if self.percent is None else "PERCENTAGE"

    @property
    def is_about_goods(self) -> bool:
        """Whether it names goods."""
        return bool(self.products or self.collections or self.categories)


class Voucher(_Discount):
    """A discount that a shopper asks for by a code; its name tells it from others."""

    codes: Annotated[list[Code], Field(min_length=1, description="Case does not count")]
    type: Literal["entire_order", "goods", "delivery"] = Field(
        "entire_order", description="What it makes cheaper: all goods, the named goods, or the delivery"
    )
    minimum: dict[Slug, Price] = Field({}, description="What the goods must cost, by channel")
    minimum_quantity: Count | None = Field(None, description="How many items the cart must hold")
    usage_limit: Count | None = Field(None, description="How many orders may use it, by all its codes together")
    once_per_order: bool = Field(False, description="Only one unit of the cheapest item becomes cheaper")
    once_per_customer: bool = Field(False, description="A customer, known by account or e-mail, may use it once")
    single_use: bool = Field(False, description="Each code works once")
    only_for_staff: bool = False
    countries: list[Country] = Field([], description="Where a delivery must go; left out: anywhere")

    @model_validator(mode="after")
    def _goods_are_named(self) -> Self:
        if (self.type == "goods") != self.is_about_goods:
            raise ValueError("a voucher of the type goods names products, collections or categories; no other does")
        if unknown := set(self.minimum) - {slug for slug, _ in self.worth()}:
            raise ValueError(f"minimum names {min(unknown)}, where the voucher is worth nothing")
        return self


class Promotion(_Discount):
    """A discount of goods, shown in the catalogue; or, where none are named, of whole carts of some worth."""

    minimum_cart: Price | None = Field(None, description="What goods must cost together, where none are named")
    maximum_cart: Price | None = None

    @model_validator(mode="after")
    def _carts_or_goods(self) -> Self:
        if self.is_about_goods and (self.minimum_cart is not None or self.maximum_cart is not None):
            raise ValueError("minimum_cart and maximum_cart belong to promotions that name no goods")
        if self.maximum_cart is not None and self.maximum_cart < (self.minimum_cart or 0):
            raise ValueError("maximum_cart is less than minimum_cart")
        return self
