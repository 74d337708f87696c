"""What lists are filtered by through attributes: a criterion for each kind of value, for whatever has attributes.

Each comes twice: of one attribute, the first of its values (`of_…`), and of any (`any_…`). Slugs and names are looked
up beforehand (`wanted`, `FOUND`, `looked_up`): the database plans by the ids of values, whose frequency it knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    distinct,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from shop.attributes.models import Attribute, OfProductType, PageValue, ProductValue, Value, VariantValue
from shop.browse.criteria import Condition, Criteria, Criterion
from shop.catalogue.models import Category, Collection, Product, ProductType, Variant
from shop.content.models import Page

_ids = ARRAY(Integer)
_texts = ARRAY(Text)
_INSTANT: Final = DateTime(timezone=True)
_Column = InstrumentedAttribute[Any]


# Who has a value, in each of the tables that say so.
Holders = tuple[_Column, ...]

# A product is found by its own values and by those of its variants; most attributes are of one of the two.
PRODUCTS: Final[Holders] = (ProductValue.product_id, VariantValue.product_id)
_OWN: Final[Holders] = (ProductValue.product_id,)
_THEIRS: Final[Holders] = (VariantValue.product_id,)
VARIANTS: Final[Holders] = (VariantValue.variant_id,)
PAGES: Final[Holders] = (PageValue.page_id,)

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


def criteria(holders: Holders) -> dict[str, Criterion]:
    """By names: `values` for one of these values; `of_` or `any_` and the kind of value.

    `page_ids` and `page_keys` (slugs) are of what refers to one of these pages, `all_page_ids` and `all_page_keys` of
    what refers to all of them; likewise the other things, variants by SKU.
    """
    found = {"values": Criterion(_ids, lambda id_, ids: id_.in_(_holding(holders, ids)), by_id=True)}

    def add(name: str, types: tuple[TypeEngine[Any], ...], of: Condition) -> None:
        found[f"any_{name}"] = Criterion(types, lambda id_, *values: of(id_, true(), *values), by_id=True)
        found[f"of_{name}"] = Criterion(
            (Integer(), *types),
            lambda id_, attribute, *values: of(id_, Value.attribute_id == attribute, *values),
            by_id=True,
        )

    for name, (types, condition) in _KINDS.items():
        add(name, types, _one(holders, condition))
    for thing, (refers, key) in _REFERENCES.items():
        for name, by, type_ in ((f"{thing}_ids", None, _ids), (f"{thing}_keys", key, _texts)):
            add(name, (type_,), _one(holders, _refers(refers, by)))
            add(f"all_{name}", (type_,), _all(holders, _refers(refers, by), refers))
    return found


def product_criteria() -> dict[str, Criterion]:
    """Those of products, and again `own_…` and `their_…` for attributes that only products have, or only variants."""
    return {
        prefix + name: criterion
        for prefix, holders in (("", PRODUCTS), ("own_", _OWN), ("their_", _THEIRS))
        for name, criterion in criteria(holders).items()
    }


def _together(selects: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    # The size of a union is hard to guess for the database: where there is nothing to unite, there is none.
    return selects[0] if len(selects) == 1 else union_all(*selects)


def _holding(holders: Holders, ids: ColumnElement[Any]) -> Select[Any] | CompoundSelect[Any]:
    return _together([select(holder).where(holder.parent.class_.value_id == any_(ids)) for holder in holders])


def _held(
    holders: Holders, has: ColumnElement[bool], *columns: ColumnElement[Any]
) -> Select[Any] | CompoundSelect[Any]:
    """Who has a value like that, and these columns of it; from each of the tables."""
    return _together(
        [
            select(holder.label("holder"), *columns).join(Value, Value.id == holder.parent.class_.value_id).where(has)
            for holder in holders
        ]
    )


def _one(holders: Holders, condition: Condition) -> Condition:
    return lambda id_, attribute, *values: id_.in_(_held(holders, and_(attribute, condition(*values))))


def _all(holders: Holders, condition: Condition, refers: _Column) -> Condition:
    def build(
        id_: ColumnElement[Any], attribute: ColumnElement[bool], wanted: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        held = _held(holders, and_(attribute, condition(wanted)), refers.label("refers")).subquery()
        every = func.count(distinct(held.c.refers)) == func.cardinality(wanted)
        return id_.in_(select(held.c.holder).group_by(held.c.holder).having(every))

    return build


# What an order by an attribute needs to know of it: how its values are entered, and as `other_types` the types of
# product that do not have it. Parameter: `id`.
SORTED_BY: Final = select(
    Attribute.input_type,
    func.array(
        select(ProductType.id)
        .where(
            ~exists().where(
                OfProductType.product_type_id == ProductType.id,
                OfProductType.attribute_id == Attribute.id,
                OfProductType.of_variants.is_(False),
            )
        )
        .correlate(Attribute)
        .scalar_subquery(),
        type_=_ids,
    ).label("other_types"),
).where(Attribute.id == bindparam("id", type_=Integer()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The slugs of attributes, and the slugs and names of values, that criteria ask for."""

    attributes: list[str]
    slugs: list[str]
    names: list[str]
    # Whether values of any attribute are among them.
    anywhere: bool

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of `FOUND`."""
        return asdict(self)


def _of_variants(*, are: bool) -> ColumnElement[bool]:
    return exists().where(OfProductType.attribute_id == Attribute.id, OfProductType.of_variants.is_(are))


# The attributes, who has them, and those of their values that were asked for, or null.
FOUND: Final = (
    select(
        _of_variants(are=False).label("of_products"),
        _of_variants(are=True).label("of_variants"),
        Attribute.slug.label("attribute_slug"),
        Attribute.id.label("attribute_id"),
        Value.id.label("value_id"),
        Value.slug,
        Value.name,
    )
    .outerjoin(
        Value,
        and_(
            Value.attribute_id == Attribute.id,
            or_(
                Value.slug == any_(bindparam("slugs", type_=_texts)),
                Value.name == any_(bindparam("names", type_=_texts)),
            ),
        ),
    )
    .where(
        or_(
            Attribute.slug == any_(bindparam("attributes", type_=_texts)),
            and_(bindparam("anywhere", type_=Boolean()), Value.id.is_not(None)),
        )
    )
)


def wanted(asked: Criteria) -> Wanted | None:
    """What must be looked up before these criteria can be used; None: nothing."""
    parts = [
        (name, value) for name, value in _flat(asked) if name.startswith("of_") or name in {"any_slugs", "any_names"}
    ]
    if not parts:
        return None

    def texts(kind: str) -> list[str]:
        return sorted({text for name, value in parts if name.endswith(f"_{kind}") for text in value[-1]})

    return Wanted(
        attributes=sorted({value[0] for name, value in parts if name.startswith("of_")}),
        slugs=texts("slugs"),
        names=texts("names"),
        anywhere=any(name.startswith("any_") for name, _ in parts),
    )


def _flat(asked: Criteria) -> Iterator[tuple[str, Any]]:
    for part in asked.parts:
        if isinstance(part, Criteria):
            yield from _flat(part)
        else:
            yield part


def looked_up(asked: Criteria, found: Sequence[Mapping[str, Any]], *, products: bool = False) -> Criteria:
    """The criteria with ids in the place of slugs and names; `found` are the rows of `FOUND`.

    `products`: they are those of `product_criteria`.
    """
    attributes = {row["attribute_slug"]: row for row in found}

    def change(part: tuple[str, Any] | Criteria) -> tuple[str, Any] | Criteria:
        if isinstance(part, Criteria):
            return looked_up(part, found, products=products)
        name, value = part
        if not name.startswith(("of_", "any_")):
            return part
        attribute = attributes.get(value[0]) if name.startswith("of_") else None
        if name.endswith(("_slugs", "_names")):
            texts = set(value[-1])
            rows = [row for row in found if attribute is None or row["attribute_id"] == attribute["attribute_id"]]
            rows = [] if attribute is None and name.startswith("of_") else rows
            name, value = "values", [row["value_id"] for row in rows if row[name[-5:-1]] in texts]
        elif name.startswith("of_"):
            # Null where there is no such attribute: nothing has a value of it.
            value = (attribute and attribute["attribute_id"], *value[1:])
        return (_whose(attribute) if products else "") + name, value

    return Criteria(tuple(change(part) for part in asked.parts), asked.any_of)


def _whose(attribute: Mapping[str, Any] | None) -> str:
    if attribute is None or attribute["of_products"] == attribute["of_variants"]:
        return ""
    return "own_" if attribute["of_products"] else "their_"
