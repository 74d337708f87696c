"""Every kind of block: how it is stored, shown, lowered to standard blocks and checked."""

import json
from typing import Any

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.content.rules import (
    KINDS,
    Card,
    Heading,
    clean_inline,
    lowered,
    plain,
    plain_text,
    problems,
    product_ids,
    reading_time_minutes,
    render,
    sanitised,
    texts,
    toc,
)
from shop.kit import ids

PRODUCT = ids.encode("Product", 7)
CARDS = {
    PRODUCT: Card("Comb & brush", "/products/comb", "For <wet> hair", "https://shop.test/thumbnail/a.png/256/webp")
}


def _page(*blocks: tuple[str, Any]) -> dict[str, Any]:
    return {"blocks": [{"type": kind, "data": data} for kind, data in blocks]}


@pytest.mark.parametrize(
    ("kind", "data", "html"),
    [
        (
            "quote",
            {"text": "Hair <b>is</b>", "caption": "A poet"},
            (
                '<figure class="quote"><blockquote><p>Hair <b>is</b></p></blockquote>'
                "<figcaption>A poet</figcaption></figure>"
            ),
        ),
        ("quote", {"text": "x", "caption": ""}, '<figure class="quote"><blockquote><p>x</p></blockquote></figure>'),
        ("delimiter", {}, "<hr>"),
        (
            "list",
            {"style": "checklist", "items": [{"content": "a", "meta": {"checked": True}, "items": []}, "b"]},
            (
                '<ul class="checklist"><li><span role="img" aria-label="Done">☑</span> a</li>'
                '<li><span role="img" aria-label="Not done">☐</span> b</li></ul>'
            ),
        ),
        ("list", {"style": "ordered", "meta": {"start": 4}, "items": ["d"]}, '<ol start="4"><li>d</li></ol>'),
        ("list", {"style": "ordered", "meta": {"start": "4"}, "items": ["d"]}, "<ol><li>d</li></ol>"),
        (
            "table",
            {"withHeadings": True, "content": [["A", "<i>B</i>"], ["1", "2"]]},
            (
                '<div class="table" role="region" aria-label="Table" tabindex="0"><table>'
                '<thead><tr><th scope="col">A</th>'
                '<th scope="col"><i>B</i></th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>'
            ),
        ),
        (
            "table",
            {"content": [["1"]]},
            (
                '<div class="table" role="region" aria-label="Table" tabindex="0"><table>'
                "<tbody><tr><td>1</td></tr></tbody></table></div>"
            ),
        ),
        (
            "embed",
            {"service": "youtube", "source": "https://youtu.be/dQw4w9WgXcQ?si=x", "caption": "A film"},
            (
                '<figure class="embed" data-service="youtube" '
                'data-player="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ">'
                '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ" rel="noopener noreferrer">Watch on YouTube</a>'
                "<figcaption>A film</figcaption></figure>"
            ),
        ),
        (
            "embed",
            {"embed": "https://player.vimeo.com/video/76979871?h=1"},
            (
                '<figure class="embed" data-service="vimeo" data-player="https://player.vimeo.com/video/76979871?dnt=1">'
                '<a href="https://vimeo.com/76979871" rel="noopener noreferrer">Watch on Vimeo</a></figure>'
            ),
        ),
        (
            "disclaimer",
            {"title": "Note:", "text": "No <i>advice</i>."},
            '<div class="disclaimer" role="note"><p><strong>Note:</strong> No <i>advice</i>.</p></div>',
        ),
        (
            "references",
            {"items": [{"text": "A <i>work</i>", "doi": "https://doi.org/10.1000/ABC(1)"}, {"pmid": 12}]},
            (
                '<div class="references"><ol><li id="ref-1">A <i>work</i> '
                '<a href="https://doi.org/10.1000/abc(1)" rel="noopener">doi:10.1000/abc(1)</a></li><li id="ref-2">'
                '<a href="https://pubmed.ncbi.nlm.nih.gov/12/" rel="noopener">PMID 12</a></li></ol></div>'
            ),
        ),
        (
            "product",
            {"productId": PRODUCT},
            (
                '<div class="product-card"><img src="https://shop.test/thumbnail/a.png/256/webp" alt="" loading="lazy">'
                '<p><a href="/products/comb">Comb &amp; brush</a></p><p>For &lt;wet&gt; hair</p></div>'
            ),
        ),
        (
            "booking",
            {"productId": PRODUCT, "text": "Any questions?", "label": "Ask <b>us</b>"},
            (
                '<div class="booking-card"><p>Any questions?</p>'
                '<p><a class="button" href="/products/comb">Ask us</a></p></div>'
            ),
        ),
        (
            "booking",
            {"productId": PRODUCT},
            '<div class="booking-card"><p><a class="button" href="/products/comb">Book a consultation</a></p></div>',
        ),
    ],
)
def test_a_block_becomes_html_and_is_stored_as_it_is_shown(kind: str, data: dict[str, Any], html: str) -> None:
    page = _page((kind, data))
    assert render(page, CARDS) == html
    assert problems(page) == []
    stored = sanitised(page)
    assert render(stored, CARDS) == html
    assert sanitised(stored) == stored


