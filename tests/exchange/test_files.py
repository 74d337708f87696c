"""Articles in files become pages, once, and are never written over where somebody edited them here."""

import json
import re
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from shop.exchange.drafts import PageDraft, Refused
from shop.exchange.errors import NotFetched
from shop.exchange.flows import Options, import_from
from shop.exchange.readers.files import Files
from shop.exchange.report import Fate, Report
from shop.exchange.rules import ready
from shop.kit.db import Database
from tests import factories as make

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def run(database: Database, *paths: Path, publish: bool = False, **options: Any) -> Report:
    source = Files(paths, form=None, page_type="article", publish=publish)
    given = Options(**{"media_folder": paths[0].parent / "media", "publish": publish, **options})
    return await import_from(database, source, given, now=NOW)


async def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    async with database.unit() as session:
        return [dict(row) for row in (await session.execute(text(statement))).mappings()]


async def do(database: Database, statement: str) -> None:
    async with database.unit() as session:
        await session.execute(text(statement))


PAGES = "SELECT slug, title, content, is_published, seo_description, metadata FROM content_page ORDER BY slug"


def fates(report: Report) -> dict[str, Fate]:
    return {entry.name: entry.fate for entry in report.entries if entry.kind == "page"}


async def test_a_folder_of_articles_becomes_pages(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    (folder / "about").mkdir(parents=True)
    (folder / "first.md").write_text(
        "---\ntitle: The first\ndate: 2024-05-06\ntags: [hair, skin]\n---\n\nText *one*.\n"
    )
    (folder / "Second one.html").write_text(
        "<html><head><title>Second | Site</title><meta name='description' content='About it.'></head>"
        "<body><h1>The second</h1><p>Text.</p></body></html>"
    )
    (folder / "about" / "index.md").write_text("# About us\n\nWe are.")
    (folder / "notes.txt").write_text("no article")
    report = await run(database, folder)
    assert fates(report) == {"about": Fate.CREATED, "first": Fate.CREATED, "second-one": Fate.CREATED}
    about, first, second = await rows(database, PAGES)
    assert (about["title"], about["content"]["blocks"]) == (
        "About us",
        [{"type": "paragraph", "data": {"text": "We are."}}],
    )
    assert (first["title"], first["metadata"]) == ("The first", {"tags": "hair, skin"})
    assert first["content"]["blocks"] == [{"type": "paragraph", "data": {"text": "Text <i>one</i>."}}]
    assert (second["title"], second["seo_description"]) == ("The second", "About it.")
    assert second["content"]["blocks"] == [{"type": "paragraph", "data": {"text": "Text."}}]
    assert [page["is_published"] for page in (about, first, second)] == [False, False, False]
    dates = await rows(database, "SELECT published_at FROM content_page WHERE slug = 'first'")
    assert dates == [{"published_at": datetime(2024, 5, 6, tzinfo=UTC)}]
    assert [entry.notes for entry in report.entries] == [("the page type article was made",), (), ()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.html",
            b'<meta http-equiv=Content-Type content="text/html; charset=windows-1252">'
            + "<p>Größe “5 €”".encode("cp1252"),
        ),
        ("a.htm", b'<meta charset="ISO-8859-1">' + "<p>Größe “5 €”".encode("cp1252")),
        ("a.html", '<meta charset="windows-1252"><p>Größe “5 €”'.encode()),
        ("a.html", "<p>Größe “5 €”".encode("utf-16")),
        ("a.md", "\ufeffGröße “5 €”".encode()),
        ("a.md", "Größe “5 €”".encode("utf-16")),
    ],
)
def test_pages_say_how_they_are_written(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (page,) = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    assert ready(page, {}).fields["content"]["blocks"] == [{"type": "paragraph", "data": {"text": "Größe “5 €”"}}]


@pytest.mark.parametrize("said", ["", '<meta charset="no-such">', '<meta charset="hex">', '<meta charset="utf-8">'])
def test_what_is_written_in_nothing_known_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "a.html").write_bytes(said.encode() + b"<p>Gr\xf6\xdfe")
    (page,) = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(page, Refused)
    assert page.reason == "is not written in UTF-8, nor in what it says it is"


