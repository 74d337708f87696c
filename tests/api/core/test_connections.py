"""The rules of `first`, `last`, `after` and `before`, for whoever builds a connection."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from sqlalchemy import Column, Integer

from shop.api.core.connections import window_of
from shop.api.core.context import Context
from shop.execution import Selection
from shop.kit.pagination import Key, Keyset, Window

KEYSET = Keyset(Key(Column("id", Integer)))
CURSOR = KEYSET.encode({"sort_0": 7})


def window(text: str = "{ things { edges { cursor } } }", **arguments: Any) -> Window:
    context = cast("Context", SimpleNamespace(settings=SimpleNamespace(graphql_max_page_size=50)))
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    given = {"first": None, "after": None} | arguments
    return window_of(context, KEYSET, "things", Selection([field], {}, {}), **given)


def test_a_window_is_read_from_either_end() -> None:
    assert window(first=3) == Window(3)
    assert window(first=3, after=CURSOR) == Window(3, cursor=(7,))
    assert window(last=3) == Window(3, backward=True)
    assert window(last=3, before=CURSOR) == Window(3, backward=True, cursor=(7,))


def test_without_edges_nobody_needs_to_say_how_many() -> None:
    assert window("{ things { totalCount } }") == Window(50)
    assert window("{ things { ... @skip(if: true) { edges { cursor } } pageInfo { hasNextPage } } }") == Window(50)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "You must provide a `first` or `last` value to properly paginate the `things` connection."),
        ({"first": 51}, "Requesting 51 records on the `things` connection exceeds the `first` limit of 50 records."),
        ({"last": 51}, "Requesting 51 records on the `things` connection exceeds the `last` limit of 50 records."),
        ({"last": -1}, "Argument `last` must be a non-negative integer."),
        ({"first": 1, "last": 1}, "Argument `last` cannot be combined with `first`."),
        ({"first": 1, "before": CURSOR}, "Argument `first` cannot be combined with `before`."),
        ({"last": 1, "after": CURSOR}, "Argument `last` cannot be combined with `after`."),
        ({"first": 1, "after": "WyJ4Il0="}, "Received cursor is invalid."),
    ],
)
def test_what_makes_no_window_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(GraphQLError) as caught:
        window(**arguments)
    assert caught.value.message == message
