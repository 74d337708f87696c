"""Random documents for the shop's own schema that mostly ask for what can be answered.

They name things that exist, give pages a size, and take arguments that go together; careless ones take anything.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)

from shop.kit import ids
from tests.execution.generate import VALUES, Generator, Path

CHANNEL: Final = "default-channel"
# Values of the scalars that the API has beside GraphQL's own.
SCALARS: Final[dict[str, list[Any]]] = {
    **VALUES,
    "Int": [1, 2, 3, 100],
    "Date": ["2030-01-07", "2030-01-08"],
    "DateTime": ["2030-01-07T09:00:00+00:00", "2030-01-08T09:00:00Z"],
    "UUID": ["6f0d4c5e-2a7b-4a0e-9a55-0c3c6a3f1d11"],
    "Decimal": ["10.00", 5],
    "PositiveDecimal": ["10.00", 5],
    "PositiveInt": [1, 20],
    "Minute": [0, 30],
    "JSON": [{"a": 1}],
    "JSONString": ['{"a": 1}'],
    "GenericScalar": ["text", 1],
    "Metadata": [{"key": "value"}],
}
# Of these a lookup takes exactly one.
_KEYS: Final = frozenset({"id", "slug", "name", "sku", "token", "externalReference", "variantId", "serviceId"})
# What a list is narrowed by: one way at a time.
_NARROWED: Final = ("filter", "where")
# Inputs of which exactly one field is set, beside those named here.
_ONE_OF: Final[Mapping[str, frozenset[str]]] = {
    "AssignedAttributeReferenceInput": frozenset(),
    "AssignedAttributeValueInput": frozenset(),
    "AttributeInput": frozenset({"slug"}),
    "AssignedAttributeWhereInput": frozenset({"slug"}),
    "ContainsFilterInput": frozenset(),
    "ProductOrder": frozenset({"direction"}),
}
# Orders that need something else beside them.
_DEPENDENT: Final = frozenset({"RANK", "COLLECTION"})
# What an ID means that is not one of the list's own, by the argument or field that takes it.
_MEANT: Final = {
    "attributeId": "Attribute",
    "categories": "Category",
    "category": "Category",
    "collections": "Collection",
    "inCategory": "Category",
    "inCollection": "Collection",
    "page": "Page",
    "pageTypes": "PageType",
    "pages": "Page",
    "practitionerIds": "Practitioner",
    "productType": "ProductType",
    "productTypes": "ProductType",
    "products": "Product",
    "serviceId": "BookableService",
    "variantId": "ProductVariant",
}
# Whose keys are random, and one of none.
_RANDOM: Final = frozenset({"Booking", "BookingCancellationQuote", "Checkout", "Order", "Promotion"})
_NOWHERE: Final = uuid.UUID(int=1)
_ENDS: Final = {"from": 0, "gte": 0, "to": -1, "lte": -1}


@dataclass(slots=True)
class Known:
    """What a shop has that documents may ask for: rows by the name of their type in the API."""

    keys: dict[str, list[int | uuid.UUID]] = field(default_factory=dict)
    slugs: dict[str, list[str]] = field(default_factory=dict)

    def add(self, type_name: str, key: int | uuid.UUID, slug: str | None = None) -> None:
        """There is a row of that key, and of that slug if it has one."""
        self.keys.setdefault(type_name, []).append(key)
        if slug is not None:
            self.slugs.setdefault(type_name, []).append(slug)


class ShopGenerator(Generator):
    """`careful` documents are those that can be answered; the others take any value of a type."""

    def __init__(self, schema: GraphQLSchema, seed: int, known: Known, *, careful: bool) -> None:
        any_id = [ids.encode(name, key) for name, keys in known.keys.items() for key in keys]
        strings = [CHANNEL, "none", *(slug for slugs in known.slugs.values() for slug in slugs)]
        wild = {"ID": [*any_id, ids.encode("Product", 10**9), "abc"], "String": strings, "Int": SCALARS["Int"]}
        super().__init__(schema, seed, SCALARS if careful else wild)
        self.known = known
        self.careful = careful

    def arguments(self, definition: GraphQLField) -> list[str]:
        """Arguments that go together."""
        if not self.careful:
            return super().arguments(definition)
        names = list(definition.args)
        found = {name for name in names if is_required_argument(definition.args[name])}
        if "first" in names:
            found.add(self.random.choice([name for name in ("first", "last") if name in names]))
        if (keys := sorted(_KEYS.intersection(names))) and not _KEYS & found:
            found.add(self.random.choice(keys))
        if narrowed := [name for name in _NARROWED if name in names]:
            found.update(name for name in [self.random.choice(narrowed)] if self.random.random() < 0.5)
        if "channel" in names and self.random.random() < 0.9:
            found.add("channel")
        for name in names:
            alone = name in _KEYS or name in _NARROWED or name in {"first", "last", "before", "after", "channel"}
            if not alone and self.random.random() < 0.4:
                found.add(name)
        if "slug" not in found:
            found.discard("slugLanguageCode")
        return [name for name in names if name in found]

    def is_given(self, path: Path) -> bool:
        """Whether a variable is given; in careful documents one that stands for an argument always is."""
        return self.careful or super().is_given(path)

    def json(self, type_: Any, path: Path) -> Any:
        """A value of the type; careful documents have few nulls, and none for arguments."""
        if self.careful and not isinstance(type_, GraphQLNonNull) and (len(path) == 2 or self.random.random() < 0.95):
            return self.json_of(type_, path)
        return super().json(type_, path)

    def json_of(self, type_: Any, path: Path) -> Any:
        """A value that is not null."""
        if self.careful and isinstance(type_, GraphQLEnumType):
            return self.random.choice([name for name in type_.values if name not in _DEPENDENT])
        return super().json_of(type_, path)

    def inputs(self, type_: GraphQLInputObjectType, path: Path) -> list[str]:
        """Fields that go together."""
        if not self.careful:
            return super().inputs(type_, path)
        beside = _ONE_OF.get(type_.name)
        if beside is None and {"eq", "oneOf"} <= type_.fields.keys():
            beside = frozenset()
        if beside is None:
            return super().inputs(type_, path)
        one = self.random.choice([name for name in type_.fields if name not in beside])
        return [name for name in type_.fields if name in beside or name == one]

    def leaf(self, type_: Any, path: Path) -> Any:
        """A value of a scalar that means something where it stands."""
        if not self.careful:
            return super().leaf(type_, path)
        subject = self.subject(path)
        if type_.name == "ID":
            name = _MEANT.get(path[-1], subject)
            keys = self.known.keys.get(name, [])
            unknown = _NOWHERE if name in _RANDOM or any(isinstance(key, uuid.UUID) for key in keys) else 10**9
            return ids.encode(name, self.random.choice([*keys, unknown]))
        if type_.name == "String":
            if path[-1] == "channel":
                return CHANNEL
            if path[-1] in {"slug", "slugs"} or path[-2:-1] == ("StringFilterInput",):
                return self.random.choice([*self.known.slugs.get(subject, []), "none"])
            if path[-1] == "timezone":
                return "Europe/Berlin"
        if path[-1] in _ENDS:
            # The two ends of a range stand in order.
            return self.values[type_.name][_ENDS[path[-1]]]
        return super().leaf(type_, path)

    def subject(self, path: Path) -> str:
        """The type that a field leads to, or of which it has a page."""
        return _subjects(self.schema).get(path[0], "Product").removesuffix("CountableConnection")


_known_subjects: dict[int, dict[str, str]] = {}


def _subjects(schema: GraphQLSchema) -> dict[str, str]:
    """The names of types by the fields that lead to them."""
    if id(schema) not in _known_subjects:
        _known_subjects[id(schema)] = dict(_fields(schema))
    return _known_subjects[id(schema)]


def _fields(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, definition in type_.fields.items():
                if definition.args:
                    yield name, get_named_type(definition.type).name
