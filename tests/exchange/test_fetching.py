"""Pictures of other sites: only pictures, only by https, only from the public internet, whoever redirects where."""

from collections.abc import Callable

import httpx
import pytest

from shop.exchange.errors import NotFetched
from shop.exchange.flows.fetching import WebPictures, resolve

Answer = Callable[[httpx.Request], httpx.Response]
_PUBLIC = "8.8.4.4"


def web(answer: Answer, addresses: dict[str, list[str]] | None = None, **options: bool | int) -> WebPictures:
    """The internet as the test has it: hosts have these addresses, or a public one."""

    async def found(host: str) -> list[str]:
        return (addresses or {}).get(host, [_PUBLIC])

    return WebPictures(transport=httpx.MockTransport(answer), resolve=found, **options)  # type: ignore[arg-type]


def picture(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "image/png"}, content=b"picture")


async def test_a_picture_is_asked_for_at_the_address_that_was_checked() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return picture(request)

    assert await web(answer).picture("https://a.example/x.png?y=1#z") == b"picture"
    (request,) = asked
    assert str(request.url) == f"https://{_PUBLIC}/x.png?y=1"
    assert request.headers["host"] == "a.example"
    assert request.extensions["sni_hostname"] == "a.example"
    six = web(answer, {"a.example": ["2001:4860:4860::8844"]})
    assert await six.picture("https://a.example:8443/x.png") == b"picture"
    assert (str(asked[1].url), asked[1].headers["host"]) == (
        "https://[2001:4860:4860::8844]:8443/x.png",
        "a.example:8443",
    )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
async def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return picture(request)

    for found in ([address], [_PUBLIC, address]):
        with pytest.raises(NotFetched, match="not on the public internet"):
            await web(answer, {"a.example": found}).picture("https://a.example/x.png")
    assert asked == []


async def test_the_own_network_may_be_allowed() -> None:
    within = web(picture, {"intranet": ["10.1.2.3"]}, allow_private=True)
    assert await within.picture("https://intranet/x.png") == b"picture"


async def test_a_redirect_is_checked_like_the_first_address() -> None:
    def moved(to: str) -> Answer:
        return lambda request: (
            picture(request) if request.url.path == "/end.png" else httpx.Response(302, headers={"location": to})
        )

    assert await web(moved("/end.png")).picture("https://a.example/x.png") == b"picture"
    assert await web(moved("https://b.example/end.png")).picture("https://a.example/x.png") == b"picture"
    inside = {"inside.example": ["192.168.1.1"]}
    with pytest.raises(NotFetched, match="not on the public internet"):
        await web(moved("https://inside.example/end.png"), inside).picture("https://a.example/x.png")
    for to, told in (
        ("http://a.example/end.png", "only https"),
        ("file:///etc/passwd", "only https"),
        ("/again.png", "too many redirects"),
    ):
        with pytest.raises(NotFetched, match=told):
            await web(moved(to)).picture("https://a.example/x.png")


def fails(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("slow", request=request)


@pytest.mark.parametrize(
    ("address", "answer", "told"),
    [
        ("http://a.example/x.png", picture, "only https"),
        ("ftp://a.example/x.png", picture, "only https"),
        ("https:///x.png", picture, "only https"),
        ("https://user:password@a.example/x.png", picture, "only https"),
        ("https://a.example:99999/x.png", picture, "ValueError"),
        ("https://a.example/x", lambda _: httpx.Response(404), "answers 404"),
        ("https://a.example/x", lambda _: httpx.Response(200, content=b"x"), "of no kind"),
        ("https://a.example/x", lambda _: httpx.Response(200, html="<p>"), "is text/html, no picture"),
        ("https://a.example/x", fails, "ConnectTimeout"),
    ],
)
async def test_what_is_no_picture_to_be_had_is_told(address: str, answer: Answer, told: str) -> None:
    with pytest.raises(NotFetched, match=told):
        await web(answer).picture(address)


async def test_what_is_too_large_is_left_in_the_middle() -> None:
    sent = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            nonlocal sent
            while True:
                sent += 1000
                yield b"x" * 1000

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "image/png"}, stream=Endless())

    with pytest.raises(NotFetched, match="larger than"):
        await web(answer, most_bytes=5_000).picture("https://a.example/x.png")
    assert sent == 6_000


async def test_hosts_are_looked_up() -> None:
    assert "127.0.0.1" in await resolve("localhost")
