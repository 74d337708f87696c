"""Blocks to HTML."""

import pytest

from shop.content.rules import clean_inline, plain_text, render, sanitised, unknown_blocks


def _page(*blocks: tuple[str, dict[str, object]]) -> dict[str, object]:
    return {"blocks": [{"type": kind, "data": data} for kind, data in blocks]}


def test_paragraphs_headings_and_lists_become_html() -> None:
    page = _page(
        ("header", {"text": "What it is", "level": 2}),
        ("paragraph", {"text": "Some <b>bold</b> words"}),
        ("list", {"style": "unordered", "items": ["<b>Label:</b> text", "two"]}),
        ("list", {"style": "ordered", "items": [{"content": "one", "items": [{"content": "inside", "items": []}]}]}),
    )
    assert render(page) == (
        '<h2 id="what-it-is">What it is</h2>\n'
        "<p>Some <b>bold</b> words</p>\n"
        "<ul><li><b>Label:</b> text</li><li>two</li></ul>\n"
        "<ol><li>one<ol><li>inside</li></ol></li></ol>"
    )


def test_headings_of_one_text_have_anchors_of_their_own_and_h1_stays_the_title_s() -> None:
    page = _page(("header", {"text": "Risks", "level": 1}), ("header", {"text": "Risks", "level": 9}))
    assert render(page) == '<h2 id="risks">Risks</h2>\n<h6 id="risks-2">Risks</h6>'


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt&colon;alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<svg><script>alert(1)</script></svg>",
    '<b onclick="alert(1)">x</b>',
    "<iframe src=//evil.test></iframe>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<style>body{display:none}</style>",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "block",
    [
        lambda text: ("paragraph", {"text": text}),
        lambda text: ("header", {"text": text, "level": 2}),
        lambda text: ("list", {"style": "unordered", "items": [text]}),
        lambda text: ("list", {"style": "unordered", "items": [{"content": text, "items": [text]}]}),
        lambda text: ("list", {"style": text, "items": ["x"]}),
        lambda text: ("header", {"text": "x", "level": text}),
    ],
)
def test_nothing_that_runs_gets_through(attack: str, block: object) -> None:
    assert callable(block)
    html = render(_page(block(attack))).lower()
    for word in ("<script", "onerror", "onclick", "javascript", "<iframe", "<svg", "<img", "<style", "data:text"):
        assert word not in html
    stored = str(sanitised(_page(block(attack)))).lower()
    for word in ("<script", "onerror", "onclick", "javascript:", "<iframe", "<svg", "<img"):
        assert word not in stored


def test_links_keep_their_target_and_lose_the_opener() -> None:
    assert clean_inline('<a href="https://example.com/a?b=1&c=2">x</a>') == (
        '<a href="https://example.com/a?b=1&amp;c=2" rel="noopener">x</a>'
    )


def test_an_image_has_its_size_its_words_and_its_caption() -> None:
    file = {"url": "/media/ab/ab12.jpg", "width": 1600, "height": 900}
    page = _page(("image", {"file": file, "alt": "Hair & skin", "caption": "In <b>section</b>"}))
    assert render(page) == (
        '<figure><img src="/media/ab/ab12.jpg" alt="Hair &amp; skin" width="1600" height="900" loading="lazy">'
        "<figcaption>In <b>section</b></figcaption></figure>"
    )
    assert render(sanitised(page)) == render(page)
    elsewhere = _page(("image", {"file": {"url": "https://example.com/a.png?b=1&c=2", "width": "9"}}))
    assert render(elsewhere) == (
        '<figure><img src="https://example.com/a.png?b=1&amp;c=2" alt="" loading="lazy"></figure>'
    )
    assert render(sanitised(elsewhere)) == render(elsewhere)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"file": "x"},
        {"file": {"url": "javascript:alert(1)"}},
        {"file": {"url": "data:image/svg+xml,x"}},
        {"file": {"url": "//evil.example/x.png"}},
        {"file": {"url": "http://example.com/x.png"}},
        {"file": {"url": '/media/x" onerror="alert(1)'}},
        {"file": {"url": "/media/x&quot;onerror=&quot;alert(1)"}},
        {"file": {"url": "/admin/x"}},
    ],
)
def test_an_image_from_nowhere_safe_is_left_out(data: dict[str, object]) -> None:
    assert render(_page(("image", data))) == ""


def test_an_unknown_block_is_left_out_and_reported() -> None:
    page = _page(("paragraph", {"text": "a"}), ("carousel", {"x": 1}), ("paragraph", {"text": "b"}))
    assert render(page) == "<p>a</p>\n<p>b</p>"
    assert unknown_blocks(page) == ["carousel"]


@pytest.mark.parametrize(
    "content", [None, {}, {"blocks": None}, {"blocks": "x"}, {"blocks": [None, 1, {"type": "list"}]}]
)
def test_what_is_no_document_renders_to_nothing(content: dict[str, object] | None) -> None:
    assert render(content) == ""


def test_plain_text_has_no_tags() -> None:
    page = _page(
        ("header", {"text": "A <i>title</i>", "level": 2}),
        ("list", {"style": "unordered", "items": ["<b>One:</b> text", {"content": "two", "items": ["three"]}]}),
    )
    assert plain_text(page) == "A title\nOne: text\ntwo\nthree"
