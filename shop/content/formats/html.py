"""HTML → blocks. Every word of the document is in the blocks, in its order; what cannot be a block becomes text."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any, Final
from urllib.parse import unquote

import orjson

from shop.content.formats.converted import EDITORJS_VERSION, NO_PICTURES, Converted, Pictures
from shop.content.formats.inline import inline
from shop.content.formats.lists import LISTS, definition_data, is_mixed, list_data, number
from shop.content.formats.tree import BLOCK_TAGS, Element, Node, parse
from shop.content.rules import doi_of, plain, pmid_of, sanitised
from shop.content.rules.showing import embed_of, image_url

_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
# Where a lazy page keeps the picture's true address.
_PICTURE_AT: Final = ("data-src", "data-lazy-src", "data-original", "src")
_GAP: Final = "<br><br>"
_OPEN: Final = re.compile(r"<([a-z]+)")
_SHUT: Final = re.compile(r"</([a-z]+)")
_ADDRESS: Final = re.compile(r"https?://\S+\Z")
# What has a form of its own wherever it stands; everything else only holds it.
_OWN_FORM: Final = (*_HEADINGS, *LISTS, "dl", "table", "figure", "img", "iframe", "video", "pre", "hr", "blockquote")


def from_html(html: str, pictures: Pictures = NO_PICTURES, *, main_only: bool = False) -> Converted:
    """The blocks of a document or of a part of one: idempotent, since what `render` writes of them reads the same.

    `pictures` are the shop's own files by the addresses that the document gives them. Others stay where they are,
    as long as that is an `https://` address. `main_only`: of a page of a web site that marks its `<main>` or its only
    `<article>`, that alone, without menus and margins; how much was left out is told. There, two breaks are meant as
    the gap between paragraphs.
    """
    root = parse(html)
    title = root.first("title")
    reader = _Reader(pictures, has_gaps=main_only)
    reader.flow(reader.main_of(root).children if main_only else root.children)
    return Converted(
        sanitised({"blocks": reader.blocks, "version": EDITORJS_VERSION}),
        tuple(dict.fromkeys(reader.notes)),
        title.text() if title else "",
        reader.headline,
        {
            name.lower(): meta.attributes.get("content", "").strip()
            for meta in root.all("meta")
            if (name := meta.attributes.get("name") or meta.attributes.get("property"))
        },
    )


def picture_addresses(html: str) -> list[str]:
    """The addresses of the document's pictures, as `from_html` looks them up in `pictures`."""
    return list(dict.fromkeys(address for img in parse(html).all("img") if (address := _picture_address(img))))


def _picture_address(img: Element) -> str:
    return next((found for name in _PICTURE_AT if (found := img.attributes.get(name, "").strip())), "")


