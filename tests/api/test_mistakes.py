"""What storefront developers get wrong at first, and what they are told: what was wrong, and where."""

from typing import Any

import orjson
import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

JSON = {"Content-Type": "application/json"}
CREATE = "mutation M($i: CheckoutCreateInput!) { checkoutCreate(input: $i) { errors { field message code } } }"

DOCUMENTS: list[tuple[str, dict[str, Any], str]] = [
    ("{ shop { title } }", {}, "Cannot query field 'title' on type 'Shop'."),
    (
        "{ products(limit: 1) { totalCount } }",
        {},
        "Unknown argument 'limit' on field 'Query.products'. Did you mean 'first' or 'last'?",
    ),
    ("{ shop }", {}, "Field 'shop' of type 'Shop!' must have a selection of subfields. Did you mean 'shop { ... }'?"),
    ("{ shop { ...Nope } }", {}, "Unknown fragment 'Nope'."),
    ("{ shop { name ", {}, "Syntax Error: Expected Name, found <EOF>."),
    (
        "query Q($slug: String!) { page(slug: $slug) { id } }",
        {},
        "Variable '$slug' has invalid value: Expected a value of non-null type 'String!' to be provided.",
    ),
    ("query Q { page(slug: $slug) { id } }", {}, "Variable '$slug' is not defined by operation 'Q'."),
    (
        "query Q($n: Int) { pages(first: $n) { totalCount } }",
        {"n": "ten"},
        "Variable '$n' has invalid value: Int cannot represent non-integer value: 'ten'",
    ),
    (
        '{ products(first: 1, channel: "x", sortBy: {field: PRICES, direction: ASC}) { totalCount } }',
        {},
        "Value 'PRICES' does not exist in 'ProductOrderField' enum. Did you mean the enum value 'PRICE'?",
    ),
    (
        'query Q($s: ProductOrder) { products(first: 1, channel: "x", sortBy: $s) { totalCount } }',
        {"s": {"field": "PRICES", "direction": "ASC"}},
        (
            "Variable '$s' has invalid value at .field: "
            "Value 'PRICES' does not exist in 'ProductOrderField' enum. Did you mean the enum value 'PRICE'?"
        ),
    ),
    (
        CREATE,
        {"i": {"chanel": "x", "lines": []}},
        (
            "Variable '$i' has invalid value: Expected value of type 'CheckoutCreateInput' not to include unknown "
            "field 'chanel'. Did you mean 'channel'? Found: {'chanel': 'x', 'lines': []}."
        ),
    ),
    (
        CREATE,
        {"i": {"channel": "x", "lines": [{"variantId": "x"}]}},
        (
            "Variable '$i' has invalid value at .lines[0]: Expected value of type 'CheckoutLineInput' to include "
            "required field 'quantity', found: {'variantId': 'x'}."
        ),
    ),
    (
        "query Q($t: DateTime) { availableSlots(first: 1, from: $t) { edges { node { token } } } }",
        {"t": "soon"},
        (
            "Variable '$t' has invalid value: "
            "DateTime cannot represent value: 'soon'; times look like '2026-01-31T09:00:00Z'."
        ),
    ),
    (
        '{ availableDates(from: "31.1.2026", to: "2026-02-01") }',
        {},
        "Date cannot represent value: '31.1.2026'; days look like '2026-01-31'.",
    ),
    ("subscription { x }", {}, "The subscription operation is not supported by the schema."),
    (
        "query A { shop { name } } query B { shop { name } }",
        {},
        "Must provide operation name if query contains multiple operations.",
    ),
    (
        '{ menu(slug: "x") { items ' + "{ children " * 30 + "{ name }" + "}" * 30 + " } }",
        {},
        "The operation is nested deeper than 25 levels.",
    ),
]

FIELDS: list[tuple[str, str, str]] = [
    (
        "{ pages { edges { node { id } } } }",
        "You must provide a `first` or `last` value to properly paginate the `pages` connection.",
        "GraphQLError",
    ),
    (
        "{ pages(first: 1, last: 1) { edges { node { id } } } }",
        "Argument `last` cannot be combined with `first`.",
        "GraphQLError",
    ),
    (
        "{ pages(first: 1000) { totalCount } }",
        "Requesting 1000 records on the `pages` connection exceeds the `first` limit of 100 records.",
        "GraphQLError",
    ),
    ('{ pages(first: 1, after: "x") { edges { node { id } } } }', "Received cursor is invalid.", "GraphQLError"),
    (
        '{ pages(first: 1, filter: {search: "x"}, where: {ids: []}) { totalCount } }',
        "Only one of the arguments `filter` and `where` can be used.",
        "GraphQLError",
    ),
    ('{ category(id: "abc") { id } }', "Invalid ID: abc. Expected: Category.", "GraphQLError"),
    ("{ page { id } }", "Exactly one of the arguments `id` and `slug` is required.", "GraphQLError"),
    (
        '{ availableSlots(first: 1, channel: "x") { edges { node { token } } } }',
        "Exactly one of the arguments `variantId` and `serviceId` is required.",
        "GraphQLError",
    ),
    (
        "{ pages(first: 1, sortBy: {field: RANK, direction: ASC}) { totalCount } }",
        "Sorting by RANK needs a search: pass `search`.",
        "GraphQLError",
    ),
    (
        "{ orders(first: 1) { totalCount } }",
        "To access this path, you need one of the following permissions: MANAGE_ORDERS",
        "PermissionDenied",
    ),
]


