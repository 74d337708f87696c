"""The wire: statuses, bodies, headers, as Saleor's clients know them."""

import orjson
import pytest

from tests.api.client import Api

JSON = {"Content-Type": "application/json"}


async def test_an_operation_is_answered_with_its_cost(api: Api) -> None:
    reply = await api("{ shop { name } }")
    assert reply.status == 200
    assert reply.data == {"shop": {"name": "Shop"}}
    assert set(reply.body["extensions"]["cost"]) == {"requestedQueryCost", "maximumAvailable"}
    assert reply.body["extensions"]["cost"]["maximumAvailable"] == 50_000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The request body is not JSON"),
        (b"{", "The request body is not JSON"),
        (b"\xff\xfe", "The request body is not JSON"),
        (b"null", "The request body must be a JSON object"),
        (b'"text"', "The request body must be a JSON object"),
        (b"[]", "Batched requests are not supported"),
        (b"{}", "Must provide a query string."),
        (b'{"query": 1}', "Must provide a query string."),
        (b'{"query": "  "}', "Must provide a query string."),
        (b'{"query": "{ shop { name } }", "variables": []}', "Variables must be a JSON object."),
        (b'{"query": "{ shop { name } }", "operationName": 3}', "operationName must be a string."),
        (b'{"query": "{ shop { nothing } }"}', "Cannot query field 'nothing' on type 'Shop'."),
        (b'{"query": "{ shop {"}', "Syntax Error"),
        (b'{"query": "query ($a: Int!) { shop { name } page(slug: $a) { id } }"}', "Variable '$a'"),
        (b'{"query": "subscription { x }"}', ""),
    ],
)
async def test_what_is_no_request_is_answered_with_400(api: Api, body: bytes, message: str) -> None:
    response = await api.raw("POST", body, JSON)
    assert response.status_code == 400
    errors = response.json()["errors"]
    assert message in errors[0]["message"]
    assert isinstance(errors[0]["extensions"]["exception"]["code"], str)
    assert "data" not in response.json()


async def test_a_syntax_error_has_saleor_s_code(api: Api) -> None:
    response = await api.raw("POST", b'{"query": "{"}', JSON)
    assert response.json()["errors"][0]["extensions"]["exception"]["code"] == "GraphQLSyntaxError"


async def test_only_json_is_taken(api: Api) -> None:
    body = orjson.dumps({"query": "{ shop { name } }"})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert (await api.raw("POST", body, {"Content-Type": kind})).status_code == 415
    assert (await api.raw("POST", body)).status_code == 400


async def test_a_body_beyond_the_limit_is_refused(api: Api) -> None:
    response = await api.raw("POST", b" " * (api.settings.request_body_max_bytes + 1), JSON)
    assert response.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(api: Api, method: str) -> None:
    response = await api.raw(method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, OPTIONS"


async def test_any_origin_may_ask(api: Api) -> None:
    response = await api.raw(
        "OPTIONS", headers={"Origin": "https://store.test", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://store.test"
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.headers["Access-Control-Expose-Headers"] == "Idempotent-Replayed, Retry-After"
    allowed = response.headers["Access-Control-Allow-Headers"]
    for header in ("Authorization", "Authorization-Bearer", "Source-Service-Name", "Idempotency-Key"):
        assert header in allowed
    reply = await api("{ shop { name } }", headers={"Origin": "https://store.test"})
    assert reply.headers["Access-Control-Allow-Origin"] == "https://store.test"


async def test_variables_that_are_not_declared_are_ignored(api: Api) -> None:
    reply = await api("query Name { shop { name } }", {"PERMISSION_MANAGE_ORDERS": True})
    assert reply.data == {"shop": {"name": "Shop"}}


async def test_one_of_several_operations_is_chosen_by_name(api: Api) -> None:
    document = "query A { shop { name } } query B { shop { schemaVersion } }"
    assert (await api(document, operation_name="B")).data == {"shop": {"schemaVersion": "3.23"}}
    refused = await api.raw("POST", orjson.dumps({"query": document}), JSON)
    assert refused.status_code == 400


async def test_a_malformed_id_and_one_of_another_type(api: Api) -> None:
    reply = await api('{ page(id: "abc") { id } }')
    assert reply.status == 200
    assert reply.errors[0]["message"] == "Invalid ID: abc. Expected: Page."
    assert reply.partial == {"page": None}
    assert (await api('{ page(id: "UHJvZHVjdDox") { id } }')).data == {"page": None}


@pytest.mark.parametrize("literal", ['"\\\\u0000"', '"\\\\u{0}"', '"\\\\ud800"', '"\\u0000"'])
async def test_nul_in_a_document_is_refused(api: Api, literal: str) -> None:
    body = b'{"query": "{ page(slug: ' + literal.replace('"', '\\"').encode() + b') { id } }"}'
    assert (await api.raw("POST", body, JSON)).status_code == 400


async def test_a_lone_surrogate_or_nul_in_a_text_is_an_error_and_no_crash(api: Api) -> None:
    for text in ("\\ud800", "\\u0000"):
        body = (
            b'{"query": "query ($s: String) { page(slug: $s) { id } }", "variables": {"s": "' + text.encode() + b'"}}'
        )
        response = await api.raw("POST", body, JSON)
        assert response.status_code == 400
        assert "Internal Server Error" not in response.text


async def test_five_mutations_are_too_many(api: Api) -> None:
    fields = " ".join(f'm{n}: tokenVerify(token: "x") {{ isValid }}' for n in range(5))
    response = await api.raw("POST", orjson.dumps({"query": f"mutation {{ {fields} }}"}), JSON)
    assert response.status_code == 400


async def test_two_attempts_to_log_in_need_two_requests(api: Api) -> None:
    fields = " ".join(f'm{n}: tokenCreate(email: "a@b.test", password: "x") {{ token }}' for n in range(2))
    response = await api.raw("POST", orjson.dumps({"query": f"mutation {{ {fields} }}"}), JSON)
    assert response.status_code == 400


async def test_the_explorer_is_for_developers_only(api: Api) -> None:
    page = await api.raw("GET")
    assert page.status_code == 200
    assert "GraphQL explorer" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert (await api.raw("GET", headers={"If-None-Match": page.headers["ETag"]})).status_code == 304


async def test_nul_is_found_in_variables_deeper_than_the_stack(api: Api) -> None:
    deep = b'{"a":' * 5_000 + b'"\\u0000"' + b"}" * 5_000
    for variables in (b'{"s": "\\u0000"}', b'{"s": ["\\u0000"]}', b'{"\\u0000": 1}'):
        response = await api.raw("POST", b'{"query": "{ shop { name } }", "variables": ' + variables + b"}", JSON)
        assert response.status_code == 400
        assert response.json()["errors"][0]["message"] == "String cannot hold a NUL character."
    response = await api.raw("POST", b'{"query": "{ shop { name } }", "variables": {"s": ' + deep + b"}}", JSON)
    assert response.status_code == 400


def _nested(depth: int) -> bytes:
    return b'{"query": "{ shop { name } }", "variables": {"a": %s"x"%s}}' % (b"[" * depth, b"]" * depth)


async def test_variables_may_be_nested_and_not_without_end(api: Api) -> None:
    assert (await api.raw("POST", _nested(50), JSON)).status_code == 200
    for depth in (100, 500, 1000):
        refused = await api.raw("POST", _nested(depth), JSON)
        assert refused.status_code == 400
        assert "nested deeper than 64 levels" in refused.text
