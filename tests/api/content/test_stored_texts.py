"""Whatever somebody writes, or brings along from elsewhere: what is stored is text, and links that lead somewhere.

What is stored is looked at with a parser of its own, not with the one that cleans it.
"""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shop.blueprint.apply import apply
from shop.blueprint.load import parse
from shop.comments.errors import BadWebsite
from shop.comments.rules import cleaned, name_of, website_of
from shop.content.rules.links import is_safe_target
from shop.exchange.flows import Options, import_from
from shop.exchange.readers.files import Files
from shop.exchange.readers.wordpress import WordPress
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.api.comments.scene import Scene
from tests.api.content.writing import CREATE, UPDATE
from tests.browser.payloads import PAYLOADS, document
from tests.exchange.wordpress import comment, item, menu_entry, written

TAGS = {"b", "strong", "i", "em", "u", "s", "code", "mark", "sub", "sup", "br", "a"}
# Where whoever shows a block may take the text for an address.
ADDRESSES = {"url", "href", "src", "link", "source", "embed", "file", "id", "image", "logo"}
LEADING = re.compile(r"[\x00-\x20]*+((?:[a-z][\t\n\r]*)++):", re.IGNORECASE)
# XML and YAML hold no control characters; the other writers are shown those too.
WRITABLE = [payload for payload in PAYLOADS if "\0" not in payload and "\x01" not in payload]