class _Reader:
    """Walks the tree and makes the blocks, in the document's order."""

    def __init__(self, pictures: Pictures, *, has_gaps: bool) -> None:
        self.blocks: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.headline = ""
        self._pictures = pictures
        self._has_gaps = has_gaps

    def main_of(self, root: Element) -> Element:
        """What the page itself says is its article; all of it where it does not say."""
        marked = next((found for tag in ("main", "article") if len(found := list(root.all(tag))) == 1), None)
        if marked is None:
            return root
        body = Element("", {}, [node for node in root.children if not isinstance(node, Element) or node.tag != "title"])
        around = len(body.text().split()) - len(marked[0].text().split())
        if around > 0:
            self.notes.append(f"{around} words outside of the page's <{marked[0].tag}> are left out: menus and margins")
        return marked[0]

    def flow(self, nodes: Iterable[Node]) -> None:
        """The nodes are blocks: text that stands alone is a paragraph."""
        for piece in _pieces(nodes):
            if isinstance(piece, Element):
                self._block(piece)
            else:
                self._paragraph(inline(piece))

    def _add(self, kind: str, data: dict[str, Any]) -> None:
        self.blocks.append({"type": kind, "data": data})

    def _paragraph(self, text: str) -> None:
        if not plain(text):
            return
        parts = text.split(_GAP) if self._has_gaps else [text]
        if len(parts) > 1 and all(_is_whole(part) for part in parts):
            for part in parts:
                self._paragraph(part)
            return
        if _ADDRESS.match(text) and embed_of({"source": text}) is not None:
            self._add("embed", {"source": text, "caption": ""})
        else:
            self._add("paragraph", {"text": text})

    def _block(self, element: Element) -> None:
        maker = _MAKERS.get(element.tag)
        if maker is not None:
            maker(self, element)
        elif element.tag == "div" and "disclaimer" in element.classes():
            self._disclaimer(element)
        elif element.tag == "div" and "references" in element.classes():
            self._references(element)
        elif "data-block" in element.attributes:
            self._kept(element.attributes["data-block"])
        else:
            self.flow(element.children)

    def _kept(self, text: str) -> None:
        block = _block_of(text)
        if block is None:
            self.notes.append("a fence that should hold a block became text")
            self._paragraph(inline([Element("pre", {}, [text])]))
        else:
            self.blocks.append(block)

    def skip(self, element: Element) -> None:
        """What says nothing on the page."""

    def header(self, element: Element) -> None:
        text = inline(element.children)
        if plain(text):
            if element.tag == "h1" and not self.blocks:
                self.headline = plain(text)
            # The page's title is its only first-level heading.
            self._add("header", {"text": text, "level": max(int(element.tag[1]), 2)})
        self._shown_inside(element)

    def _shown_inside(self, element: Element) -> None:
        """What is shown inside of a text comes after it: a line holds no pictures."""
        for inner in element.all("img", "iframe", "video"):
            self._block(inner)

    def preformatted(self, element: Element) -> None:
        self._paragraph(inline([element]))
        self._shown_inside(element)

    def delimiter(self, element: Element) -> None:
        self._add("delimiter", {})

    def listing(self, element: Element) -> None:
        data = list_data(element)
        if data is not None:
            self._add("list", data)
        if is_mixed(element):
            self.notes.append("a list inside a list of the other kind has the outer one's numbers or bullets now")
        self._shown_inside(element)

    def definitions(self, element: Element) -> None:
        data = definition_data(element)
        if data is not None:
            self._add("list", data)
        self._shown_inside(element)

    def quote(self, element: Element) -> None:
        nodes, caption = _without_source(element.children)
        start = len(self.blocks)
        self._quoted(nodes, [])
        if plain(caption):
            self._caption(caption, start)

    def _quoted(self, nodes: Iterable[Node], texts: list[str]) -> None:
        """Text is quoted; a heading, list or table inside of the quotation stays what it is, between two quotes."""

        def end() -> None:
            if texts:
                self._add("quote", {"text": "<br><br>".join(texts), "caption": "", "alignment": "left"})
                texts.clear()

        def take(inner: Iterable[Node]) -> None:
            for piece in _pieces(inner):
                if not isinstance(piece, Element):
                    if plain(text := inline(piece)):
                        texts.append(text)
                elif piece.tag in _OWN_FORM:
                    end()
                    self._block(piece)
                else:
                    take(piece.children)

        take(nodes)
        end()

    def figure(self, element: Element) -> None:
        captions = [child for child in element.children if isinstance(child, Element) and child.tag == "figcaption"]
        rest = [child for child in element.children if child not in captions]
        start = len(self.blocks)
        watched = self._watched(element, rest)
        if watched:
            self._add("embed", {"source": watched, "caption": ""})
        else:
            self.flow(rest)
        for caption in captions:
            self._caption(inline(caption.children), start)
            self._shown_inside(caption)

    @staticmethod
    def _watched(element: Element, nodes: list[Node]) -> str:
        """The page of a film that the figure stands for, as we write it and as WordPress does."""
        if not {"embed", "wp-block-embed"} & set(element.classes()):
            return ""
        inside = Element("", {}, nodes)
        link = inside.first("a")
        found = (link.attributes.get("href", "") if link else inside.text()).strip()
        return found if embed_of({"source": found}) is not None else ""

    def _caption(self, caption: str, start: int) -> None:
        """The last block made since `start` has the caption, where its kind has one; else it is a paragraph."""
        if not plain(caption):
            return
        made = self.blocks[start:]
        if made and made[-1]["type"] in {"image", "embed", "quote"} and not made[-1]["data"].get("caption"):
            made[-1]["data"]["caption"] = caption
        else:
            self._paragraph(caption)

    def image(self, element: Element) -> None:
        address = _picture_address(element)
        alt = " ".join(element.attributes.get("alt", "").split())
        file = dict(self._pictures.get(address, {}))
        if not file:
            size = {name: number(element.attributes.get(name)) for name in ("width", "height")}
            file = {"url": address, **{name: side for name, side in size.items() if side > 0}}
        if not image_url({"file": file}):
            words = f" ({alt})" if alt else ""
            where = address or "an address that no page may load"
            self.notes.append(f"a picture{words} is left out: {where[:200]}")
            return
        self._add("image", {"file": file, "alt": escape(alt, quote=False), "caption": ""})

    def frame(self, element: Element) -> None:
        address = element.attributes.get("src", "").strip()
        if embed_of({"source": address}) is not None:
            self._add("embed", {"source": address, "caption": ""})
        elif address:
            self.notes.append(f"a frame or film became a link: {address[:200]}")
            words = " ".join(element.attributes.get("title", "").split()) or address
            self._paragraph(inline([Element("a", {"href": address}, [words])]))
        self.flow(element.children)

    def table(self, element: Element) -> None:
        rows = list(_own_rows(element))
        cells = [[cell for cell in row.children if isinstance(cell, Element)] for row in rows]
        captions = [child for child in element.children if isinstance(child, Element) and child.tag == "caption"]
        for caption in captions:
            self.flow(caption.children)
        if any(cell.has(*_HEADINGS, *LISTS, "table", "blockquote", "figure", "pre") for row in cells for cell in row):
            self.notes.append("a table that held headings, lists or other tables became what was in its cells")
            for row in cells:
                for cell in row:
                    self.flow(cell.children)
            return
        content = [[inline(cell.children) for cell in row for cell in _spanned(cell)] for row in cells]
        width = max(map(len, content), default=0)
        content = [row + [""] * (width - len(row)) for row in content if row]
        if any(plain(cell) for row in content for cell in row):
            first = cells[0] if cells else []
            in_head = bool(rows) and any(
                child.tag == "thead" and rows[0] in child.children
                for child in element.children
                if isinstance(child, Element)
            )
            heads = in_head or (bool(first) and all(cell.tag == "th" for cell in first) and len(content) > 1)
            self._add("table", {"withHeadings": heads, "content": content})
        self._shown_inside(element)

    def _disclaimer(self, element: Element) -> None:
        nodes = _unwrapped(element)
        title, rest = _leading_strong(nodes)
        if plain(text := inline(rest)):
            self._add("disclaimer", {"title": title, "text": text})
        else:
            self._paragraph(title)

    def _references(self, element: Element) -> None:
        listed = element.first("ol", "ul")
        if listed is None:
            self.flow(element.children)
            return
        title = next((child for child in element.children if isinstance(child, Element) and child is not listed), None)
        works = []
        for work in listed.all("li"):
            doi = pmid = ""
            words: list[Node] = []
            for node in work.children:
                href = node.attributes.get("href", "") if isinstance(node, Element) and node.tag == "a" else ""
                if href and not doi and doi_of(unquote(href)):
                    doi = doi_of(unquote(href))
                elif href and not pmid and pmid_of(href):
                    pmid = pmid_of(href)
                else:
                    words.append(node)
            works.append({"text": inline(words), "doi": doi, "pmid": pmid})
        if works:
            words = _unwrapped(title) if title else []
            self._add("references", {"title": inline(_plain_title(words)), "items": works})