def test_a_page_without_a_text_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\n\n")
    (page,) = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    assert page.notes == ("holds no text",)


def test_links_between_files_lead_to_their_pages(tmp_path: Path) -> None:
    (tmp_path / "sub" / "inner").mkdir(parents=True)
    (tmp_path / "a.md").write_text(
        "[b](b%20b.html#part) [c](/sub/c.md?x=1) [d](sub/inner/) [e](none.md) [f](https://a.example/a.md) [g][ref]\n\n"
        "- [self](./a.md)\n\n[ref]: sub/c.md\n"
    )
    (tmp_path / "b b.html").write_text("<p><a href='a.md'>a</a> <a href=sub/c.md>c</a> <a href='../out.md'>o</a></p>")
    (tmp_path / "sub" / "c.md").write_text("---\nslug: see\n---\n[up](../a.md)")
    (tmp_path / "sub" / "inner" / "index.md").write_text("Inner")
    drafts = {
        page.name: page
        for page in Files([tmp_path], form=None, page_type="article").pages()
        if isinstance(page, PageDraft)
    }
    found = {
        name: re.findall(r'href="([^"]*)', json.dumps(ready(page, {}).fields["content"]).replace('\\"', '"'))
        for name, page in drafts.items()
    }
    assert found == {
        "a": [
            "/pages/b-b#part",
            "/pages/see?x=1",
            "/pages/inner",
            "none.md",
            "https://a.example/a.md",
            "/pages/see",
            "/pages/a",
        ],
        "b b": ["/pages/a", "/pages/see", "../out.md"],
        "c": ["/pages/a"],
        "inner": [],
    }


@pytest.mark.parametrize(
    "link", ["%00.md", "/a%00b", "x" * 5000 + ".md", "~nobody/a.md", "%ff.md", "../../../../../.."]
)
def test_a_link_to_what_no_file_is_called_is_only_a_link(tmp_path: Path, link: str) -> None:
    (tmp_path / "a.html").write_text(f"<p><a href='{link}'>x</a></p>")
    (page,) = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    assert page.links == {}


def test_former_addresses_are_read_as_others_write_them(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\naliases: [/old/a/, no-path]\nredirect_from: /2020/a.html\npermalink: /news/a/\n"
        "url: https://old.example/x\n---\nText"
    )
    (tmp_path / "b.md").write_text("---\npermalink: /:year/:title/\naliases: 5\n---\nText")
    first, second = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(first, PageDraft)
    assert isinstance(second, PageDraft)
    assert first.addresses == ("/old/a", "/2020/a.html", "/news/a", "/x")
    assert (first.fields["slug"], first.metadata, second.addresses) == ("a", {}, ())


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n" for before, after in pairwise("abcdefghi")
)


@pytest.mark.parametrize("head", [BOMB, "tags: &a [*a]", "x: &m {x: *m}", "a: " + "[" * 5_000])
def test_a_head_that_is_a_trap_is_not_read(tmp_path: Path, head: str) -> None:
    (tmp_path / "a.md").write_text(f"---\nmetadata:\n  {head.replace(chr(10), chr(10) + '  ')}\n---\nText.")
    (tmp_path / "menus.yaml").write_text(
        f"menus:\n- slug: x\n  items:\n    {head.replace(chr(10), chr(10) + '    ')}\n"
    )
    source = Files([tmp_path], form=None, page_type="article")
    (page,) = source.pages()
    assert isinstance(page, PageDraft)
    assert (page.body, page.metadata) == ("Text.", {})
    assert "is not YAML" in page.notes[0]
    assert list(source.menus()) == [Refused("menu", str(tmp_path / "menus.yaml"), "is not YAML")]


