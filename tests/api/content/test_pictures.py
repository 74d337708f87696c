"""A page's own pictures: told with the shop's host, since readers live elsewhere, and stored without it."""

from typing import Any

import pytest
from sqlalchemy import select

from shop.content.models import Page
from shop.content.rules.pictures import html_with_host, with_host, without_host
from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

PATH = "/media/ab/" + "ab" * 32 + ".png"
ADDRESS = f"http://shop.test{PATH}"
ELSEWHERE = "https://pictures.example/media/scalp.png"
WRITE = """mutation ($id: ID!, $input: PageInput!) {
    pageUpdate(id: $id, input: $input) { page { content contentBlocks contentHtml } errors { field message } }
}"""


def document(*urls: str) -> dict[str, Any]:
    return {"blocks": [{"type": "image", "data": {"file": {"url": url}, "alt": "A scalp"}} for url in urls]}


def addresses(content: dict[str, Any]) -> list[str]:
    return [block["data"]["file"]["url"] for block in content["blocks"]]


async def test_pictures_are_told_with_the_host_and_stored_without_it(api: Api) -> None:
    token = await api.login("editor@example.com", "MANAGE_PAGES")
    page = await api.database.run(make.page)
    key = ids.encode("Page", page.id)
    # What `fileUpload` answers, a path, and somebody else's picture.
    given = {"contentBlocks": document(ADDRESS, PATH, ELSEWHERE)}
    reply = await api(WRITE, {"id": key, "input": given}, token=token)
    assert reply.data["pageUpdate"]["errors"] == []
    shown = reply.data["pageUpdate"]["page"]
    assert addresses(shown["contentBlocks"]) == [ADDRESS, ADDRESS, ELSEWHERE]
    assert shown["contentHtml"].count(f'<img src="{ADDRESS}"') == 2
    stored = await api.database.run(lambda session: session.scalar(select(Page.content)))
    assert stored is not None
    assert addresses(stored) == [PATH, PATH, ELSEWHERE]
    # What was read can be written as it is.
    again = await api(WRITE, {"id": key, "input": {"contentBlocks": shown["contentBlocks"]}}, token=token)
    assert again.data["pageUpdate"] == {"page": shown, "errors": []}


@pytest.mark.parametrize("content", [None, [], "text", {}, {"blocks": None}, {"blocks": [None, {"type": "image"}]}])
def test_what_is_no_document_stays_as_it_is(content: Any) -> None:
    assert without_host(content, "http://shop.test") == content


def test_only_pictures_are_given_the_host() -> None:
    plain = {"blocks": [{"type": "paragraph", "data": {"text": "See /media/x.png", "url": "/media/x.png"}}]}
    assert with_host(plain, "http://shop.test") == plain
    old = {"blocks": [{"type": "image", "data": {"url": PATH}}]}
    assert with_host(old, "http://shop.test") == {"blocks": [{"type": "image", "data": {"url": ADDRESS}}]}
    assert without_host(with_host(old, "http://shop.test"), "http://shop.test") == old
    picture = f'<img src="{PATH}" alt="">'
    assert html_with_host(picture, 'http://a"b') == f'<img src="http://a&quot;b{PATH}" alt="">'
    html = '<p>&lt;img src="/media/x.png"&gt;</p>'
    assert html_with_host(html, "http://shop.test") == html
