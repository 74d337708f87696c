"""What machines read: feeds, the sitemap, robots.txt; and that they are not sent again what they have."""

from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from shop.content.rules import structured
from shop.media import cards
from shop.storefront import sitemap
from shop.storefront.sitemap import Place
from shop.storefront.views import content
from tests.storefront.browsing import words
from tests.storefront.fake import FakeShop, edges

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def test_articles_as_atom(browser_like: httpx.AsyncClient) -> None:
    answer = await browser_like.get("/feed.xml")
    assert answer.headers["content-type"] == "application/atom+xml"
    tree = ET.fromstring(answer.text)
    (entry,) = tree.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Hair"
    assert entry.findtext(f"{ATOM}id") == "http://shop.test/pages/hair"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-02T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}published") == "2026-03-01T12:00:00+00:00"
    # What an address inside of it stands for.
    (content,) = entry.findall(f"{ATOM}content")
    assert content.get("{http://www.w3.org/XML/1998/namespace}base") == "http://shop.test/pages/hair"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Example clinic, editorial team"
    assert (entry.findtext(f"{ATOM}content") or "").startswith("<p>First words.</p>")


async def test_articles_are_found_behind_many_other_pages(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    def pages(info: Any, first: int, after: str | None = None, **rest: Any) -> dict[str, Any]:
        round_ = int(after or 0)
        kind = "post" if round_ % 2 else "information"
        found = edges([fake._page(f"{kind}-{round_}-{number}", kind) for number in range(first)])
        return found | {"pageInfo": found["pageInfo"] | {"hasNextPage": True, "endCursor": str(round_ + 1)}}

    fake.pages = pages  # type: ignore[method-assign, assignment]
    items = (await browser_like.get("/feed.json")).json()["items"]
    assert [item["id"] for item in items] == [f"http://shop.test/pages/post-1-{number}" for number in range(20)]
    assert fake.operations.count("LatestPages") == 2


@pytest.mark.parametrize("slug", ["article", "medical-article", "blog", "news", "posts", "post", "page", "outpost", ""])
def test_the_api_and_the_demo_agree_on_what_an_article_is(slug: str) -> None:
    assert structured.is_article(slug) is content.is_article(slug) is (slug not in {"page", "outpost", ""})


async def test_articles_as_json_feed(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = fake._page("hair", "article") | {"contentHtml": '<p><a href="/products/x">x</a><img src="/media/y.jpg"></p>'}
    fake.pages = lambda info, **rest: edges([page | {"author": None}])  # type: ignore[method-assign]
    feed = (await browser_like.get("/feed.json")).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["home_page_url"], feed["feed_url"]) == ("http://shop.test/", "http://shop.test/feed.json")
    (item,) = feed["items"]
    whole = '<p><a href="http://shop.test/products/x">x</a><img src="http://shop.test/media/y.jpg"></p>'
    assert item["content_html"] == whole
    assert item["authors"] == [{"name": feed["title"]}]
    assert item["date_published"] == "2026-03-01T12:00:00+00:00"


async def test_the_sitemap_asks_on_until_everything_is_there(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    pages = {None: "a", "1": "b", "2": "c"}

    def products(info: Any, after: str | None = None, **rest: Any) -> dict[str, Any]:
        found = edges([{"slug": pages[after], "updatedAt": "2026-01-01T00:00:00+00:00"}])
        following = {None: "1", "1": "2"}.get(after)
        return found | {"pageInfo": {"hasNextPage": following is not None, "endCursor": following}}

    fake.products = products  # type: ignore[method-assign, assignment]
    answer = await browser_like.get("/sitemap.xml")
    tree = ET.fromstring(answer.text)
    found = [node.findtext(f"{MAP}loc") for node in tree]
    assert found == [
        f"http://shop.test{path}"
        for path in (
            *("/", "/products", "/pages/hair", "/de/pages/haar", "/pages/terms", "/categories/aftercare"),
            *("/categories/consultations", "/collections/featured-products", "/products/a", "/products/b"),
            "/products/c",
        )
    ]
    assert [sent["withPages"] for sent in fake.variables if "withPages" in sent] == [True, False, False]
    fake.operations.clear()
    assert (await browser_like.get("/sitemap.xml")).text == answer.text
    assert "Sitemap" not in fake.operations


async def test_every_language_names_all_of_them(browser_like: httpx.AsyncClient) -> None:
    tree = ET.fromstring((await browser_like.get("/sitemap.xml")).text)
    named = {
        node.findtext(f"{MAP}loc"): [(link.get("hreflang"), link.get("href")) for link in node.findall(f"{XHTML}link")]
        for node in tree
    }
    every = [
        ("en", "http://shop.test/pages/hair"),
        ("de", "http://shop.test/de/pages/haar"),
        ("x-default", "http://shop.test/pages/hair"),
    ]
    assert named["http://shop.test/pages/hair"] == named["http://shop.test/de/pages/haar"] == every
    assert named["http://shop.test/pages/terms"] == []


async def test_a_large_sitemap_is_many_files(browser_like: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_IN_A_FILE", 4)
    listed = [node.findtext(f"{MAP}loc") for node in ET.fromstring((await browser_like.get("/sitemap.xml")).text)]
    assert listed == [f"http://shop.test/sitemap-{n}.xml" for n in range(1, len(listed) + 1)]
    found: list[str | None] = []
    for path in listed:
        assert path is not None
        part = ET.fromstring((await browser_like.get(path)).text)
        assert len(part) <= 4
        found += [node.findtext(f"{MAP}loc") for node in part]
    assert len(found) == len(set(found)) == 4 * (len(listed) - 1) + len(part)
    for beyond in (0, len(listed) + 1):
        assert (await browser_like.get(f"/sitemap-{beyond}.xml")).status_code == 404


def test_addresses_and_languages_are_escaped() -> None:
    place = Place("/pages/a&b", "2026-01-01", (("de", 'http://shop.test/de/"a"&b'),))
    (entry,) = ET.fromstring(sitemap.file("http://shop.test", [place]))
    assert entry.findtext(f"{MAP}loc") == "http://shop.test/pages/a&b"
    link = entry.find("{http://www.w3.org/1999/xhtml}link")
    assert link is not None
    assert link.attrib == {"rel": "alternate", "hreflang": "de", "href": 'http://shop.test/de/"a"&b'}


@pytest.mark.parametrize("path", ["/feed.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/comments.xml"])
async def test_what_has_not_changed_is_not_sent_again(browser_like: httpx.AsyncClient, path: str) -> None:
    first = await browser_like.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}'):
        again = await browser_like.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await browser_like.get(path, headers={"If-None-Match": '"other"'})).content == first.content
    assert "max-age" in first.headers["cache-control"]
    assert "set-cookie" not in first.headers


async def test_products_and_pages_are_found_together(browser_like: httpx.AsyncClient) -> None:
    page = await browser_like.get("/search", params={"q": "hair"})
    assert "1 page" in words(page)
    assert '<a href="/pages/hair">Hair</a>' in page.text
    assert "noindex" in page.text
    page = await browser_like.get("/search", params={"q": "shampoo"})
    assert '<a href="/products/gentle-shampoo">Gentle shampoo</a>' in page.text
    assert "To read" not in page.text
    assert "Nothing matches “<b>”" in words(await browser_like.get("/search", params={"q": "<b>"}))


async def test_without_words_there_is_the_form_alone(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = await browser_like.get("/search", params={"q": "  "})
    assert "What are you looking for?" in page.text
    assert "Search" not in fake.operations


async def test_a_link_to_a_page_has_a_picture(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    answer = await browser_like.get("/pages/terms/card.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == cards.draw("Terms", "Example Hair Clinic")
    again = await browser_like.get("/pages/terms/card.png", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await browser_like.get("/pages/draft/card.png")).status_code == 404
    assert (
        '<meta property="og:image" content="http://shop.test/media/hair.jpg">'
        in (await browser_like.get("/pages/hair")).text
    )
    page = fake._page("hair", "article")
    fake.page = lambda info, **rest: page | {"openGraph": page["openGraph"] | {"image": None}}  # type: ignore[method-assign]
    drawn = '<meta property="og:image" content="http://shop.test/pages/hair/card.png">'
    assert drawn in (await browser_like.get("/pages/hair")).text