def test_a_word_may_be_written_by_reference(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: &t The title\nseo_title: *t\n---\nText.")
    (page,) = Files([tmp_path], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    assert page.fields["seo_title"] == "The title"


async def test_a_comment_s_time_without_a_zone_is_utc(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.")
    said = {"id": 1, "page": "a", "author_name": "R", "body": "Said", "created_at": "2026-02-28T09:00:00"}
    (tmp_path / "comments.jsonl").write_text(json.dumps(said | {"address": "203.0.113.9"}))
    await run(database, tmp_path)
    assert await rows(database, "SELECT created_at, address FROM comment_comment") == [
        {"created_at": datetime(2026, 2, 28, 9, tzinfo=UTC), "address": "203.0.113.0/24"}
    ]


async def test_a_second_time_changes_what_changed_there_and_nothing_that_changed_here(
    database: Database, tmp_path: Path
) -> None:
    for name in ("same", "changed", "edited", "gone"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\nOld.")
    files = [tmp_path / f"{name}.md" for name in ("same", "changed", "edited", "gone")]
    await run(database, *files)
    (tmp_path / "changed.md").write_text("# changed\n\nNew.")
    (tmp_path / "edited.md").write_text("# edited\n\nNew.")
    await do(database, "UPDATE content_page SET title = 'Mine' WHERE slug = 'edited'")
    await do(database, "DELETE FROM content_page WHERE slug = 'gone'")
    await do(database, "UPDATE content_page SET is_published = true WHERE slug = 'changed'")
    report = await run(database, *files)
    assert fates(report) == {
        "same": Fate.UNCHANGED,
        "changed": Fate.UPDATED,
        "edited": Fate.SKIPPED,
        "gone": Fate.SKIPPED,
    }
    assert {entry.name: entry.notes for entry in report.entries if entry.notes} == {
        "edited": ("was edited here since; --overwrite takes the imported text",),
        "gone": ("was deleted here; --overwrite brings it back",),
    }
    changed, edited, same = await rows(database, PAGES)
    assert changed["content"]["blocks"][0]["data"]["text"] == "New."
    # Whether visitors read it was decided here.
    assert changed["is_published"] is True
    assert (edited["title"], edited["content"]["blocks"][0]["data"]["text"]) == ("Mine", "Old.")
    assert same["title"] == "same"
    over = await run(database, *files, overwrite=True)
    assert fates(over) == {
        "same": Fate.UNCHANGED,
        "changed": Fate.UNCHANGED,
        "edited": Fate.UPDATED,
        "gone": Fate.CREATED,
    }
    again = await run(database, *files)
    assert set(fates(again).values()) == {Fate.UNCHANGED}


async def test_a_page_that_was_written_here_is_left_alone(database: Database, tmp_path: Path) -> None:
    async with database.unit() as session:
        await make.page(session, slug="mine", title="Mine")
    (tmp_path / "mine.md").write_text("---\ntitle: Theirs\n---\nText.")
    report = await run(database, tmp_path / "mine.md")
    assert fates(report) == {"mine": Fate.SKIPPED}
    assert "was written here" in report.entries[0].notes[0]
    assert [page["title"] for page in await rows(database, PAGES)] == ["Mine"]


async def test_a_rehearsal_changes_nothing_and_tells_the_same(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\n![Picture](a.png)")
    Image.new("RGB", (3, 2)).save(tmp_path / "a.png")
    report = await run(database, tmp_path / "a.md", dry_run=True)
    assert fates(report) == {"a": Fate.CREATED}
    assert report.lines()[-4:-2] != []
    assert "This was a rehearsal: nothing was changed." in report.lines()
    assert await rows(database, PAGES) == []
    assert await rows(database, "SELECT id FROM exchange_imported") == []
    assert not (tmp_path / "media").exists()


async def test_pictures_beside_the_files_are_taken_over_once(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    Image.new("RGB", (3, 2)).save(folder / "a.png")
    Image.new("RGB", (5, 5)).save(tmp_path / "outside.png")
    (folder / "no.png").write_bytes(b"no picture")
    (folder / "a.md").write_text(
        "# A\n\n![One](a.png)\n\n![Out](../outside.png)\n\n![No](no.png)\n\n![Far](https://a.example/x.png)\n"
    )
    report = await run(database, folder)
    (page,) = await rows(database, PAGES)
    one, far = page["content"]["blocks"]
    assert one["data"]["file"]["url"].startswith("/media/")
    assert (one["data"]["file"]["width"], one["data"]["file"]["height"], one["data"]["alt"]) == (3, 2, "One")
    assert far["data"]["file"] == {"url": "https://a.example/x.png"}
    assert report.number("picture", Fate.CREATED) == 1
    notes = report.entries[0].notes
    assert notes[1].startswith("a picture was not taken over: no.png: no readable picture.")
    assert notes[2:] == ("a picture (Out) is left out: ../outside.png", "a picture (No) is left out: no.png")
    assert len(await rows(database, "SELECT id FROM media_asset")) == 1
    again = await run(database, folder)
    assert (fates(again), again.number("picture", Fate.CREATED)) == ({"a": Fate.UNCHANGED}, 0)


async def test_a_page_that_must_not_be_shown_is_a_draft_with_the_reasons(database: Database, tmp_path: Path) -> None:
    (tmp_path / "cure.md").write_text("---\ntype: medical-article\npublished: true\n---\n# A cure\n\nText.")
    report = await run(database, tmp_path / "cure.md")
    assert fates(report) == {"cure": Fate.CREATED}
    notes = report.entries[0].notes
    assert "is a draft, since its type asks for more:" in notes
    assert len(notes) > 3
    assert [page["is_published"] for page in await rows(database, PAGES)] == [False]


async def test_a_wrong_page_is_told_of_and_leaves_the_others(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nslug: a\ntitle: A\nreviewer_credentials: Dr\n---\nText.")
    (tmp_path / "b.md").write_text("---\ntitle: [unclosed\n---\nText.")
    (tmp_path / "c.md").write_text("---\nslug: b\n---\nSame slug.")
    (tmp_path / "d.md").write_bytes(b"\xffT")
    (tmp_path / "e.json").write_text("[1]")
    report = await run(database, *(tmp_path / name for name in ("a.md", "b.md", "c.md", "d.md", "e.json")))
    assert {entry.name.rpartition("/")[2]: entry.fate for entry in report.entries} == {
        "a": Fate.SKIPPED,
        "b": Fate.CREATED,
        "c.md": Fate.SKIPPED,
        "d.md": Fate.SKIPPED,
        "e.json": Fate.SKIPPED,
    }
    assert [page["slug"] for page in await rows(database, PAGES)] == ["b"]
    told = report.lines()
    assert any("is not YAML" in line for line in told)
    assert any("name one" in line for line in told)


def test_the_head_of_an_article_is_read_in_many_spellings(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: 2024\npermalink: /blog/My_title/\nlayout: Post\ndescription: D\nauthor: Example clinic\n"
        "draft: false\ndate: 2024-05-06T10:00:00+02:00\nlast_reviewed: 2024-01-02\nreading: {minutes: 3}\n"
        "metadata: {a: 1}\nweight: 3\n---\nBody\n---\nmore\n"
    )
    (page,) = Files([tmp_path / "a.md"], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    assert page.fields == {
        "title": "2024",
        "slug": "my-title",
        "seo_description": "D",
        "author_name": "Example clinic",
        "last_reviewed": date(2024, 1, 2),
        "is_published": True,
        "published_at": datetime(2024, 5, 6, 8, tzinfo=UTC),
    }
    assert (page.page_type, page.body) == ("post", "Body\n---\nmore\n")
    assert page.metadata == {"a": "1", "weight": "3"}
    assert page.notes == ("the slug My_title became my-title", "not known here, and left out: reading")


def test_what_is_too_long_is_cut_between_words_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<meta name=description content='{'word ' * 100}'><p>x</p>")
    (page,) = Files([tmp_path / "a.html"], form=None, page_type="article").pages()
    assert isinstance(page, PageDraft)
    made = ready(page, {})
    assert made.fields["seo_description"] == f"{'word ' * 58}word…"
    assert made.notes[0].startswith("the seo description was cut to 300 characters: word word")


@pytest.mark.parametrize("name", ["a.md", "a.html"])
async def test_files_that_do_not_say_are_shown_only_when_that_is_asked_for(
    database: Database, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("<h1>Title</h1>\n\n<p>Text</p>")
    first = await run(database, tmp_path / name)
    assert (first.drafts, [page["is_published"] for page in await rows(database, PAGES)]) == (1, [False])
    again = await run(database, tmp_path / name, publish=True)
    assert fates(again) == {"a": Fate.UPDATED}
    assert [page["is_published"] for page in await rows(database, PAGES)] == [True]
    third = await run(database, tmp_path / name, publish=True)
    assert (fates(third), third.drafts) == ({"a": Fate.UNCHANGED}, 0)


async def test_a_draft_that_was_edited_here_is_not_shown_by_an_import(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nOld.")
    await run(database, tmp_path / "a.md")
    await do(database, "UPDATE content_page SET title = 'Mine'")
    report = await run(database, tmp_path / "a.md", publish=True)
    assert fates(report) == {"a": Fate.SKIPPED}
    assert [(page["title"], page["is_published"]) for page in await rows(database, PAGES)] == [("Mine", False)]


async def test_of_a_web_page_its_article_is_taken(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<html><body><nav>Home Shop</nav><main><h1>A</h1><p>Text.</p></main><footer>Imprint</footer></body></html>"
    )
    report = await run(database, tmp_path / "a.html")
    (page,) = await rows(database, PAGES)
    assert page["content"]["blocks"] == [{"type": "paragraph", "data": {"text": "Text."}}]
    assert "3 words outside of the page's <main> are left out: menus and margins" in report.entries[0].notes


async def test_blocks_of_any_shape_are_taken_as_they_are(database: Database, tmp_path: Path) -> None:
    blocks = [1, {"type": "image"}, {"type": "image", "data": 3}, {"type": "paragraph", "data": {"text": "a<script>"}}]
    (tmp_path / "a.json").write_text(json.dumps({"title": " A ", "slug": "a", "content": {"blocks": blocks}}))
    report = await run(database, tmp_path / "a.json")
    assert fates(report) == {"a": Fate.CREATED}
    (page,) = await rows(database, PAGES)
    assert (page["title"], page["content"]["blocks"][3]["data"]["text"]) == ("A", "a")
    assert fates(await run(database, tmp_path / "a.json")) == {"a": Fate.UNCHANGED}


class Web:
    """Another site with one picture that can be had, and one that cannot."""

    def __init__(self, content: bytes) -> None:
        self.asked: list[str] = []
        self._content = content

    async def picture(self, address: str) -> bytes:
        self.asked.append(address)
        if "gone" in address:
            raise NotFetched(f"{address}: answers 404")
        return self._content


async def test_pictures_of_other_sites_are_fetched_when_asked_and_once(database: Database, tmp_path: Path) -> None:
    picture = BytesIO()
    Image.new("RGB", (7, 5)).save(picture, "PNG")
    web = Web(picture.getvalue())
    there, gone = "https://a.example/x.png", "https://a.example/gone.png"
    (tmp_path / "a.md").write_text(f"# A\n\n![One]({there})\n\n![Two]({gone})\n\n![Old](http://a.example/y.png)")
    rehearsed = await run(database, tmp_path / "a.md", fetch=web, dry_run=True)
    assert (web.asked, rehearsed.number("page", Fate.CREATED)) == ([], 1)
    report = await run(database, tmp_path / "a.md", fetch=web)
    assert web.asked == [there, gone, "http://a.example/y.png"]
    assert report.entries[0].notes[1] == f"a picture was not taken over: {gone}: answers 404"
    (page,) = await rows(database, PAGES)
    one, two, old = [block["data"]["file"] for block in page["content"]["blocks"]]
    assert (one["url"][:7], one["width"], one["height"]) == ("/media/", 7, 5)
    assert two == {"url": gone}
    assert old == one
    again = await run(database, tmp_path / "a.md", fetch=web)
    assert web.asked[3:] == [gone]
    assert fates(again) == {"a": Fate.UNCHANGED}
