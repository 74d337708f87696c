"""Variables that are coerced quickly are what graphql-core makes of them; what is not quick is left to it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from graphql import GraphQLScalarType, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values

from shop.execution.variables import Coercers, coerced

SDL = """
enum Color { RED BLUE }
scalar Upper
input Deep { name: String!, colors: [Color!]! = [BLUE], floats: [Float], upper: Upper = "x" }
input Wide { id: ID!, count: Int! = 3, limit: Int, deep: Deep, list: [Deep!], flag: Boolean }
input Tree { name: String, branches: [Tree!] }
input Either @oneOf { one: Int, other: String }
type Query { ok: Boolean }
"""
TYPES = (
    "ID!", "ID", "String", "Int!", "Int", "Float!", "Boolean!", "Color!", "Upper", "[Int!]!", "[[String]]", "Wide!",
    "Wide", "[Wide!]!", "Deep", "Tree", "Either",
)  # fmt: skip
LEAVES: dict[str, list[Any]] = {
    "ID": ["a", "b"],
    "String": ["", "ü"],
    "Int": [0, -5, 2**31 - 1],
    "Float": [0.5, 1e300],
    "Boolean": [True, False],
    "Color": ["RED", "BLUE"],
    "Upper": ["x", "y"],
}
ODD = [None, 1, True, "RED", "green", 2**31, 2.0, [], {}, [None], ["a"], {"name": "n"}, {"unknown": 1}, float("inf")]


def upper(value: Any) -> str:
    if not isinstance(value, str) or value == "y":
        raise ValueError(value)
    return value.upper()


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    made = build_schema(SDL)
    scalar = made.type_map["Upper"]
    assert isinstance(scalar, GraphQLScalarType)
    scalar.coerce_input_value = upper
    return made


class Values:
    """Random values of a type: mostly ones that fit, some that do not."""

    def __init__(self, schema: GraphQLSchema, seed: int, odd: float) -> None:
        self.schema, self.random, self.odd = schema, random.Random(seed), odd

    def of(self, type_: str) -> Any:
        if self.random.random() < self.odd:
            return self.random.choice(ODD)
        if type_.endswith("!"):
            return self.fitting(type_[:-1])
        return None if self.random.random() < 0.2 else self.fitting(type_)

    def fitting(self, type_: str) -> Any:
        if type_.startswith("["):
            return [self.of(type_[1:-1]) for _ in range(self.random.randint(0, 2))]
        if type_ in LEAVES:
            return self.random.choice(LEAVES[type_])
        fields: dict[str, Any] = self.schema.type_map[type_].fields  # type: ignore[attr-defined]
        chosen = [name for name, field in fields.items() if self.random.random() < 0.6 or str(field.type) == "ID!"]
        unknown = {"unknown": 1} if self.random.random() < self.odd else {}
        return {name: self.of(str(fields[name].type)) for name in chosen if name != "branches"} | unknown


def both(schema: GraphQLSchema, operation: str, given: dict[str, Any]) -> tuple[VariableValues | None, Any]:
    (definition,) = parse(operation).definitions
    assert isinstance(definition, OperationDefinitionNode)
    definitions = definition.variable_definitions or ()
    known = Coercers(schema).compile(definitions)
    quick = None if known is None else coerced(known, given)
    return quick, get_variable_values(schema, definitions, given)


def plain(found: VariableValues) -> Any:
    return {name: source.value for name, source in found.sources.items()}, found.coerced


@pytest.mark.parametrize("type_", TYPES)
def test_random_values_are_coerced_alike(schema: GraphQLSchema, type_: str) -> None:
    seen: set[bool] = set()
    for seed in range(200):
        given = {"v": Values(schema, seed, odd=0.2 if seed % 2 else 0).of(type_)}
        quick, judged = both(schema, f"query Q($v: {type_}) {{ ok }}", given if seed % 9 else {})
        seen.add(quick is not None)
        if quick is not None:
            assert isinstance(judged, VariableValues), (given, judged)
            assert plain(quick) == plain(judged), given
            assert repr(quick.coerced) == repr(judged.coerced), given
    # Types that hold themselves, or that are exactly one of their fields, are never quick.
    assert seen == ({False} if type_ in {"Tree", "Either"} else {True, False} if type_.endswith("!") else {True} | seen)


def test_what_fits_is_quick(schema: GraphQLSchema) -> None:
    deep = {"name": "n", "colors": ["RED"], "floats": [0.5, None], "upper": "abc"}
    quick, judged = both(
        schema,
        "query Q($id: ID!, $w: [Wide!]!, $n: Int = 7, $c: Color, $absent: String) { ok }",
        {"id": "a", "w": [{"id": "b", "deep": deep, "list": [{"name": "m"}]}, {"id": "c", "limit": None}], "c": "RED"},
    )
    assert quick is not None
    assert quick.coerced == judged.coerced
    assert quick.coerced["w"][0] == {
        "id": "b",
        "count": 3,
        "deep": deep | {"upper": "ABC"},
        "list": [{"name": "m", "colors": ["BLUE"], "upper": "X"}],
    }
    assert quick.coerced["n"] == 7
    assert "absent" not in quick.coerced
