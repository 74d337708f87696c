"""What staff writes of variants: the inputs, and what they say of columns, stocks and prices."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import strawberry

from shop.api.attributes.giving import AttributeValueInput
from shop.api.catalogue.writing import UNSET, kilograms, metadata_of, said
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.scalars import PositiveDecimal, WeightScalar
from shop.api.metadata.inputs import MetadataInput
from shop.catalogue.actions.variants import VariantFields
from shop.kit.errors import Invalid
from shop.pricing.actions import Price

_MOST_AT_ONCE = 100


@strawberry.input(description="How many of a variant lie in a warehouse.")
class StockInput:
    warehouse: strawberry.ID = strawberry.field(description="ID of the warehouse.")
    quantity: int = strawberry.field(description="How many, promised ones included.")


@strawberry.input
class VariantBaseInput:
    """What all inputs of variants share."""

    sku: str | None = strawberry.field(default=UNSET, description="Article number; no two variants have the same.")
    name: str | None = strawberry.field(
        default=UNSET,
        description="What tells it from the product's other variants; of a new one, made of what shoppers choose it "
        "by, else of the article number.",
    )
    track_inventory: bool | None = strawberry.field(
        default=None, description="Whether stock limits how many are sold; yes at first."
    )
    weight: WeightScalar | None = strawberry.field(default=UNSET, description="What one weighs, in kilograms.")
    quantity_limit_per_customer: int | None = strawberry.field(
        default=UNSET, description="How many one order may hold; null: as the shop says."
    )
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Public metadata; keys that are not named stay."
    )
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata; keys that are not named stay."
    )
    external_reference: str | None = strawberry.field(default=UNSET, description="Its name in another system.")


@strawberry.input(description="What to change of a variant. What is left out stays; null empties it.")
class ProductVariantInput(VariantBaseInput):
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description="What it is to say of the attributes of its type; those left out stay as they are."
    )


@strawberry.input(description="A new variant.")
class ProductVariantCreateInput(VariantBaseInput):
    attributes: list[AttributeValueInput] = strawberry.field(
        description="What it says of the attributes that variants of its type have; a list that may be empty."
    )
    product: strawberry.ID = strawberry.field(description="ID of the product that it is a variant of.")
    stocks: list[StockInput] | None = strawberry.field(default=None, description="How many of it lie where.")


@strawberry.input(description="What a variant costs in a channel.")
class ProductVariantChannelListingAddInput:
    channel_id: strawberry.ID = strawberry.field(description="ID of a channel in which its product is listed.")
    price: PositiveDecimal = strawberry.field(description="The price, with or without tax as the channel has it.")
    cost_price: PositiveDecimal | None = strawberry.field(default=UNSET, description="What it costs the shop.")
    prior_price: PositiveDecimal | None = strawberry.field(
        default=UNSET, description="What it cost before a permanent reduction; shown, never charged."
    )


def fields_of(given: VariantBaseInput) -> VariantFields:
    """What the input says of the variant's columns. Raises: Invalid."""
    found = said(
        {
            "sku": given.sku,
            "name": given.name,
            "weight_kg": kilograms(given.weight),
            "quantity_limit_per_customer": given.quantity_limit_per_customer,
            "external_reference": given.external_reference,
        }
    )
    # A flag is never null: that means the same as leaving it out.
    if given.track_inventory is not None:
        found["track_inventory"] = given.track_inventory
    fields: VariantFields = {}
    fields.update({**found, **metadata_of(given.metadata, given.private_metadata)})  # type: ignore[typeddict-item]
    return fields


def stocks_of(given: Sequence[StockInput] | None) -> list[tuple[uuid.UUID, int]]:
    """Warehouses and quantities. Raises: Invalid for malformed IDs and too many."""
    if given is not None and len(given) > _MOST_AT_ONCE:
        raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="stocks")
    return [(required_uuid(each.warehouse, "Warehouse", field="warehouse"), each.quantity) for each in given or ()]


def prices_of(given: Sequence[ProductVariantChannelListingAddInput] | None) -> list[Price]:
    """What the inputs say of prices. Raises: Invalid for malformed IDs and too many."""
    if given is not None and len(given) > _MOST_AT_ONCE:
        raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="input")
    return [_price(each) for each in given or ()]


def _price(given: ProductVariantChannelListingAddInput) -> Price:
    amounts: dict[str, Any] = said(
        {
            "price_amount": Decimal(given.price),
            "cost_price_amount": given.cost_price,
            "prior_price_amount": given.prior_price,
        }
    )
    return Price(required_int(given.channel_id, "Channel", field="channelId"), amounts)
