"""What goes compressed, to whom, and which headers tell of it."""

import gzip
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from shop.web.compression import Compression, reads_gzip

TEXT = b"<p>A sentence of a page.</p>" * 200
_TOLD = ("etag", "cache-control", "content-encoding", "vary", "accept-ranges")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.8, *;q=0.1", True),
        ("*", True),
        ("gzip; q=0.001", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("br, deflate", False),
        ("identity", False),
        ("", False),
    ],
)
def test_who_reads_gzip(header: str, expected: bool) -> None:
    assert reads_gzip(header) is expected


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(2):
        yield TEXT


def answer(request: Request) -> Response:
    """What the query asks for."""
    asked = request.query_params
    kind = asked.get("type", "text/html; charset=utf-8")
    if "pieces" in asked:
        return StreamingResponse(pieces(), media_type=kind)
    headers = {name: asked[name] for name in _TOLD if name in asked}
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers.get("etag", "none"):
        return Response(status_code=304, headers=headers)
    body = TEXT[: int(asked.get("size", len(TEXT)))] if kind.startswith("text/html") else b"x" * int(asked["size"])
    return Response(body, int(asked.get("status", 200)), headers, kind)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/", answer)], middleware=[Middleware(Compression)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        client.headers["Accept-Encoding"] = "gzip"
        yield client


async def test_a_page_goes_compressed_to_who_reads_it(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.content == TEXT
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["vary"] == "Accept-Encoding"
    assert int(page.headers["content-length"]) < 300
    plain = await client.get("/", headers={"Accept-Encoding": "identity"})
    assert plain.content == TEXT
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.headers["content-length"] == str(len(TEXT))


@pytest.mark.parametrize("status", [404, 422, 500])
async def test_pages_that_tell_of_a_problem_as_well(client: httpx.AsyncClient, status: int) -> None:
    page = await client.get("/", params={"status": status})
    assert (page.status_code, page.headers["content-encoding"], page.content) == (status, "gzip", TEXT)


@pytest.mark.parametrize(
    ("kind", "size", "expected"),
    [
        ("text/html", 1_399, False),
        ("text/html", 1_400, True),
        ("text/css; charset=utf-8", 1_400, True),
        ("text/javascript", 1_400, True),
        ("image/svg+xml", 1_400, True),
        ("application/atom+xml", 1_400, True),
        ("text/calendar; charset=utf-8", 1_400, True),
        ("application/json", 14_599, False),
        ("application/json", 14_600, True),
        ("application/graphql-response+json; charset=utf-8", 14_600, True),
        ("application/fhir+json", 14_600, True),
        ("text/event-stream", 20_000, False),
        ("image/webp", 20_000, False),
        ("image/jpeg", 20_000, False),
        ("application/pdf", 20_000, False),
        ("application/octet-stream", 20_000, False),
    ],
)
async def test_text_of_some_length(client: httpx.AsyncClient, kind: str, size: int, *, expected: bool) -> None:
    page = await client.get("/", params={"type": kind, "size": size})
    assert len(page.content) == size
    assert ("content-encoding" in page.headers) is expected


async def test_what_passes_as_it_is(client: httpx.AsyncClient) -> None:
    for status in (204, 206):
        page = await client.get("/", params={"status": status})
        assert "content-encoding" not in page.headers, status
    encoded = await client.get("/", params={"content-encoding": "identity"})
    assert encoded.headers["content-encoding"] == "identity"
    in_pieces = await client.get("/", params={"pieces": ""})
    assert in_pieces.content == TEXT * 2
    assert "content-encoding" not in in_pieces.headers


async def test_a_question_for_the_headers_alone_makes_no_body(client: httpx.AsyncClient) -> None:
    head = await client.head("/", params={"etag": '"one"'})
    assert head.headers["vary"] == "Accept-Encoding"
    assert head.headers["etag"] == 'W/"one"'
    assert "content-length" not in head.headers
    plain = await client.head("/", headers={"Accept-Encoding": "identity"})
    assert plain.headers["content-length"] == str(len(TEXT))


async def test_one_weak_tag_stands_for_both_codings(client: httpx.AsyncClient) -> None:
    asked = {"etag": '"one"', "vary": "Origin", "accept-ranges": "bytes"}
    page = await client.get("/", params=asked)
    assert (page.headers["etag"], page.headers["vary"]) == ('W/"one"', "Origin, Accept-Encoding")
    assert "accept-ranges" not in page.headers
    plain = await client.get("/", params=asked, headers={"Accept-Encoding": "identity"})
    assert (plain.headers["etag"], plain.headers["accept-ranges"]) == ('W/"one"', "bytes")
    known = await client.get("/", params=asked, headers={"If-None-Match": 'W/"one"'})
    assert (known.status_code, known.content) == (304, b"")
    assert (known.headers["etag"], known.headers["vary"]) == ('W/"one"', "Origin, Accept-Encoding")
    # A picture's tag was strong, and stays so.
    picture = await client.get("/", params={"etag": '"one"'}, headers={"If-None-Match": '"one"'})
    assert (picture.headers["etag"], "vary" in picture.headers) == ('"one"', False)


@pytest.mark.parametrize(
    ("headers", "lengths"),
    [({"etag": '"one"'}, 1), ({"etag": '"one"', "cache-control": "private, no-cache"}, 2), ({}, 2)],
)
async def test_how_long_a_page_of_ones_own_is_tells_nothing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], lengths: int
) -> None:
    tries = iter((0, 99))
    monkeypatch.setattr("shop.web.compression.secrets.randbelow", lambda below: next(tries))
    told = {(await client.get("/", params=headers)).headers["content-length"] for _ in range(2)}
    assert len(told) == lengths


async def test_what_is_everybodys_is_compressed_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    really: Callable[..., bytes] = gzip.compress

    def compress(body: bytes, **how: int) -> bytes:
        made.append(len(body))
        return really(body, **how)

    monkeypatch.setattr("shop.web.compression.gzip.compress", compress)
    for _ in range(3):
        sheet = await client.get("/", params={"type": "text/css", "size": 5_003, "etag": '"one"'})
        assert sheet.content == b"x" * 5_003
    assert made == [5_003]


async def test_a_long_answer_is_compressed_as_well(client: httpx.AsyncClient) -> None:
    page = await client.get("/", params={"type": "text/plain", "size": 300_000, "etag": '"one"'})
    assert (len(page.content), page.headers["content-encoding"]) == (300_000, "gzip")
