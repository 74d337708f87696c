"""Markdown → blocks: CommonMark with tables, strikethrough and boxes to tick, read by way of HTML.

Blocks that Markdown has no words for stand in it as fences of the language `editorjs`, each with a block as JSON.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from shop.content.formats.converted import NO_PICTURES, Converted, Pictures
from shop.content.formats.html import from_html, picture_addresses

FENCE: Final = "editorjs"
_BOXES: Final = {"[ ] ": '<input type="checkbox"> ', "[x] ": '<input type="checkbox" checked> '}


def from_markdown(text: str, pictures: Pictures = NO_PICTURES) -> Converted:
    """The blocks of an article in Markdown; HTML in it is read as HTML, and never trusted more."""
    return from_html(as_html(text), pictures)


def markdown_picture_addresses(text: str) -> list[str]:
    """The addresses of the article's pictures, as `from_markdown` looks them up in `pictures`."""
    return picture_addresses(as_html(text))


def as_html(text: str) -> str:
    """The article as HTML, in which a block of our own is a `<div data-block>`."""
    html: str = _PARSER.render(text)
    return html


def _boxes(tokens: Sequence[Token]) -> None:
    """What begins an entry of a list as a box to tick is one. Source: GitHub Flavored Markdown, task list items."""
    for at in range(2, len(tokens)):
        token = tokens[at]
        is_entry = tokens[at - 1].type == "paragraph_open" and tokens[at - 2].type == "list_item_open"
        if token.type != "inline" or not is_entry or not token.children:
            continue
        first = token.children[0]
        box = _BOXES.get(first.content[:4].lower()) if first.type == "text" else None
        if box is not None:
            first.content = first.content[4:]
            token.children.insert(0, Token("html_inline", "", 0, content=box))


class _Renderer(RendererHTML):
    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        if token.info.strip() != FENCE:
            return super().fence(tokens, idx, options, env)
        return f'<div data-block="{escape(token.content)}"></div>\n'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    parser.core.ruler.push("boxes", lambda state: _boxes(state.tokens))
    return parser


_PARSER: Final = _parser()
