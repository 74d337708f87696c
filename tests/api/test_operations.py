"""The documents that the project ships: each can be executed, and by plans alone."""

from pathlib import Path

import pytest

from shop.api.core.schema import make_schema
from shop.execution import Documents, Limits
from shop.execution.compiler import compile_operation
from shop.execution.plan import Stats
from shop.storefront import documents

FOLDER = Path(__file__).resolve().parents[2] / "graphql"
SAVED = documents.Documents(FOLDER)


@pytest.mark.parametrize("name", SAVED.names())
def test_a_saved_document_is_valid_and_compiles_whole(name: str) -> None:
    schema = make_schema()
    found = Documents(schema, Limits()).get(SAVED[name].text)
    assert found.refusal is None, found.errors
    stats = Stats()
    for operation in found.operations.values():
        chosen = {variable.variable.name.value: True for variable in operation.variable_definitions or ()}
        plan = compile_operation(schema, found.fragment_details, operation, chosen, stats)
        assert plan.roots
    assert not stats.unplanned


@pytest.mark.parametrize("name", SAVED.names())
def test_a_saved_document_needs_at_most_half_of_each_limit(name: str) -> None:
    """The limits are twice the need of real documents, so that a storefront can grow."""
    usual = Limits()
    half = Limits(
        tokens=usual.tokens // 2,
        definitions=usual.definitions // 2,
        depth=usual.depth // 2,
        selections=usual.selections // 2,
        aliases=usual.aliases // 2,
        directives=usual.directives // 2,
        overlaps=usual.overlaps // 2,
    )
    found = Documents(make_schema(), half).get(SAVED[name].text)
    assert found.refusal is None, found.errors
