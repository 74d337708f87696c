"""Pages over the wire: what is too large is told at its field, what costs too much is refused whole."""

import re

from graphql import GraphQLNonNull, GraphQLObjectType

from shop.api.core.schema import make_schema
from shop.channels.models import Channel
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.house.code import ROOT


def lists() -> list[str]:
    """The root lists that can be asked for with a page size alone."""
    query = make_schema()._schema.query_type
    assert isinstance(query, GraphQLObjectType)
    return [
        name
        for name, field in query.fields.items()
        if {"first", "last"} <= field.args.keys()
        and not any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values())
    ]


# Whatever permission a root field may ask for.
PERMISSIONS = sorted(set(re.findall(r"(?:MANAGE|HANDLE)_[A-Z_]+", (ROOT / "tests/compat/permissions.txt").read_text())))


async def test_a_page_that_is_too_large_is_an_error_of_its_field(database: Database, settings: Settings) -> None:
    api = Api(settings.model_copy(update={"graphql_max_page_size": 7}), database)
    async with database.unit() as session:
        session.add(Channel(name="Only", slug="only", currency="EUR", default_country="DE", is_active=True))
    token = await api.login("staff@example.com", *PERMISSIONS)
    for name in lists():
        for argument in ("first", "last"):
            reply = await api(
                f"query ($n: Int!) {{ {name}({argument}: $n) {{ edges {{ cursor }} }} shop {{ name }} }}",
                {"n": 8},
                token=token,
            )
            assert reply.status == 200
            assert (reply.partial[name], bool(reply.partial["shop"]["name"])) == (None, True)
            [error] = reply.errors
            assert error["path"] == [name]
            assert error["message"] == (
                f"Requesting 8 records on the `{name}` connection exceeds the `{argument}` limit of 7 records."
            )
    await api.close()


async def test_a_page_beyond_the_cost_is_refused_whole(api: Api) -> None:
    reply = await api("{ products(first: 100000) { edges { node { id } } } shop { name } }")
    assert (reply.status, reply.partial) == (400, None)
    assert reply.errors[0]["extensions"]["exception"]["code"] == "QueryCostError"
    assert reply.statements == 0
