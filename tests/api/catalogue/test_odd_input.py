"""Input at the edge of what types can hold: an answer or a plain error, never an internal one."""

import pytest

from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api

NO_PRODUCTS = {"products": {"totalCount": 0, "edges": []}}


@pytest.mark.parametrize(
    "arguments",
    [
        "filter: {price: {gte: 1e300}}",
        "filter: {price: {gte: -5, lte: 1e-20}}",
        "filter: {minimalPrice: {gte: 1e25}}",
        'where: {price: {eq: "1e25"}}',
        'where: {minimalPrice: {oneOf: ["1e25", "0.00000001"]}}',
        "filter: {stocks: {quantity: {gte: -2147483648, lte: 2147483647}}}",
        'where: {name: {oneOf: ["%", "\'", "\\\\"]}}',
        'channel: "\\u2603"',
        "filter: {attributes: [{valuesRange: {gte: -2147483648, lte: 2147483647}}]}",
        'where: {attributes: [{value: {numeric: {range: {gte: "1e25", lte: "-1e25"}}}}]}',
        'where: {attributes: [{value: {date: {gte: "0001-01-01", lte: "9999-12-31"}}}]}',
        'where: {attributes: [{slug: "", value: {slug: {oneOf: ["%", "\'"]}}}]}',
    ],
)
async def test_extreme_values_find_nothing(api: Api, database: Database, arguments: str) -> None:
    await database.run(lambda session: make.channel(session, slug="default-channel"))
    reply = await api(f"{{ products(first: 2, {arguments}) {{ totalCount edges {{ node {{ slug }} }} }} }}")
    assert reply.data == NO_PRODUCTS


@pytest.mark.parametrize("level", [2**31 - 1, -1, -(2**31)])
async def test_levels_that_no_category_has(api: Api, level: int) -> None:
    reply = await api(f"{{ categories(first: 2, level: {level}) {{ totalCount }} }}")
    assert reply.data == {"categories": {"totalCount": 0}}


@pytest.mark.parametrize(
    "arguments",
    [
        'filter: {updatedAt: {gte: "0001-01-01T00:00:00+14:00"}}',
        'filter: {publishedFrom: "9999-12-31T23:59:59-14:00"}',
        'where: {updatedAt: {eq: "yesterday"}}',
        'where: {ids: ["x"]}',
        'where: {category: {eq: "x"}}',
        'filter: {stocks: {warehouseIds: ["V2FyZWhvdXNlOjE="]}}',
        'search: "a\\u0000b"',
        'after: "WyJcdWQ4MDAiLDFd"',
        'where: {price: {eq: "NaN"}}',
        "where: {price: {eq: 1e400}}",
        "first: 3000000000",
        'where: {attributes: [{value: {dateTime: {gte: "0001-01-01T00:00:00+14:00"}}}]}',
        'where: {attributes: [{value: {reference: {referencedIds: {containsAny: ["UHJvZHVjdDox", "x"]}}}}]}',
        'where: {attributes: [{slug: "a\\u0000b"}]}',
        'sortBy: {direction: ASC, attributeId: "x"}',
    ],
)
async def test_what_no_type_can_hold_is_said(api: Api, database: Database, arguments: str) -> None:
    await database.run(lambda session: make.channel(session, slug="default-channel"))
    first = "" if arguments.startswith("first") else "first: 2, "
    reply = await api(f"{{ products({first}{arguments}) {{ edges {{ node {{ slug }} }} }} }}")
    assert reply.partial in (None, {"products": None})
    assert reply.errors
    assert not any("Internal" in error["message"] for error in reply.errors)