def _is_whole(text: str) -> bool:
    """Whether every tag of a line that opens in it is closed in it."""
    return sorted(tag for tag in _OPEN.findall(text) if tag != "br") == sorted(_SHUT.findall(text))


def _block_of(text: str) -> dict[str, Any] | None:
    """The block that is written as JSON; None where it is none. It is trusted no more than the rest."""
    try:
        block = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    is_block = isinstance(block, dict) and isinstance(block.get("type"), str) and isinstance(block.get("data"), dict)
    return block if is_block else None


def _pieces(nodes: Iterable[Node]) -> Iterator[Element | list[Node]]:
    """Runs of text, and the elements that are blocks of their own; a tag around blocks goes around their texts."""
    run: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or (node.tag not in BLOCK_TAGS and not node.has(*BLOCK_TAGS)):
            run.append(node)
            continue
        if node.tag in BLOCK_TAGS:
            if run:
                yield run
                run = []
            yield node
            continue
        for piece in _pieces(node.children):
            if not isinstance(piece, Element):
                run.append(Element(node.tag, node.attributes, piece))
                continue
            if run:
                yield run
                run = []
            # Inside of lists and tables the tag would come between their parts.
            holds_text = piece.tag not in _OWN_FORM or piece.tag in _HEADINGS
            inner: list[Node] = [Element(node.tag, node.attributes, piece.children)]
            yield Element(piece.tag, piece.attributes, inner) if holds_text and piece.children else piece
    if run:
        yield run


