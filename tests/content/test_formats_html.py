"""HTML to blocks: every block right, no word lost, and what is shown of it reads the same."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from shop.content.formats import from_html, picture_addresses
from shop.content.rules import plain_text, problems, render, sanitised
from tests.content.documents import ARTICLE_HTML, Article, article_blocks

_WORD = re.compile(r"(?:w|Haar|ö|漢字|a-b|x_y)\d+")


def blocks(html: str) -> list[tuple[str, dict[str, Any]]]:
    return [(block["type"], block["data"]) for block in from_html(html).content["blocks"]]


def items(*texts: str) -> list[dict[str, Any]]:
    return [{"content": text, "items": []} for text in texts]


def test_an_article_has_every_heading_list_and_paragraph() -> None:
    found = from_html(ARTICLE_HTML)
    assert found.content["blocks"] == article_blocks()
    assert (found.title, found.headline, found.notes) == ("Adult cells & hair | A clinic", "", ())
    assert found.described["description"] == "What is known."


def test_generated_articles_keep_every_word_and_come_back_as_they_are_shown(rounds: Callable[[int, int], int]) -> None:
    for number in range(rounds(200, 10_000)):
        article = Article(number)
        found = from_html(article.html)
        shown = render(found.content)
        assert _WORD.findall(plain_text(found.content)) == article.words, article.html
        assert _WORD.findall(re.sub("<[^>]*>", " ", shown)) == article.words, article.html
        again = from_html(shown)
        assert again.content == found.content, article.html
        assert render(again.content) == shown
        assert sanitised(found.content) == found.content


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a <strong>b</strong> <em>c</em> <del>d</del> <span>e</span></p>", "a <b>b</b> <i>c</i> <s>d</s> e"),
        ("<p>\n  a\n  b  <b> c </b> d&nbsp;e </p>", "a b <b>c </b>d&nbsp;e"),
        ("<p>a<br> b<br><br><br>c<br></p>", "a<br>b<br><br>c"),
        ("<p><b></b>a<b> </b>b<a href='/x'></a></p>", "a b"),
        ("<p><b>a <b>b</b></b></p>", "<b>a b</b>"),
        ("<p>He said <q>yes</q></p>", "He said “yes”"),
        ('<p>A smile <img class="emoji" alt="🙂" src="https://s.example/1.svg"></p>', "A smile 🙂"),
        (
            "<pre>def f():\n    return 1 &lt; 2</pre>",
            "<code>def f():<br>&nbsp;&nbsp;&nbsp;&nbsp;return 1 &lt; 2</code>",
        ),
        ("just text", "just text"),
        ("<b><p>a</p></b>", "<b>a</b>"),
        ("<a href='/x'><p>a</p></a>", '<a href="/x" rel="noopener">a</a>'),
    ],
)
def test_the_inside_of_a_line_has_one_form(html: str, expected: str) -> None:
    assert blocks(html) == [("paragraph", {"text": expected})]


@pytest.mark.parametrize("html", ["", "  ", "<p>&nbsp;</p>", "<h2></h2>", "<ul><li></li></ul>", "<script>x</script>"])
def test_what_says_nothing_is_no_block(html: str) -> None:
    assert blocks(html) == []


def test_a_tag_around_blocks_goes_around_their_texts() -> None:
    link = '<a href="/x" rel="noopener">{}</a>'.format
    assert blocks('<a href="/x"><h3>Card</h3><p>Text</p></a>') == [
        ("header", {"text": link("Card"), "level": 3}),
        ("paragraph", {"text": link("Text")}),
    ]


def test_two_breaks_part_paragraphs_of_a_page() -> None:
    html = "One<br><br>two<br>lines<br> <br/><b>three</b><p><i>a<br><br>b</i></p><blockquote>q<br><br>r</blockquote>"
    blocks = from_html(html, main_only=True).content["blocks"]
    assert [block["data"]["text"] for block in blocks] == [
        "One",
        "two<br>lines",
        "<b>three</b>",
        "<i>a<br><br>b</i>",
        "q<br><br>r",
    ]
    assert [block["data"]["text"] for block in from_html("a<br><br>b").content["blocks"]] == ["a<br><br>b"]


def test_lists_are_nested_numbered_and_ticked() -> None:
    nested = "<ul><li>a<ul><li>b</li></ul>c</li><ul><li>d</li></ul></ul>"
    assert blocks(nested) == [
        (
            "list",
            {
                "style": "unordered",
                "items": [
                    {"content": "a", "items": items("b")},
                    {"content": "c", "items": items("d")},
                ],
            },
        )
    ]
    assert blocks('<ol start="3"><li>a</li><li><p>b</p><p>c</p></li></ol>') == [
        ("list", {"style": "ordered", "items": ["a", "b<br>c"], "meta": {"start": 3}})
    ]
    ticked = "<ul><li><input type=checkbox checked> a</li><li><label><input type=checkbox> b</label></li></ul>"
    assert blocks(ticked) == [
        (
            "list",
            {
                "style": "checklist",
                "items": [
                    {"content": "a", "items": [], "meta": {"checked": True}},
                    {"content": "b", "items": [], "meta": {"checked": False}},
                ],
            },
        )
    ]
    assert blocks("<dl><dt>T</dt><dd>one</dd><dd>two</dd></dl>") == [
        ("list", {"style": "unordered", "items": ["<b>T</b><br>one<br>two"]})
    ]


def test_a_list_deeper_than_what_is_shown_keeps_its_words() -> None:
    deep = "<ul><li>x" * 30 + "</li></ul>" * 30
    shown = render(from_html(deep).content)
    assert shown.count("<li>x") == 30
    assert shown.count("<ul>") == 8


def test_a_document_nested_beyond_reason_is_read() -> None:
    html = "<div><b>" * 2_000 + "x"
    assert plain_text(from_html(html).content) == "x"


def test_quotes_have_their_source() -> None:
    quote = {"text": "a<br><br>b", "caption": "Somebody", "alignment": "left"}
    for html in (
        "<blockquote><p>a</p><p>b</p><footer>Somebody</footer></blockquote>",
        "<blockquote><p>a</p><p>b</p><p><cite>Somebody</cite></p></blockquote>",
        "<figure><blockquote><p>a</p><p>b</p></blockquote><figcaption>Somebody</figcaption></figure>",
    ):
        assert blocks(html) == [("quote", quote)]
    parted = blocks("<blockquote>a<ul><li>b</li></ul>c</blockquote>")
    assert [kind for kind, _ in parted] == ["quote", "list", "quote"]


def test_tables_are_filled_up_and_layouts_taken_apart() -> None:
    html = "<table><caption>C</caption><tr><th>A<th>B</tr><tr><td colspan=2>1</tr></table>"
    assert blocks(html) == [
        ("paragraph", {"text": "C"}),
        ("table", {"withHeadings": True, "content": [["A", "B"], ["1", ""]]}),
    ]
    layout = from_html("<table><tr><td><h2>A</h2></td><td><p>b</p></td></tr></table>")
    assert [block["type"] for block in layout.content["blocks"]] == ["header", "paragraph"]
    assert layout.notes == ("a table that held headings, lists or other tables became what was in its cells",)


def test_pictures_stand_for_themselves() -> None:
    html = '<p>a <img src="https://a.example/x.png?a=1&amp;b=2" alt="5 &lt; 6" width="30" height="20"> b</p>'
    file = {"url": "https://a.example/x.png?a=1&b=2", "width": 30, "height": 20}
    assert blocks(html) == [
        ("paragraph", {"text": "a"}),
        ("image", {"file": file, "alt": "5 &lt; 6", "caption": ""}),
        ("paragraph", {"text": "b"}),
    ]
    captioned = '<figure><img data-src="pictures/x.png" src="data:,"><figcaption>C</figcaption></figure>'
    assert picture_addresses(captioned) == ["pictures/x.png"]
    own = {"pictures/x.png": {"url": "/media/ab/ab.png", "width": 3, "height": 2}}
    assert from_html(captioned, own).content["blocks"] == [
        {"type": "image", "data": {"file": own["pictures/x.png"], "alt": "", "caption": "C"}}
    ]
    lost = from_html(captioned)
    assert [block["data"] for block in lost.content["blocks"]] == [{"text": "C"}]
    assert lost.notes == ("a picture is left out: pictures/x.png",)


def test_films_are_embedded_and_other_frames_linked() -> None:
    film = {
        "source": "https://www.youtube.com/watch?v=abcdefghijk",
        "caption": "",
        "service": "youtube",
        "embed": "https://www.youtube-nocookie.com/embed/abcdefghijk",
    }
    for html in (
        '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>',
        "<p>https://youtu.be/abcdefghijk</p>",
        '<figure class="wp-block-embed"><div>\nhttps://youtu.be/abcdefghijk\n</div></figure>',
    ):
        assert blocks(html) == [("embed", film)]
    frame = from_html('<iframe src="https://maps.example/x" title="Map"></iframe>')
    assert frame.content["blocks"][0]["data"] == {"text": '<a href="https://maps.example/x" rel="noopener">Map</a>'}
    assert frame.notes == ("a frame or film became a link: https://maps.example/x",)


def test_the_shop_s_own_blocks_come_back() -> None:
    own = sanitised(
        {
            "blocks": [
                {"type": "disclaimer", "data": {"title": "Note", "text": "No <b>advice</b>."}},
                {"type": "disclaimer", "data": {"title": "", "text": "No advice."}},
                {
                    "type": "references",
                    "data": {
                        "title": "Works",
                        "items": [
                            {"text": "One, <i>Journal</i>", "doi": "10.1000/x(1)", "pmid": "123"},
                            {"text": "Two", "doi": "", "pmid": "9"},
                        ],
                    },
                },
                {"type": "delimiter", "data": {}},
            ]
        }
    )
    assert from_html(render(own)).content["blocks"] == own["blocks"]
    assert problems(own) == []


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="javascript:alert(1)" title="<script>alert(1)</script>"></iframe>',
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    '<figure class="embed"><a href="javascript:alert(1)//youtu.be/abcdefghijk">x</a></figure>',
    '<div data-block=\'{"type":"paragraph","data":{"text":"<img src=x onerror=alert(1)>"}}\'></div>',
    '<img src="https://a.example/x.png" alt="&quot;><script>alert(1)</script>">',
    "<pre>&lt;script&gt;alert(1)&lt;/script&gt;<script>alert(1)</script></pre>",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "<p>{}</p>", "<ul><li>{}</li></ul>", "<table><tr><td>{}</table>", "<h2>{}"])
def test_nothing_that_runs_is_stored_or_shown(attack: str, around: str) -> None:
    content = from_html(around.format(attack)).content
    for html in (render(content).lower(), str(content).lower()):
        for word in ("<script", "<img src=x", 'href="javascript', "<iframe", "<math", "<style"):
            assert word not in html
