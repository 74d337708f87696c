"""Markdown to blocks and back."""

from collections.abc import Callable
from typing import Any

import pytest

from shop.content.formats import from_html, from_markdown, markdown_picture_addresses, to_markdown
from shop.content.rules import sanitised
from tests.content.documents import ARTICLE_MARKDOWN, Article, article_blocks


def blocks(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = from_markdown(text).content["blocks"]
    return found


def page(*made: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return sanitised({"blocks": [{"type": kind, "data": data} for kind, data in made]})


def paragraph(text: str) -> dict[str, Any]:
    return page(("paragraph", {"text": text}))


def test_an_article_has_every_heading_list_and_paragraph() -> None:
    assert blocks(ARTICLE_MARKDOWN) == article_blocks()
    assert len(article_blocks()) == 8 + 20 + 3


def test_an_article_is_written_as_a_person_would() -> None:
    text = to_markdown({"blocks": article_blocks()})
    assert text.startswith(
        "## Section *1*\n\n"
        "Paragraph 1 says & means [something](https://a.example/?x=1&y=2).\n\n"
        "Paragraph 2 says & means [something](https://a.example/?x=1&y=2).\n\n"
        "## Section *2*\n\n"
    )
    assert "\n\n- **Source:** where the cells come from\n- **Dose:** how many there are\n" in text


def test_tables_boxes_and_code_are_read() -> None:
    text = "| a | b |\n|---|---|\n| 1 \\| 2 | ~~3~~ |\n\n- [ ] open\n- [X] done\n\n```python\nx = 1\n```\n"
    assert blocks(text) == [
        {"type": "table", "data": {"withHeadings": True, "content": [["a", "b"], ["1 | 2", "<s>3</s>"]]}},
        {
            "type": "list",
            "data": {
                "style": "checklist",
                "items": [
                    {"content": "open", "items": [], "meta": {"checked": False}},
                    {"content": "done", "items": [], "meta": {"checked": True}},
                ],
            },
        },
        {"type": "paragraph", "data": {"text": "<code>x = 1</code>"}},
    ]


def test_pictures_are_found_by_the_addresses_they_are_looked_up_with() -> None:
    text = "![A](a.png)\n\n<img src='b.png'>"
    assert markdown_picture_addresses(text) == ["a.png", "b.png"]
    found = from_markdown(text, {"a.png": {"url": "/media/aa/aa.png"}})
    assert [block["data"]["file"] for block in found.content["blocks"]] == [{"url": "/media/aa/aa.png"}]
    assert found.notes == ("a picture is left out: b.png",)


def test_generated_articles_come_back_block_by_block(rounds: Callable[[int, int], int]) -> None:
    for number in range(rounds(50, 5_000)):
        content = from_html(Article(number).html).content
        text = to_markdown(content)
        assert from_markdown(text).content == content, text
        # All of it is said in Markdown's own words or in HTML.
        assert "```editorjs" not in text


@pytest.mark.parametrize(
    "text",
    [
        "1. no list",
        "- no list",
        "# no heading",
        "a # b",
        "&gt; no quote",
        "--- no rule",
        "| no | table |",
        "*no* _italic_ snake_case `code` [link](x) ~~gone~~ \\",
        "&amp;amp; &lt;b&gt; &amp;copy;",
        "<b>Label: </b>text",
        "un<b>believ</b>able",
        "<b><i>both</i></b><i>one</i>",
        "<code>a`b</code> <code>c &amp; <b>d</b></code>",
        '<a href="https://a.example/a(b)_c?x=1&amp;y=&quot;" title="T &quot;q&quot;" rel="noopener">x *y*</a>',
        "a<br>- b<br><br># c",
        "<u>under</u> H<sub>2</sub>O <mark>m</mark>",
        "hard&nbsp;&nbsp;spaces",
        "https://a.example/",
        "[ ] no box",
    ],
)
def test_signs_that_mean_nothing_stay_what_they_are(text: str) -> None:
    for content in (
        paragraph(text),
        page(("header", {"text": text, "level": 3})),
        page(("list", {"style": "ordered", "items": [text, {"content": text, "items": [text]}]})),
        page(("table", {"withHeadings": True, "content": [[text, "b"], ["c", text]]})),
        page(("quote", {"text": text, "caption": text})),
    ):
        assert to_markdown({"blocks": from_markdown(to_markdown(content)).content["blocks"]}) == to_markdown(content)
        assert "```" not in to_markdown(content)


def test_what_markdown_has_no_words_for_is_kept_as_it_is() -> None:
    content = page(
        ("product", {"productId": "UHJvZHVjdDox"}),
        ("booking", {"productId": "UHJvZHVjdDox", "text": "Talk <b>first</b>", "label": "Book"}),
        ("carousel", {"slides": [1, {"a": None}]}),
        ("list", {"style": "unordered", "items": ["a"]}),
        ("list", {"style": "unordered", "items": ["b"]}),
        ("quote", {"text": "a", "caption": "", "alignment": "center"}),
        ("paragraph", {"text": "", "stretched": True}),
        ("image", {"file": {"url": ""}, "alt": "lost"}),
    )
    text = to_markdown(content)
    assert blocks(text) == content["blocks"]
    assert "\n\n- a\n\n* b\n\n" in text
    assert text.count("```editorjs\n") == 6


def test_a_fence_that_holds_no_block_is_text() -> None:
    found = from_markdown("```editorjs\nnot json\n```")
    assert found.content["blocks"] == [{"type": "paragraph", "data": {"text": "<code>not json</code>"}}]
    assert found.notes == ("a fence that should hold a block became text",)


@pytest.mark.parametrize("content", [None, {}, {"blocks": []}, {"blocks": "x"}, {"blocks": [1]}])
def test_nothing_is_nothing(content: dict[str, Any] | None) -> None:
    assert to_markdown(content) == ""


def test_nothing_that_runs_gets_in_by_html_or_by_a_fence() -> None:
    attack = (
        '<img src=x onerror=alert(1)>\n\n```editorjs\n{"type":"paragraph","data":{"text":"<script>1</script>a"}}\n```'
    )
    assert blocks(attack + "\n\n[x](javascript:alert(1)) <script>alert(1)</script>") == [
        {"type": "paragraph", "data": {"text": "a"}},
        {"type": "paragraph", "data": {"text": "[x](javascript:alert(1))"}},
    ]
