"""What lists are filtered by through attributes: a criterion for each kind of value, for whatever has attributes.

Each comes twice: of the attribute with a slug, the first of its values (`of_…`), and of any attribute (`any_…`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Numeric,
    Text,
    and_,
    any_,
    distinct,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from shop.attributes.models import Attribute, PageValue, ProductValue, Value, VariantValue
from shop.browse.criteria import Condition, Criterion
from shop.catalogue.models import Category, Collection, Product, Variant
from shop.content.models import Page

_ids = ARRAY(Integer)
_texts = ARRAY(Text)
_INSTANT: Final = DateTime(timezone=True)
_Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """Something that has values: its id, and who has a value, in each of the tables that say so."""

    id: _Column
    holders: tuple[_Column, ...]


# A product is found by its own values and by those of its variants.
PRODUCTS: Final = Owner(Product.id, (ProductValue.product_id, VariantValue.product_id))
VARIANTS: Final = Owner(Variant.id, (VariantValue.variant_id,))
PAGES: Final = Owner(Page.id, (PageValue.page_id,))

# What an attribute may refer to: the column of a value that does, and what the thing is known by beside its id.
_REFERENCES: Final[Mapping[str, tuple[_Column, _Column]]] = {
    "page": (Value.page_id, Page.slug),
    "product": (Value.product_id, Product.slug),
    "variant": (Value.variant_id, Variant.sku),
    "category": (Value.category_id, Category.slug),
    "collection": (Value.collection_id, Collection.slug),
}


def _between(column: _Column, start: ColumnElement[Any], stop: ColumnElement[Any]) -> ColumnElement[bool]:
    # Comparisons that read an index; a range without an end takes everything on that side.
    return and_(
        column >= func.coalesce(start, literal_column("'-Infinity'")),
        column <= func.coalesce(stop, literal_column("'Infinity'")),
    )


_KINDS: Final[Mapping[str, tuple[tuple[TypeEngine[Any], ...], Condition]]] = {
    "value": ((), true),
    "slugs": ((_texts,), lambda slugs: Value.slug == any_(slugs)),
    "names": ((_texts,), lambda names: Value.name == any_(names)),
    "numbers": ((ARRAY(Numeric()),), lambda numbers: Value.number == any_(numbers)),
    "number_range": ((Numeric(), Numeric()), lambda start, stop: _between(Value.number, start, stop)),
    "moment_range": ((_INSTANT, _INSTANT), lambda start, stop: _between(Value.moment, start, stop)),
    "boolean": ((Boolean(),), lambda boolean: Value.boolean == boolean),
}


def _refers(refers: _Column, key: _Column | None) -> Condition:
    """The value refers to a thing of one of these ids, or of one of these keys."""
    if key is None:
        return lambda ids: refers == any_(ids)
    return lambda keys: refers.in_(select(key.parent.class_.id).where(key == any_(keys)))


def criteria(owner: Owner) -> dict[str, Criterion]:
    """By names: `of_` or `any_` and the kind of value; `page_ids` and `page_keys` (slugs) for something that refers to
    one of these pages, `all_page_ids` and `all_page_keys` to all of them; likewise the other things, variants by SKU.
    """
    found: dict[str, Criterion] = {}

    def add(name: str, types: tuple[TypeEngine[Any], ...], of: Callable[..., ColumnElement[bool]]) -> None:
        found[f"any_{name}"] = Criterion(types, lambda *values: of(true(), *values))
        found[f"of_{name}"] = Criterion(
            (Text(), *types), lambda slug, *values: of(Value.attribute_id == _id_of(slug), *values)
        )

    for name, (types, condition) in _KINDS.items():
        add(name, types, _one(owner, condition))
    for thing, (refers, key) in _REFERENCES.items():
        for name, by, type_ in ((f"{thing}_ids", None, _ids), (f"{thing}_keys", key, _texts)):
            add(name, (type_,), _one(owner, _refers(refers, by)))
            add(f"all_{name}", (type_,), _all(owner, _refers(refers, by), refers))
    return found


def _id_of(slug: ColumnElement[str]) -> ColumnElement[int]:
    return select(Attribute.id).where(Attribute.slug == slug).scalar_subquery()


def _held(owner: Owner, has: ColumnElement[bool], *columns: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Who has a value like that, and these columns of it; from each of the owner's tables."""
    return union_all(
        *(
            select(holder.label("holder"), *columns).join(Value, Value.id == holder.parent.class_.value_id).where(has)
            for holder in owner.holders
        )
    )


def _one(owner: Owner, condition: Condition) -> Condition:
    return lambda attribute, *values: owner.id.in_(_held(owner, and_(attribute, condition(*values))))


def _all(owner: Owner, condition: Condition, refers: _Column) -> Condition:
    def build(attribute: ColumnElement[bool], wanted: ColumnElement[Any]) -> ColumnElement[bool]:
        held = _held(owner, and_(attribute, condition(wanted)), refers.label("refers")).subquery()
        every = func.count(distinct(held.c.refers)) == func.cardinality(wanted)
        return owner.id.in_(select(held.c.holder).group_by(held.c.holder).having(every))

    return build