def test_what_nobody_can_see_is_left_out() -> None:
    page = _page(("product", {"productId": PRODUCT}), ("booking", {"productId": PRODUCT}), ("paragraph", {"text": "a"}))
    assert render(page) == "<p>a</p>"
    assert lowered(page) == _page(("paragraph", {"text": "a"}))
    assert product_ids(page) == {PRODUCT}


def test_references_are_numbered_through_the_whole_page() -> None:
    works = {"items": [{"pmid": "1"}, {"pmid": "2"}]}
    html = render(_page(("references", works), ("references", works)))
    assert [f'id="ref-{number}"' in html for number in range(1, 6)] == [True, True, True, True, False]


@pytest.mark.parametrize(
    "url",
    [
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com.evil.test/watch?v=dQw4w9WgXcQ",
        "https://evil.test/https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://user@www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com:8443/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=x",
        "https://www.youtube.com/",
        "https://vimeo.com/channels/staffpicks",
        "https://www.youtube.com/watch?v=%22onload=%22a",
        "//www.youtube.com/watch?v=dQw4w9WgXcQ",
        "javascript:alert(1)//www.youtube.com",
        "https://[",
        "https://www.youtube.com:x/",
    ],
)
def test_an_embed_from_elsewhere_is_left_out_and_not_stored(url: str) -> None:
    page = _page(("embed", {"source": url, "embed": url}))
    assert render(page) == ""
    assert sanitised(page) == _page(("embed", {"service": "", "source": "", "embed": ""}))
    assert [each.path for each in problems(page)] == ["blocks[0].data.source"]


def test_standard_renderers_read_the_disclaimer_the_references_and_where_to_book() -> None:
    page = {
        "time": 1,
        "version": "2.30.0",
        "blocks": [
            {"id": "p", "type": "paragraph", "data": {"text": "a"}},
            {"id": "d", "type": "disclaimer", "data": {"title": "Note:", "text": "No advice."}},
            {"id": "b", "type": "booking", "data": {"productId": PRODUCT, "text": "Questions?", "label": "Ask"}},
            {"type": "product", "data": {"productId": PRODUCT}},
            {"id": "r", "type": "references", "data": {"title": "Sources", "items": [{"text": "W", "pmid": "3"}]}},
            {"type": "carousel", "data": {}},
        ],
    }
    assert lowered(page, CARDS) == {
        "time": 1,
        "version": "2.30.0",
        "blocks": [
            {"id": "p", "type": "paragraph", "data": {"text": "a"}},
            {
                "id": "d",
                "type": "quote",
                "data": {"text": "<b>Note:</b> No advice.", "caption": "", "alignment": "left"},
            },
            {"type": "paragraph", "data": {"text": "Questions?"}},
            {"type": "paragraph", "data": {"text": '<a href="/products/comb" rel="noopener">Ask</a>'}},
            {"type": "paragraph", "data": {"text": '<a href="/products/comb" rel="noopener">Comb &amp; brush</a>'}},
            {"type": "paragraph", "data": {"text": "<b>Sources</b>"}},
            {
                "type": "list",
                "data": {
                    "style": "ordered",
                    "items": ['W <a href="https://pubmed.ncbi.nlm.nih.gov/3/" rel="noopener">PMID 3</a>'],
                },
            },
            {"type": "carousel", "data": {}},
        ],
    }
    # Doing it twice changes nothing: what is lowered has standard kinds alone.
    assert lowered(lowered(page, CARDS), CARDS) == lowered(page, CARDS)
    assert lowered(None) is None


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, [""]),
        ([], [""]),
        ({}, ["blocks"]),
        ({"blocks": "x"}, ["blocks"]),
        ({"blocks": [1, {"data": {}}]}, ["blocks[0]", "blocks[1]"]),
        ({"blocks": [{"type": "carousel", "data": {}}, {"type": "header"}]}, ["blocks[0].type", "blocks[1].data"]),
    ],
)
def test_what_is_no_document_is_told(content: Any, found: list[str]) -> None:
    assert [each.path for each in problems(content)] == found