def _without_source(nodes: list[Node]) -> tuple[list[Node], str]:
    """A quotation without the line that says whose words it is, and that line."""
    said = [node for node in nodes if not isinstance(node, str) or node.strip()]
    last = said[-1] if said else None
    if isinstance(last, Element) and len(said) > 1:
        if last.tag in {"footer", "cite", "figcaption"}:
            return [node for node in nodes if node is not last], inline(last.children)
        inner = [node for node in last.children if not isinstance(node, str) or node.strip()]
        if last.tag == "p" and len(inner) == 1 and isinstance(inner[0], Element) and inner[0].tag == "cite":
            return [node for node in nodes if node is not last], inline(inner[0].children)
    if isinstance(last, Element) and last.tag == "p" and len(said) == 1:
        inner_nodes, caption = _without_source(last.children)
        return [Element("p", {}, inner_nodes)], caption
    return nodes, ""


def _own_rows(table: Element) -> Iterator[Element]:
    for child in table.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag in {"thead", "tbody", "tfoot"}:
            yield from _own_rows(child)


def _spanned(cell: Element) -> Iterator[Element]:
    """The cell, and an empty one for each further column that it is as wide as."""
    yield cell
    for _ in range(min(number(cell.attributes.get("colspan")), 50) - 1):
        yield Element(cell.tag)


def _unwrapped(element: Element) -> list[Node]:
    """What is inside the element, or inside the only paragraph in it."""
    inner = [node for node in element.children if not isinstance(node, str) or node.strip()]
    if len(inner) == 1 and isinstance(inner[0], Element) and inner[0].tag in {"p", "div"}:
        return inner[0].children
    return element.children


def _leading_strong(nodes: list[Node]) -> tuple[str, list[Node]]:
    for at, node in enumerate(nodes):
        if isinstance(node, Element) and node.tag in {"strong", "b"}:
            return inline(node.children), nodes[at + 1 :]
        if not isinstance(node, str) or node.strip():
            break
    return "", nodes


def _plain_title(nodes: list[Node]) -> list[Node]:
    """A title that is bold as a whole is a title without being bold."""
    title, rest = _leading_strong(nodes)
    only = title and not any(not isinstance(node, str) or node.strip() for node in rest)
    return next(node.children for node in nodes if isinstance(node, Element)) if only else nodes


_MAKERS: Final[dict[str, Callable[[_Reader, Element], None]]] = {
    **dict.fromkeys(_HEADINGS, _Reader.header),
    **dict.fromkeys(LISTS, _Reader.listing),
    "title": _Reader.skip,
    "pre": _Reader.preformatted,
    "hr": _Reader.delimiter,
    "dl": _Reader.definitions,
    "blockquote": _Reader.quote,
    "figure": _Reader.figure,
    "img": _Reader.image,
    "iframe": _Reader.frame,
    "video": _Reader.frame,
    "table": _Reader.table,
}