class Reader(HTMLParser):
    """Notes what in a text is more than words and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        self.found += [
            f"{tag} {name}={value}"
            for name, value in attributes
            if name not in {"href", "title", "rel"} or (name == "href" and runs(value or ""))
        ]

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")


def runs(address: str) -> bool:
    """Whether a browser that is sent there might run what it finds."""
    scheme = LEADING.match(address)
    return scheme is not None and scheme[1].lower() not in {"http", "https", "mailto", "tel"}


def unsafe(value: Any, name: str = "") -> Iterator[str]:
    """What in a stored value could run where somebody shows it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from unsafe(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from unsafe(part, name)
    elif isinstance(value, str):
        reader = Reader()
        reader.feed(value)
        reader.close()
        yield from reader.found
        if name in ADDRESSES and runs(value):
            yield f"{name}={value}"


async def stored(api: Api, statement: str) -> list[Any]:
    """The first column of what the statement finds."""
    async with api.database.unit() as session:
        return list((await session.execute(text(statement))).scalars())


def contents() -> Iterator[dict[str, Any]]:
    """Each payload in every place of every kind of block, and of kinds that only look like one; not all in one page."""
    for start in range(0, len(PAYLOADS), 12):
        made: list[dict[str, Any]] = [{"type": "delimiter", "data": {}}]
        for payload in (each.replace("\0", "") for each in PAYLOADS[start : start + 12]):
            made += document(payload)["blocks"]
            address = {"file": {"url": payload}, "url": payload, "source": payload, "embed": payload}
            made += [{"type": kind, "data": address} for kind in ("<x>image", "<script></script>embed")]
        yield {"blocks": made, "version": "javascript:pwned(1)"}


def test_the_reader_finds_what_runs() -> None:
    """It would notice: all of these but those that are no more than words."""
    assert sum(bool([*unsafe(payload, "url")]) for payload in PAYLOADS) >= 60
    assert not [
        *unsafe({"text": 'a <b>b</b> <a href="https://a.example" rel="noopener">c</a> javascript:', "url": "/x"})
    ]


async def test_blocks_of_pages_translations_and_widgets(api: Api) -> None:
    staff = await api.login("editor@example.com", "MANAGE_PAGES", "MANAGE_TRANSLATIONS")
    async with api.database.unit() as session:
        kind = ids.encode("PageType", (await make.page_type(session)).id)
        await make.channel(session, slug="default-channel")
    translate = """mutation ($id: ID!, $input: PageTranslationInput!) {
      pageTranslate(id: $id, languageCode: DE, input: $input) { errors { field code } } }"""
    draft = """mutation ($id: ID!, $input: PageDraftInput!) {
      pageDraftSave(id: $id, input: $input) { errors { field code } } }"""
    save = """mutation ($slug: String!, $input: WidgetAreaInput!) {
      widgetAreaSave(slug: $slug, input: $input, channel: "default-channel") { errors { field code } } }"""
    for number, content in enumerate(contents()):
        text = json.dumps(content)
        made = await api(CREATE, {"input": {"pageType": kind, "title": "Page", "content": text}}, token=staff)
        page = made.data["pageCreate"]["page"]["id"]
        changed = {"contentBlocks": content, "title": "Again"}
        assert (await api(UPDATE, {"id": page, "input": changed}, token=staff)).data["pageUpdate"]["errors"] == []
        values = {"title": "Seite", "contentBlocks": content}
        told = await api(translate, {"id": page, "input": values}, token=staff)
        assert told.data["pageTranslate"]["errors"] == []
        told = await api(draft, {"id": page, "input": {"contentBlocks": content}}, token=staff)
        assert told.data["pageDraftSave"]["errors"] == []
        shown = {"blocks": [block for block in content["blocks"] if block["type"] in {"paragraph", "image"}]}
        area = {"widgets": [{"title": "Text", "text": {"content": json.dumps(shown)}}]}
        told = await api(save, {"slug": f"side-{number}", "input": area}, token=staff)
        assert told.data["widgetAreaSave"]["errors"] == [], number
    pages = await stored(api, "SELECT content FROM content_page")
    blocks = sum(len(one["blocks"]) for one in pages)
    assert blocks == sum(len(one["blocks"]) for one in contents())
    kept = await stored(api, "SELECT fields -> 'content' FROM content_page_revision")
    drafts = await stored(api, "SELECT fields -> 'content' FROM content_page_draft")
    translated = await stored(api, "SELECT texts FROM translation_translation")
    widgets = await stored(api, "SELECT content FROM content_widget")
    assert len(kept) >= len(pages) == len(translated) == len(drafts) == len(widgets)
    assert [*unsafe([pages, kept, drafts, translated, widgets])] == []


def test_what_comments_are_made_of() -> None:
    assert [*unsafe([[cleaned(f"Words. {payload}"), name_of(f"A {payload}")] for payload in PAYLOADS])] == []


async def test_comments(api: Api, rounds: Callable[[int, int], int]) -> None:
    scene = await Scene.laid_out(api)
    # Whom no counter of attempts stops.
    staff = await api.login("staff@example.com", "MANAGE_COMMENTS")
    tried = PAYLOADS[:: rounds(7, 1)]
    for number, payload in enumerate(tried):
        words = payload.replace("\0", "")
        made = await scene.create(api, token=staff, body=f"Number {number}. {words}", authorName=f"A {words}"[:80])
        assert made["errors"] == [], payload
    bodies = await stored(api, "SELECT body FROM comment_comment WHERE body LIKE 'Number %'")
    assert len(bodies) == len(tried)
    names = await stored(api, "SELECT author_name FROM comment_comment")
    assert [*unsafe([*bodies, *names])] == []


def test_where_menus_widgets_and_authors_lead() -> None:
    leading = [*PAYLOADS, "JavaScript:x", "\tjavascript:x", "java\nscript:x", "data:,x", "blob:x", "vbscript:x", "//x"]
    assert [url for url in leading if is_safe_target(url)] == []
    for url in leading:
        with pytest.raises(BadWebsite):
            website_of(url)


async def test_imported_files(api: Api, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number, payload in enumerate(PAYLOADS):
        (folder / f"{number}.html").write_text(f"<h1>{payload}</h1><p>Text {payload}</p><p><a href='{payload}'>x</a>")
        (folder / f"{number}.md").write_text(f"# Title {payload}\n\nText {payload}\n\n[x]({payload}) ![y]({payload})\n")
    source = Files([folder], form=None, page_type="article", publish=False)
    report = await import_from(api.database, source, Options(media_folder=tmp_path / "media"), now=clock.now())
    # The same name in two forms: the slug of the first has to do for both.
    assert sum(entry.kind == "page" for entry in report.entries) >= len(PAYLOADS)
    contents = await stored(api, "SELECT content FROM content_page")
    assert len(contents) >= len(PAYLOADS)
    assert [*unsafe(contents)] == []


async def test_an_imported_site(api: Api, tmp_path: Path) -> None:
    items = []
    for number, payload in enumerate(WRITABLE, 1):
        words = payload.replace("]]>", "]]]]><![CDATA[>")
        said = comment(number, f"Said {words}", author=words)
        items.append(item(number, f"Post {words}", f"<p>Text {words}</p>", slug=f"p-{number}", comments=said))
        items.append(menu_entry(1000 + number, words, number, type="custom", url=words))
    source = WordPress(written(tmp_path / "export.xml", *items))
    await import_from(api.database, source, Options(media_folder=tmp_path / "media"), now=clock.now())
    contents = await stored(api, "SELECT content FROM content_page")
    bodies = await stored(api, "SELECT body FROM comment_comment")
    assert (len(contents), len(bodies)) == (len(WRITABLE), len(WRITABLE))
    assert [*unsafe([*contents, *bodies, *await stored(api, "SELECT author_name FROM comment_comment")])] == []
    assert [*unsafe(await stored(api, "SELECT url FROM content_menu_item WHERE url IS NOT NULL"), "url")] == []


async def test_a_shop_file(api: Api, tmp_path: Path) -> None:
    texts: list[dict[str, Any]] = [{"paragraph": payload} for payload in WRITABLE]
    texts += [block for payload in WRITABLE for block in document(payload)["blocks"] if block["type"].isalpha()]
    file = {
        "page_types": [{"slug": "text", "name": "Text"}],
        "pages": [{"slug": "page", "title": "Page", "type": "text", "content": texts}],
    }
    shop = parse(json.dumps(file), folder=tmp_path)
    await apply(api.database, shop, media_folder=tmp_path / "media")
    (content,) = await stored(api, "SELECT content FROM content_page")
    assert len(content["blocks"]) == len(texts)
    assert [*unsafe(content)] == []
