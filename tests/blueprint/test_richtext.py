"""The light form of rich text and its EditorJS value."""

import pytest

from shop.blueprint import richtext


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("**Label:** text", "<b>Label:</b> text"),
        ("an *emphasis* here", "an <i>emphasis</i> here"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("2*3*4", "2*3*4"),
        ("**not bold", "**not bold"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("see [the terms](/pages/terms).", 'see <a href="/pages/terms">the terms</a>.'),
        ("[a](https://example.com/?q=1&r=2)", '<a href="https://example.com/?q=1&amp;r=2">a</a>'),
        ("[mail](mailto:a@example.com)", '<a href="mailto:a@example.com">mail</a>'),
        ("[bad](javascript:alert(1))", "[bad](javascript:alert(1))"),
        ("[bad](JavaScript:x)", "[bad](JavaScript:x)"),
        ("[bad](//evil.example)", "[bad](//evil.example)"),
        ('[quote](/a"onclick="x)', '<a href="/a%22onclick=%22x">quote</a>'),
        ("over\n  two lines", "over two lines"),
    ],
)
def test_inline(text: str, html: str) -> None:
    assert richtext.inline(text) == html