@pytest.mark.parametrize(
    ("kind", "data", "found"),
    [
        ("paragraph", {}, ["text"]),
        ("header", {"text": 1, "level": 1}, ["text", "level"]),
        ("list", {"style": "x", "items": []}, ["style", "items"]),
        (
            "list",
            {"style": "ordered", "items": ["a", 1, {"content": "b", "items": [{}]}]},
            ["items[1]", "items[2].items[0]"],
        ),
        ("table", {"content": [["a", "b"], ["c"], 1]}, ["content[1]", "content[2]"]),
        ("table", {}, ["content"]),
        ("image", {"file": {"url": "x"}}, ["file.url", "alt"]),
        ("product", {"productId": ids.encode("Page", 1)}, ["productId"]),
        ("disclaimer", {"title": "x"}, ["text"]),
        ("references", {"items": [{"text": "x"}, 1]}, ["items[0]", "items[1]"]),
        ("references", {"items": [{"doi": "x", "pmid": "y"}]}, ["items[0].doi", "items[0].pmid"]),
        ("references", {}, ["items"]),
    ],
)
def test_what_is_wrong_with_a_block_is_told_with_its_place(kind: str, data: dict[str, Any], found: list[str]) -> None:
    told = problems(_page(("delimiter", {}), (kind, data)))
    assert [each.path for each in told] == [f"blocks[1].data.{place}" for place in found]
    assert all(each.message for each in told)


def test_a_page_is_told_in_words_headings_and_minutes() -> None:
    page = _page(
        ("header", {"text": "One", "level": 2}),
        ("quote", {"text": "A<br>b", "caption": "c"}),
        ("table", {"content": [["d", "e"]]}),
        ("header", {"text": " ", "level": 2}),
        ("header", {"text": "<i>One</i> &amp; two", "level": 3}),
        ("header", {"text": "One", "level": 9}),
        ("references", {"items": [{"text": "W", "doi": "10.1000/1"}]}),
        ("disclaimer", {"title": "Note:", "text": "x"}),
        ("image", {"file": {"url": "/media/a.png"}, "alt": "f", "caption": "g"}),
        ("delimiter", {}),
    )
    assert plain_text(page).split("\n") == [
        "One",
        "A b",
        "c",
        "d",
        "e",
        "One & two",
        "One",
        "W",
        "Note:",
        "x",
        "g",
        "f",
    ]
    assert toc(page) == [Heading(2, "one", "One"), Heading(3, "one-two", "One & two"), Heading(6, "one-2", "One")]
    html = render(page)
    assert all(f'id="{heading.anchor}"' in html for heading in toc(page))
    assert [path for path, _ in texts(page)][:4] == [
        "blocks[0].data.text",
        "blocks[1].data.text",
        "blocks[1].data.caption",
        "blocks[2].data.content[0][0]",
    ]
    assert reading_time_minutes(page) == 1
    assert reading_time_minutes(None) == 0
    assert [reading_time_minutes(_page(("paragraph", {"text": "word " * count}))) for count in (220, 221)] == [1, 2]


@pytest.mark.parametrize("kind", ["image", "<x>image", "im\0age", "<script></script>embed", "linkTool"])
@pytest.mark.parametrize("url", ["javascript:x()", " JavaScript:x()", "java\nscript:x()", "data:text/html,<p>x"])
def test_no_address_that_is_a_program_is_stored_whatever_the_block_calls_itself(kind: str, url: str) -> None:
    data = {"url": url, "file": {"url": url}, "source": url, "embed": url, "link": [url]}
    stored = sanitised({"version": url, "blocks": [{"id": url, "type": kind, "data": data, "tunes": {"x": url}}]})
    assert "script:" not in repr(stored).lower()
    assert "data:" not in repr(stored)
    assert sanitised(stored) == stored


