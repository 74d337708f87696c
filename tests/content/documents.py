"""Made-up articles in HTML, the same one for the same number, as tidy and as untidy as other systems write them."""

from collections.abc import Callable
from itertools import count
from random import Random

INLINE = "b strong i em u s del ins code mark sub sup span small kbd cite abbr a font".split()  # noqa: SIM905
CONTAINERS = "div section article main aside header footer center address form fieldset".split()  # noqa: SIM905
SERVICES = ("https://www.youtube.com/watch?v=abcdef{:05}", "https://vimeo.com/1234{:05}")


class Article:
    """One article: `html`, and its `words` in the order in which a reader meets them."""

    def __init__(self, number: int) -> None:
        self._random = Random(number)
        self._serial = count(1)
        self.words: list[str] = []
        self.html = "".join(self._block(3) for _ in range(self._random.randint(1, 3)))

    def _word(self) -> str:
        word = f"{self._random.choice(('w', 'Haar', 'ö', '漢字', 'a-b', 'x_y'))}{next(self._serial)}"
        self.words.append(word)
        return self._random.choice((word, word, word, f"{word}.", f"{word} &amp;", f"&lt;{word}&gt;", f"“{word}”"))

    def _text(self, depth: int = 2) -> str:
        parts = []
        for _ in range(self._random.randint(1, 3)):
            chance = self._random.random()
            if depth and chance < 0.3:
                tag = self._random.choice(INLINE)
                attributes = ' href="https://a.example/?b=1&amp;c=2"' if tag == "a" else ""
                parts.append(f"<{tag}{attributes}>{self._text(depth - 1)}</{tag}>")
            elif chance < 0.36:
                parts.append(f"{self._word()}<br>{self._word()}")
            else:
                parts.append(self._word())
        return self._random.choice((" ", "\n", "  ", "&nbsp;")).join(parts)

    def _block(self, depth: int) -> str:
        makers: list[Callable[[int], str]] = [
            self._paragraph,
            self._paragraph,
            self._heading,
            self._list,
            self._list,
            self._quote,
            self._table,
            self._picture,
            self._film,
            self._ours,
            self._loose,
            self._definitions,
            self._preformatted,
        ]
        if depth:
            makers += [self._container, self._container, self._around]
        return self._random.choice(makers)(depth) + self._random.choice(("", "\n", "\n\n", "<hr>", "<!-- x -->"))

    def _paragraph(self, depth: int) -> str:
        return f"<p>{self._text()}</p>"

    def _loose(self, depth: int) -> str:
        return f"<div>{self._text()}<p>{self._text()}</p>{self._text()}</div>"

    def _heading(self, depth: int) -> str:
        level = self._random.randint(1, 6)
        return f"<h{level}>{self._text(1)}</h{level}>"

    def _container(self, depth: int) -> str:
        tag = self._random.choice(CONTAINERS)
        inner = "".join(self._block(depth - 1) for _ in range(self._random.randint(0, 3)))
        return f"<{tag}>{inner}</{tag}>"

    def _around(self, depth: int) -> str:
        tag = self._random.choice(("b", "span", "em", "a href='/x'"))
        return f"<{tag}>{self._paragraph(0)}{self._heading(0)}{self._text(1)}</{tag.split()[0]}>"

    def _list(self, depth: int) -> str:
        tag = self._random.choice(("ul", "ol", "ul", 'ol start="4"'))
        box = self._random.choice(("", "", "<input type=checkbox>", "<input type=checkbox checked>"))
        entries = []
        for _ in range(self._random.randint(1, 4)):
            text = self._random.choice((self._text, lambda: self._paragraph(0)))()
            inner = self._list(depth - 1) if depth and self._random.random() < 0.3 else ""
            tail = self._text(1) if inner and self._random.random() < 0.3 else ""
            entries.append(f"<li>{box}{text}{inner}{tail}</li>")
        return f"<{tag}>{''.join(entries)}</{tag.split()[0]}>"

    def _definitions(self, depth: int) -> str:
        return f"<dl><dt>{self._text(1)}</dt><dd>{self._text(1)}</dd><dd>{self._paragraph(0)}</dd></dl>"

    def _preformatted(self, depth: int) -> str:
        return f"<pre><code>{self._word()}:\n    {self._word()}\n\n\t{self._word()}</code></pre>"

    def _quote(self, depth: int) -> str:
        inner = "".join(
            self._random.choice((self._paragraph, self._paragraph, self._list, self._heading))(0)
            for _ in range(self._random.randint(1, 3))
        )
        source = f"<cite>{self._text(1)}</cite>" if self._random.random() < 0.3 else ""
        return f"<blockquote>{inner}{source}</blockquote>"

    def _table(self, depth: int) -> str:
        width = self._random.randint(1, 3)
        caption = f"<caption>{self._text(1)}</caption>" if self._random.random() < 0.3 else ""
        head = f"<thead>{self._row('th', width)}</thead>" if self._random.random() < 0.5 else ""
        body = "".join(self._row("td", self._random.randint(1, width)) for _ in range(self._random.randint(1, 3)))
        return f"<table>{caption}{head}<tbody>{body}</tbody></table>"

    def _row(self, tag: str, width: int) -> str:
        return "<tr>" + "".join(f"<{tag}>{self._text(1)}</{tag}>" for _ in range(width)) + "</tr>"

    def _picture(self, depth: int) -> str:
        img = f'<img src="https://a.example/{next(self._serial)}.png?a=1&amp;b=2" alt="5 &lt; 6 &amp; 7">'
        if self._random.random() < 0.3:
            return f"<p>{self._text(1)}{img}{self._text(1)}</p>"
        caption = f"<figcaption>{self._text(1)}</figcaption>" if self._random.random() < 0.6 else ""
        return f"<figure>{img}{caption}</figure>"

    def _film(self, depth: int) -> str:
        address = self._random.choice(SERVICES).format(next(self._serial))
        caption = f"<figcaption>{self._text(1)}</figcaption>" if self._random.random() < 0.6 else ""
        return f'<figure class="wp-block-embed"><div>\n{address}\n</div>{caption}</figure>'

    def _ours(self, depth: int) -> str:
        if self._random.random() < 0.5:
            return f'<div class="disclaimer"><p><strong>{self._word()}</strong> {self._text(1)}</p></div>'
        works = "".join(
            f'<li>{self._text(1)} <a href="https://doi.org/10.1000/{next(self._serial)}">doi</a></li>' for _ in range(2)
        )
        return f'<div class="references"><p><strong>Works</strong></p><ol>{works}</ol></div>'


