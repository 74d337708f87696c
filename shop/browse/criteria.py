"""What lists can be filtered by: each criterion is a condition with one value. Here are those of products.

Criteria are kept apart from their values, so that lists that filter alike share one statement.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from shop.browse.models import ProductText
from shop.browse.search import matches
from shop.catalogue.models import CollectionProduct, Product, ProductType, Variant
from shop.pricing.models import ProductListing, VariantListing
from shop.pricing.queries import IS_FOR_SALE, IS_PUBLISHED
from shop.stock.models import Stock, Warehouse

CHANNEL: Final[ColumnElement[int]] = bindparam("channel_id", type_=Integer)
_INSTANT: Final = DateTime(timezone=True)
_AMOUNT: Final[ColumnElement[Any]] = VariantListing.__table__.c.sold_at_amount

Condition = Callable[..., ColumnElement[bool]]
# A tuple: several values of one criterion.
Value = Sequence[Any] | str | bool | datetime | Decimal | int | dict[str, str] | tuple[Any, ...]
# A criterion's name, or ("and" | "or", parts): what a statement's text depends on.
Shape = str | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition, the type of its value (or of each of its values), and whether it only makes sense within a channel.

    One that does looks at nothing but what is listed there, so that a list is counted without its rows. `beside`: it
    looks at the row of another table that stands beside each row of the list, known by this column. `by_id`: it looks
    at nothing but the row's id, whose column it takes before its values.
    """

    type: TypeEngine[Any] | tuple[TypeEngine[Any], ...]
    condition: Condition
    needs_channel: bool = False
    # A mapped column; its own type is a descriptor, which a class cannot hold.
    beside: Any = None
    by_id: bool = False

    @property
    def needs_row(self) -> bool:
        """Whether it looks at the row of the list itself, beyond its id."""
        return not (self.needs_channel or self.by_id or self.beside is not None)

    def build(self, number: int, key: Any) -> ColumnElement[bool]:
        """The condition over the values that `Criteria.params` names by this number. `key`: the column of the id."""
        if isinstance(self.type, tuple):
            binds = [bindparam(f"value_{number}_{n}", type_=type_) for n, type_ in enumerate(self.type)]
        else:
            binds = [bindparam(f"value_{number}", type_=self.type)]
        return self.condition(key, *binds) if self.by_id else self.condition(*binds)


@dataclass(frozen=True, slots=True)
class Criteria:
    """Conditions that are joined by `and` (or `or`); a part is a criterion with its value, or more of these."""

    parts: tuple["tuple[str, Value] | Criteria", ...] = ()
    any_of: bool = False

    @property
    def shape(self) -> Shape:
        """Equal for criteria whose conditions have the same text."""
        parts = tuple(part.shape if isinstance(part, Criteria) else part[0] for part in self.parts)
        return ("or" if self.any_of else "and", *parts)

    @property
    def values(self) -> list[Value]:
        """The values, in the order of the shape."""
        found: list[Value] = []
        for part in self.parts:
            if isinstance(part, Criteria):
                found += part.values
            else:
                found.append(part[1])
        return found

    @property
    def params(self) -> dict[str, Value]:
        """The values by the names of the statement's parameters."""
        found: dict[str, Value] = {}
        for number, value in enumerate(self.values):
            if isinstance(value, tuple):
                found |= {f"value_{number}_{n}": each for n, each in enumerate(value)}
            else:
                found[f"value_{number}"] = value
        return found

    def need_channel(self, table: Mapping[str, Criterion]) -> bool:
        """Whether one of them only makes sense within a channel."""
        return any(
            part.need_channel(table) if isinstance(part, Criteria) else table[part[0]].needs_channel
            for part in self.parts
        )


Parts = list[tuple[str, Value] | Criteria]


def names(shape: Shape) -> Iterator[str]:
    """The criteria of a shape."""
    if isinstance(shape, str):
        yield shape
    else:
        for part in shape[1:]:
            yield from names(part)


def number_range(start: Decimal | None, stop: Decimal | None) -> str:
    """A range as PostgreSQL writes it, both ends included; one that no number can be in is empty."""
    if start is not None and stop is not None and start > stop:
        return "empty"
    return f"[{'' if start is None else format(start, 'f')},{'' if stop is None else format(stop, 'f')}]"


def condition(shape: Shape, table: Mapping[str, Criterion], key: Any) -> ColumnElement[bool]:
    """The condition that a shape of criteria means; `key` is the column of the id. Parameters: `Criteria.params`."""
    numbers = iter(range(10**6))

    def build(part: Shape) -> ColumnElement[bool]:
        if isinstance(part, str):
            return table[part].build(next(numbers), key)
        built = [build(inner) for inner in part[1:]]
        return or_(false(), *built) if part[0] == "or" else and_(true(), *built)

    return build(shape)


def _price(compare: Callable[[ColumnElement[Any]], ColumnElement[bool]]) -> ColumnElement[bool]:
    """One variant's price in the channel satisfies the comparison."""
    prices = and_(VariantListing.product_id == ProductListing.product_id, VariantListing.channel_id == CHANNEL)
    return exists().where(prices, compare(_AMOUNT)).correlate(ProductListing)