@pytest.mark.parametrize(("query", "variables", "message"), DOCUMENTS)
async def test_a_request_that_cannot_be_meant_is_refused_whole(
    api: Api, query: str, variables: dict[str, Any], message: str
) -> None:
    response = await api.raw("POST", orjson.dumps({"query": query, "variables": variables}), JSON)
    assert (response.status_code, response.json()["errors"][0]["message"]) == (400, message)
    assert "data" not in response.json()


@pytest.mark.parametrize(("query", "message", "code"), FIELDS)
async def test_a_field_that_cannot_be_answered_is_null_and_says_why(
    api: Api, query: str, message: str, code: str
) -> None:
    reply = await api(query)
    (error,) = reply.errors
    assert (reply.status, error["message"], error["extensions"]["exception"]["code"]) == (200, message, code)
    assert list(reply.body["data"].values()) == [None]


async def test_a_channel_may_be_left_out_only_where_there_is_one(api: Api) -> None:
    async def two(session: Any) -> None:
        for slug in ("one", "two"):
            await make.channel(session, slug=slug)

    await api.database.run(two)
    reply = await api('{ product(slug: "x") { id } }')
    assert (
        reply.errors[0]["message"]
        == "Pass the argument `channel`: it may be left out only where one channel is active."
    )


async def test_what_is_not_there_is_null_and_no_error(api: Api) -> None:
    another = ids.encode("Page", 1)
    query = """query Q($id: ID!) {
      page(slug: "nope") { id } product(id: $id, channel: "nope") { id } booking(token: "nope") { id }
      products(first: 1, channel: "nope") { totalCount } }"""
    reply = await api(query, {"id": another})
    assert reply.errors == []
    assert reply.data == {"page": None, "product": None, "booking": None, "products": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("given", "field", "message", "code"),
    [
        ({"lines": []}, "channel", "A checkout needs a channel.", "MISSING_CHANNEL_SLUG"),
        ({"channel": "nope", "lines": []}, "channel", "There is no such channel.", "NOT_FOUND"),
        (
            {"channel": "shop", "lines": [{"variantId": "UHJvZHVjdDox", "quantity": 1}]},
            "variantId",
            "Must receive a ProductVariant id.",
            "GRAPHQL_ERROR",
        ),
    ],
)
async def test_what_is_wrong_with_an_input_is_in_the_payload(
    api: Api, given: dict[str, Any], field: str, message: str, code: str
) -> None:
    for slug in ("shop", "other"):
        await api.database.run(lambda session, slug=slug: make.channel(session, slug=slug))  # type: ignore[misc]
    reply = await api(CREATE, {"i": given})
    assert reply.data["checkoutCreate"]["errors"] == [{"field": field, "message": message, "code": code}]


BODY = b'{"query": "{ shop { name } }"}'
BY_JSON = "Send the operation as JSON, with Content-Type: application/json."


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (BODY, {}, 400, BY_JSON),
        (b"{ shop { name } }", {"Content-Type": "application/graphql"}, 415, BY_JSON),
        (b"query=%7B%20shop%20%7D", {"Content-Type": "application/x-www-form-urlencoded"}, 415, BY_JSON),
        (b'{"query":', JSON, 400, "The request body is not JSON: unexpected end of data"),
        (b'{"variables": {}}', JSON, 400, "Must provide a query string."),
        (b"[" + BODY + b"]", JSON, 400, "Batched requests are not supported: send one operation at a time."),
        (b'{"query": "{ shop { name } }", "variables": "{}"}', JSON, 400, "Variables must be a JSON object."),
        (
            b'{"query": "query A { shop { name } }", "operationName": "B"}',
            JSON,
            400,
            "Unknown operation named 'B'.",
        ),
    ],
)
async def test_a_body_that_is_no_operation(
    api: Api, body: bytes, headers: dict[str, str], status: int, message: str
) -> None:
    response = await api.raw("POST", body, headers)
    assert (response.status_code, response.json()["errors"][0]["message"]) == (status, message)


@pytest.mark.parametrize(("method", "path"), [("GET", "?query={shop{name}}"), ("PUT", ""), ("DELETE", "")])
async def test_operations_are_sent_by_post(api: Api, method: str, path: str) -> None:
    response = await api._client.request(method, f"/graphql/{path}", headers={"Accept": "application/json"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST, OPTIONS")
    assert response.json()["errors"][0]["message"] == "Send operations by POST, as JSON."


async def test_people_find_the_explorer_whatever_their_address_says(api: Api) -> None:
    response = await api._client.get("/graphql/?query={shop{name}}", headers={"Accept": "text/html,*/*"})
    assert response.status_code == 200
    assert "GraphQL explorer" in response.text