LABELS = (("Source", "where the cells come from"), ("Dose", "how many there are"), ("Risk", "what can go wrong"))


def _article(heading: str, paragraph: str, entry: str, entries: str, rest: str) -> str:
    """Eight headings, twenty paragraphs, and after the second, fourth and sixth heading a list of labelled items."""
    parts: list[str] = []
    paragraphs = count(1)
    for section in range(1, 9):
        parts.append(heading.format(section))
        parts += [paragraph.format(next(paragraphs)) for _ in range(2 if section < 5 else 3)]
        if section in (2, 4, 6):
            parts.append(entries.format("".join(entry.format(*pair) for pair in LABELS)))
    return rest.join(parts)


ARTICLE_HTML = (
    "<!doctype html><html><head><title>Adult cells &amp; hair | A clinic</title>"
    '<meta name="Description" content="What is known."></head><body>\n'
    + _article(
        "<h2>Section <em>{}</em></h2>",
        "<p>Paragraph {} says &amp; means <a href='https://a.example/?x=1&amp;y=2'>something</a>.</p>",
        "\n  <li><strong>{}:</strong> {}</li>",
        "<ul>{}\n</ul>",
        "\n",
    )
    + "</body></html>"
)
ARTICLE_MARKDOWN = _article(
    "## Section *{}*",
    "Paragraph {} says & means\n[something](https://a.example/?x=1&y=2).",
    "- **{}:** {}\n",
    "{}",
    "\n\n",
)


def article_blocks() -> list[dict[str, object]]:
    """The blocks of that article, however it was written."""
    made: list[dict[str, object]] = []
    link = '<a href="https://a.example/?x=1&amp;y=2" rel="noopener">something</a>'
    paragraphs = count(1)
    for section in range(1, 9):
        made.append({"type": "header", "data": {"text": f"Section <i>{section}</i>", "level": 2}})
        for _ in range(2 if section < 5 else 3):
            text = f"Paragraph {next(paragraphs)} says &amp; means {link}."
            made.append({"type": "paragraph", "data": {"text": text}})
        if section in (2, 4, 6):
            entries = [f"<b>{label}:</b> {text}" for label, text in LABELS]
            made.append({"type": "list", "data": {"style": "unordered", "items": entries}})
    return made