def test_a_text_may_begin_like_a_program_and_a_picture_may_be_data() -> None:
    line, picture = "JavaScript: what this site needs it for", "data:image/png;base64,iVBORw0KGgo="
    page = _page(("paragraph", {"text": line}), ("list", {"style": "unordered", "items": [{"content": line}]}))
    assert sanitised(page) == page
    unknown = _page(("gallery", {"pictures": [picture]}))
    assert sanitised(unknown) == unknown


def test_what_the_shop_wrote_beside_a_block_stays_and_what_is_no_document_goes() -> None:
    block = {
        "id": "a",
        "type": "image",
        "tunes": {"x": "<b>y</b><script>z</script>"},
        "data": {
            "file": {"url": "/media/a.png", "width": "9"},
            "alt": "a",
            "shop_file.picture": "draw:a",
            "bad key": "x",
        },
    }
    stored = sanitised({"blocks": [block, "<script>x</script>y"], "time": 1})
    assert stored == {
        "time": 1,
        "blocks": [
            {
                "id": "a",
                "type": "image",
                "tunes": {"x": "<b>y</b>"},
                "data": {"file": {"url": "/media/a.png"}, "alt": "a", "shop_file.picture": "draw:a"},
            },
            "y",
        ],
    }


def test_a_document_as_deep_as_json_goes_is_cut() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    stored = sanitised({"blocks": [{"type": "list", "data": {"style": "unordered", "items": deep}}]})
    assert json.dumps(stored).count("[") < 40
    items: Any = []
    for _ in range(900):
        items = [{"content": "x", "items": items}]
    page = _page(("list", {"style": "unordered", "items": items}))
    assert render(page).count("<ul>") == 8
    assert len(plain_text(page).split("\n")) == 8


_LINE = st.text(alphabet=st.sampled_from("ab <>&/\"'=\xa0\r\n;b!-"), max_size=40)
_TAGS = st.sampled_from(
    ["<b>", "</b>", "<a href='https://x.example'>", "</a>", "<script>", "</script>", "<br>", "&amp;", "&lt;b&gt;",
     "&nbsp;", "<i onclick=x>", "<a href=javascript:x>", "<!--", "-->", "<svg>", "<style>", "\0"]
)  # fmt: skip
_HTML = st.lists(st.one_of(_LINE, _TAGS), max_size=6).map("".join)
_SLOW = nh3.Cleaner(
    tags={"b", "strong", "i", "em", "u", "s", "code", "mark", "sub", "sup", "br", "a"},
    attributes={"a": {"href", "title"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener",
)


@given(_HTML)
@settings(max_examples=300)
def test_the_short_way_says_what_the_sanitiser_says(html: str) -> None:
    assert clean_inline(html) == _SLOW.clean(html)
    assert clean_inline(clean_inline(html)) == clean_inline(html)
    assert plain(clean_inline(html)) == plain(_SLOW.clean(html))


_VALUE: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), _HTML),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["text", "items", "content", "file", "url", "meta", "title", "caption", "doi", "productId"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
_NAMES = ["text", "items", "content", "file", "style", "level", "title", "caption", "source", "label", "url"]
_BLOCK = st.fixed_dictionaries(
    {"type": st.sampled_from([*KINDS, "carousel"]), "data": st.dictionaries(
        st.sampled_from(_NAMES), _VALUE, max_size=4)}
)  # fmt: skip


@given(st.lists(_BLOCK, max_size=4))
@settings(max_examples=300)
def test_whatever_is_stored_is_shown_the_same_and_cleaned_once(blocks: list[Any]) -> None:
    page = {"blocks": blocks}
    stored = sanitised(page)
    assert sanitised(stored) == stored
    assert render(stored, CARDS) == render(page, CARDS)
    assert toc(stored) == toc(page)
    html = render(stored, CARDS).lower()
    for word in ("<script", "onclick", "javascript:", "<svg", "<style"):
        assert word not in html.replace("&lt;", "")
    problems(page)
    lowered(page, CARDS)
    plain_text(page)
