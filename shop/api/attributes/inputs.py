"""Filters by attributes: what products, variants and pages have, as criteria of `browse.attributes`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import strawberry
from graphql import GraphQLError

from shop.api.attributes.types import ENTITY_TYPES
from shop.api.core.context import Context
from shop.api.core.filters import (
    ContainsFilterInput,
    DateRangeInput,
    DateTimeRangeInput,
    DecimalFilterInput,
    IntRangeInput,
    StringFilterInput,
    wanted,
)
from shop.api.core.ids import query_int
from shop.browse import attributes
from shop.browse.criteria import Criteria, Parts, Value
from shop.kit import ids


@strawberry.input(
    description="What the values of an attribute refer to, by exactly one of the fields: "
    "`containsAny` for at least one of those, `containsAll` for every one of them."
)
class AssignedAttributeReferenceInput:
    referenced_ids: ContainsFilterInput | None = strawberry.field(
        default=None, description="By global IDs, of pages, products, variants, categories or collections."
    )
    page_slugs: ContainsFilterInput | None = strawberry.field(default=None, description="Pages by slug.")
    product_slugs: ContainsFilterInput | None = strawberry.field(default=None, description="Products by slug.")
    product_variant_skus: ContainsFilterInput | None = strawberry.field(
        default=None, description="Variants by article number."
    )
    category_slugs: ContainsFilterInput | None = strawberry.field(default=None, description="Categories by slug.")
    collection_slugs: ContainsFilterInput | None = strawberry.field(default=None, description="Collections by slug.")


@strawberry.input(description="What a value must be, by exactly one of the fields.")
class AssignedAttributeValueInput:
    slug: StringFilterInput | None = strawberry.field(default=None, description="By the value's slug.")
    name: StringFilterInput | None = strawberry.field(default=None, description="By the value's name.")
    numeric: DecimalFilterInput | None = strawberry.field(default=None, description="By its number.")
    date: DateRangeInput | None = strawberry.field(default=None, description="By its day.")
    date_time: DateTimeRangeInput | None = strawberry.field(default=None, description="By its moment.")
    boolean: bool | None = strawberry.field(default=None, description="Yes or no.")
    reference: AssignedAttributeReferenceInput | None = strawberry.field(
        default=None, description="By what it refers to."
    )


@strawberry.input(description="An attribute that something must have, and its value.")
class AssignedAttributeWhereInput:
    slug: str | None = strawberry.field(default=None, description="The attribute's slug; without one, any attribute.")
    value: AssignedAttributeValueInput | None = strawberry.field(
        default=None, description="What its value must be; without it, any value will do."
    )


# Each is a part of the statement; nobody chooses by more.
_MOST: Final = 50
_OLDER: Final = "Use `value` instead."


@strawberry.input(
    description="An attribute that a product or one of its variants must have, and its value, by one of the fields; "
    "without any, every value will do."
)
class AttributeInput:
    slug: str | None = strawberry.field(default=None, description="The attribute's slug; without one, any attribute.")
    value: AssignedAttributeValueInput | None = strawberry.field(default=None, description="What its value must be.")
    values: list[str] | None = strawberry.field(
        default=None, description="One of these values, by slug.", deprecation_reason=_OLDER
    )
    values_range: IntRangeInput | None = strawberry.field(
        default=None, description="A number of this range.", deprecation_reason=_OLDER
    )
    date_time: DateTimeRangeInput | None = strawberry.field(
        default=None, description="A moment of this range.", deprecation_reason=_OLDER
    )
    date: DateRangeInput | None = strawberry.field(
        default=None, description="A day of this range.", deprecation_reason=_OLDER
    )
    boolean: bool | None = strawberry.field(default=None, description="Yes or no.", deprecation_reason=_OLDER)


def attribute_criteria(given: Sequence[AttributeInput | AssignedAttributeWhereInput]) -> Parts:
    """All of them must hold. Raises: GraphQLError for too many, and one that is named twice or asked for twice."""
    if len(given) > _MOST:
        raise GraphQLError(f"At most {_MOST} attributes can be asked for at once.")
    slugs = [each.slug for each in given if each.slug is not None]
    if len(slugs) != len(set(slugs)):
        raise GraphQLError("Each attribute can be named once: the slugs of `attributes` must differ.")
    return [_criterion(each) for each in given]


_Found = tuple[str, tuple[Any, ...]]


async def looked_up(context: Context, criteria: Criteria, *, products: bool = False) -> Criteria:
    """The criteria as statements take them. One statement, where attributes are among them."""
    wanted_ = attributes.wanted(criteria)
    if wanted_ is None:
        return criteria
    return attributes.looked_up(criteria, await context.rows(attributes.FOUND, **wanted_.params), products=products)


def _criterion(given: AttributeInput | AssignedAttributeWhereInput) -> tuple[str, Value] | Criteria:
    name = "An entry of `attributes`" if given.slug is None else f"The attribute `{given.slug}`"
    found = _only(given, _OF_PRODUCTS if isinstance(given, AttributeInput) else ("value",), name)
    if found is None:
        return _named(given.slug, ("value", ()))
    field, value = found
    if field == "value":
        found = _only(value, _OF_VALUES, f"`value` of {name[0].lower()}{name[1:]}")
        if found is None:
            raise GraphQLError(f"`value` of {name[0].lower()}{name[1:]} is empty: say what the value must be.")
        field, value = found
    if field == "reference":
        return _reference(given.slug, value)
    return _named(given.slug, _KINDS[field](value))


_OF_PRODUCTS: Final = ("value", "values", "values_range", "date_time", "date", "boolean")
_OF_VALUES: Final = ("slug", "name", "numeric", "date", "date_time", "boolean", "reference")


def _only(given: Any, fields: Sequence[str], name: str) -> tuple[str, Any] | None:
    """The one of the fields that is set, with its value. Raises: GraphQLError for several."""
    found = [(field, value) for field in fields if (value := getattr(given, field)) is not None]
    if len(found) > 1:
        listed = " and ".join(f"`{_camel(field)}`" for field, _ in found)
        raise GraphQLError(f"{name} is asked for by {listed}: use one of them.")
    return found[0] if found else None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _named(slug: str | None, found: _Found) -> tuple[str, Value]:
    kind, values = found
    return (f"any_{kind}", values) if slug is None else (f"of_{kind}", (slug, *values))


def _numbers(value: DecimalFilterInput) -> _Found:
    if value.range is not None:
        return "number_range", (value.range.gte, value.range.lte)
    return "numbers", ([value.eq] if value.eq is not None else value.one_of or [],)


def _days(value: DateRangeInput) -> _Found:
    # Days are kept as their midnight; of a moment, the day in UTC counts.
    return "moment_range", (_at(value.gte, time.min), _at(value.lte, time.max))


def _at(day: date | None, moment: time) -> datetime | None:
    return None if day is None else datetime.combine(day, moment, UTC)


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


_KINDS: Final[dict[str, Any]] = {
    "slug": lambda value: ("slugs", (wanted(value),)),
    "name": lambda value: ("names", (wanted(value),)),
    "numeric": _numbers,
    "date": _days,
    "date_time": lambda value: ("moment_range", (value.gte, value.lte)),
    "boolean": lambda value: ("boolean", (value,)),
    "values": lambda value: ("slugs", (value,)),
    "values_range": lambda value: ("number_range", (_decimal(value.gte), _decimal(value.lte))),
}
# The fields of a reference, and the criteria that they stand for.
_THINGS: Final = {
    "page_slugs": "page",
    "product_slugs": "product",
    "product_variant_skus": "variant",
    "category_slugs": "category",
    "collection_slugs": "collection",
}
_BY_TYPE: Final = {
    ENTITY_TYPES[entity]: "variant" if entity == "PRODUCT_VARIANT" else entity.lower() for entity in ENTITY_TYPES
}


def _reference(slug: str | None, given: AssignedAttributeReferenceInput) -> tuple[str, Value] | Criteria:
    found = _only(given, ("referenced_ids", *_THINGS), "A reference")
    if found is None:
        raise GraphQLError("A reference is empty: say what the value must refer to.")
    field, contains = found
    if (contains.contains_any is None) == (contains.contains_all is None):
        raise GraphQLError(f"`{_camel(field)}` needs either `containsAny` or `containsAll`.")
    every = contains.contains_all is not None
    wanted_texts: list[str] = sorted(set(contains.contains_all if every else contains.contains_any))
    prefix = "all_" if every else ""
    if field != "referenced_ids":
        return _named(slug, (f"{prefix}{_THINGS[field]}_keys", (wanted_texts,)))
    by_type: dict[str, list[int]] = {}
    for text in wanted_texts:
        thing = _BY_TYPE.get(ids.type_of(text) or "", "page")
        # An ID of something that nothing can refer to is among none of them.
        key = query_int(text, next(name for name, known in _BY_TYPE.items() if known == thing))
        by_type.setdefault(thing, []).extend([] if key is None else [key])
        if key is None and every:
            return _named(slug, ("page_ids", ([],)))
    parts = tuple(_named(slug, (f"{prefix}{thing}_ids", (keys,))) for thing, keys in sorted(by_type.items()))
    return Criteria(parts, any_of=not every)