def _as_range(value: ColumnElement[Any]) -> ColumnElement[Any]:
    # Sent as text: the driver's own type of ranges is not what the rest of the program speaks.
    return value.op("::", precedence=20)(literal_column("numrange"))


def _within(price: ColumnElement[Any], range_: ColumnElement[Any]) -> ColumnElement[bool]:
    # `price <@ range` reads no index; these comparisons do. A range without an end takes every price on that side.
    return and_(
        price >= func.coalesce(func.lower(range_), 0),
        price <= func.coalesce(func.upper(range_), literal_column("'Infinity'::numeric")),
        not_(func.isempty(range_)),
    )


def _published(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(IS_PUBLISHED, false()) == value


def _for_sale(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(IS_FOR_SALE, false()) == value


def _in_collections(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return Product.id.in_(select(CollectionProduct.product_id).where(CollectionProduct.collection_id == any_(value)))


def _type_kind(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return (
        exists().where(ProductType.id == Product.product_type_id, (ProductType.kind == "GIFT_CARD") == value)
    ).correlate(Product)


def _quantity(
    compare: Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]],
) -> Condition:
    total = (
        select(func.coalesce(func.sum(Stock.quantity), 0))
        .join(Variant, Variant.id == Stock.variant_id)
        .where(Variant.product_id == Product.id)
        .correlate(Product)
        .scalar_subquery()
    )
    return lambda value: compare(total, value)


def _in_warehouses(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            Variant.product_id == Product.id,
            Stock.variant_id == Variant.id,
            Warehouse.id == Stock.warehouse_id,
            Warehouse.id == any_(value),
        )
        .correlate(Product)
    )


_ids = ARRAY(Integer)
_texts = ARRAY(Text)
_at_least = ColumnElement.__ge__
_at_most = ColumnElement.__le__

# Over `Product` and, where there is a channel, `ProductListing`.
PRODUCTS: Final[Mapping[str, Criterion]] = {
    "ids": Criterion(_ids, lambda value: Product.id == any_(value)),
    "names": Criterion(_texts, lambda value: Product.name == any_(value)),
    "slugs": Criterion(_texts, lambda value: Product.slug == any_(value)),
    "external_references": Criterion(_texts, lambda value: Product.external_reference == any_(value)),
    "product_types": Criterion(_ids, lambda value: Product.product_type_id == any_(value)),
    # With those below them, which are looked up first: of them the planner knows how many products they have.
    "categories": Criterion(_ids, lambda value: Product.category_id == any_(value)),
    "collections": Criterion(_ids, _in_collections),
    "has_category": Criterion(Boolean(), lambda value: Product.category_id.is_not(None) == value),
    "is_gift_card": Criterion(Boolean(), _type_kind),
    "metadata": Criterion(JSONB(), Product.metadata_public.contains),
    "metadata_keys": Criterion(_texts, Product.metadata_public.has_all),
    "updated_from": Criterion(_INSTANT, lambda value: Product.updated_at >= value),
    "updated_to": Criterion(_INSTANT, lambda value: Product.updated_at <= value),
    "updated_at": Criterion(ARRAY(_INSTANT), lambda value: Product.updated_at == any_(value)),
    "search": Criterion(Text(), matches, beside=ProductText.product_id),
    "warehouses": Criterion(ARRAY(Uuid()), _in_warehouses),
    "quantity_from": Criterion(Integer(), _quantity(_at_least)),
    "quantity_to": Criterion(Integer(), _quantity(_at_most)),
    "in_stock": Criterion(Boolean(), lambda value: ProductListing.in_stock == value, needs_channel=True),
    "is_published": Criterion(Boolean(), _published, needs_channel=True),
    "is_for_sale": Criterion(Boolean(), _for_sale, needs_channel=True),
    "is_visible": Criterion(
        Boolean(), lambda value: func.coalesce(ProductListing.visible_in_listings, false()) == value, needs_channel=True
    ),
    "published_from": Criterion(_INSTANT, lambda value: ProductListing.published_at >= value, needs_channel=True),
    "for_sale_from": Criterion(
        _INSTANT, lambda value: ProductListing.available_for_purchase_at >= value, needs_channel=True
    ),
    # Both ends in one criterion: they must hold for the same variant.
    "price_range": Criterion(
        Text(), lambda value: _price(lambda price: _within(price, _as_range(value))), needs_channel=True
    ),
    "prices": Criterion(ARRAY(Numeric()), lambda value: _price(lambda price: price == any_(value)), needs_channel=True),
    "minimum_price_from": Criterion(
        Numeric(), lambda value: ProductListing.minimum_price_amount >= value, needs_channel=True
    ),
    "minimum_price_to": Criterion(
        Numeric(), lambda value: ProductListing.minimum_price_amount <= value, needs_channel=True
    ),
    "minimum_prices": Criterion(
        ARRAY(Numeric()), lambda value: ProductListing.minimum_price_amount == any_(value), needs_channel=True
    ),
}
