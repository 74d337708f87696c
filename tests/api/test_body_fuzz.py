"""Ten thousand bodies that no client would send: none of them is answered with 500 or above, and the shop goes on."""

import random
from collections.abc import Callable

import orjson

from tests.api.client import Api

JSON = {"Content-Type": "application/json"}
GOOD = "query Name($s: String, $i: Int) { shop { name } page(slug: $s) { id } pages(first: $i) { totalCount } }"
VALUES: list[bytes] = [
    b"null",
    b"true",
    b"-0",
    b"1e400",
    b"1e-400",
    b"99999999999999999999999999",
    b"2147483648",
    b'""',
    b'"\\ud800"',
    b'"\\u0000"',
    b'"\\uFFFF"',
    b"[]",
    b"{}",
    b"[[[[[[]]]]]]",
    b'{"a": {"b": [1, {"c": null}]}}',
    b'"' + b"x" * 5000 + b'"',
    '"ü💥\u202e"'.encode(),
    b"[" * 1500 + b"]" * 1500,
    b'{"a":' * 500 + b"1" + b"}" * 500,
]
KEYS = [b"query", b"variables", b"operationName", b"extensions", b"id", b"", b"query "]
DOCUMENTS = [
    GOOD,
    "{ shop { name } }",
    "{ shop { name ",
    "query ($s: String! = null) { page(slug: $s) { id } }",
    "{ page(slug: 1) { id } }",
    '{ page(id: "\\u{110000}") { id } }',
    "{ ...F } fragment F on Query { ...F }",
    "subscription { x }",
    "{ __schema { types { name fields { name } } } }",
    "mutation { tokenVerify(token: 5) { isValid } }",
    '{ page(slug: """block """) { id } }',
    "query ($i: Int) { pages(first: $i) { totalCount } }",
    "# only a comment",
    "\ufeff{ shop { name } }",
    "{ a: shop { name } a: shop { id } }",
    "fragment A on Nothing { b } { shop { name } }",
]


def _body(chance: random.Random) -> bytes:
    kind = chance.randrange(7)
    if kind == 0:
        return chance.randbytes(chance.randrange(60))
    if kind == 1:
        body = bytearray(orjson.dumps({"query": GOOD, "variables": {"s": "x", "i": 1}}))
        for _ in range(chance.randrange(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        return bytes(body)
    if kind == 2:
        return chance.choice(VALUES)
    if kind == 3:
        whole = orjson.dumps({"query": chance.choice(DOCUMENTS), "variables": {"s": "x"}})
        return whole[: chance.randrange(len(whole))]
    pairs = [b'"query":' + orjson.dumps(chance.choice(DOCUMENTS))]
    if kind == 4:
        pairs.append(b'"variables":{"s":' + chance.choice(VALUES) + b',"i":' + chance.choice(VALUES) + b"}")
    pairs += [b'"' + chance.choice(KEYS) + b'":' + chance.choice(VALUES) for _ in range(chance.randrange(4))]
    chance.shuffle(pairs)
    return b"{" + b",".join(pairs) + b"}"


async def test_no_body_is_answered_with_a_server_error(api: Api, rounds: Callable[[int, int], int]) -> None:
    chance = random.Random(20261122)
    statuses: dict[int, int] = {}
    for _ in range(rounds(600, 10_000)):
        body = _body(chance)
        response = await api.raw("POST", body, JSON)
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        assert response.status_code < 500, body[:300]
        assert b"Internal Server Error" not in response.content, (body[:300], response.content[:300])
        assert "errors" in response.json() or "data" in response.json()
    # The fuzz reaches past the front door: some bodies are good.
    assert statuses[200] > 20
    assert statuses[400] > 100
    assert (await api("{ shop { name } }")).data == {"shop": {"name": "Shop"}}
