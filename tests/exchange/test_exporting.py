"""What is written out comes back the same: pages with their blocks, menus, comments, pictures."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
import yaml
from PIL import Image
from sqlalchemy import insert, text

from shop.comments.models import Comment
from shop.content.actions import pages
from shop.content.actions.duties import Writer
from shop.content.formats import from_html
from shop.content.models import PageAddress, PageSlug
from shop.exchange.flows import Options, import_from
from shop.exchange.flows.exporting import Choice, export_to
from shop.exchange.readers.files import Files
from shop.exchange.report import Fate, Report
from shop.kit.db import Database
from tests import factories as make
from tests.content.documents import Article

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
_BLOCKS = [
    {"id": "abc", "type": "paragraph", "data": {"text": "<strong>Old</strong> and <em>new</em>"}},
    {"type": "product", "data": {"productId": "UHJvZHVjdDox"}},
    {"type": "list", "data": {"style": "ordered", "items": ["a", "b"], "meta": {"start": 3}}},
    {"type": "list", "data": {"style": "ordered", "items": [{"content": "c", "items": []}]}},
    {"type": "table", "data": {"withHeadings": False, "stretched": True, "content": [["1", "2"]]}},
    {"type": "carousel", "data": {"slides": [1, 2]}},
]


class Kept:
    """A target in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self._folder = folder

    def write(self, path: str, content: bytes) -> None:
        self.files[path] = content
        if self._folder is not None:
            file = self._folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


async def export(database: Database, folder: Path | None = None, **choice: Any) -> Kept:
    target = Kept(folder)
    reader = database.reader()
    await export_to(reader.rows, target, Choice(**choice))
    await reader.close()
    return target


async def bring_back(database: Database, folder: Path, **options: Any) -> Report:
    source = Files([folder], form=None, page_type="article")
    given = Options(**{"media_folder": folder.parent / "media", **options})
    return await import_from(database, source, given, now=NOW)


async def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    async with database.unit() as session:
        return [dict(row) for row in (await session.execute(text(statement))).mappings()]


async def empty(database: Database) -> None:
    async with database.unit() as session:
        for table in ("content_page", "content_menu", "exchange_imported", "media_asset"):
            await session.execute(text(f"DELETE FROM {table}"))


EVERYTHING = (
    "SELECT p.slug, p.title, p.content, p.seo_title, p.seo_description, p.is_published, p.published_at, p.metadata, "
    "p.author_name, p.reviewer_name, p.last_reviewed, p.review_due, t.slug AS type "
    "FROM content_page p JOIN content_page_type t ON t.id = p.page_type_id ORDER BY p.slug"
)


async def fill(database: Database, contents: list[dict[str, Any] | None]) -> None:
    async with database.unit() as session:
        kind = await make.page_type(session, slug="leaflet")
        for number, content in enumerate(contents):
            page_id = await pages.create(
                session,
                kind.id,
                {
                    "title": f"Number {number}: a “title”",
                    "slug": f"number-{number}",
                    "content": content,
                    "seo_title": "SEO",
                    "is_published": number % 2 == 0,
                    "published_at": datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC) if number else None,
                    "author_name": "Example practitioner A",
                    "reviewer_name": "Example practitioner B",
                    "last_reviewed": date(2026, 1, 1),
                    "review_due": date(2027, 1, 1),
                },
                writer=Writer(),
                now=NOW,
            )
            await session.execute(
                text('UPDATE content_page SET metadata = \'{"tags": "a, b"}\' WHERE id = :id'), {"id": page_id}
            )


@pytest.mark.parametrize("form", ["markdown", "json"])
async def test_former_addresses_go_along(database: Database, tmp_path: Path, form: Literal["markdown", "json"]) -> None:
    async with database.unit() as session:
        page = await make.page(session, slug="now")
        await make.page(session, slug="other")
        session.add(PageAddress(address="/2024/05/größe", page_id=page.id))
        session.add(PageSlug(slug="before", page_id=page.id))
    await export(database, tmp_path / "x", form=form)
    await empty(database)
    await bring_back(database, tmp_path / "x")
    found = "SELECT address, slug FROM content_page_address JOIN content_page ON id = page_id ORDER BY address"
    assert await rows(database, found) == [
        {"address": "/2024/05/größe", "slug": "now"},
        {"address": "/pages/before", "slug": "now"},
    ]
    again = await export(database, tmp_path / "y", form=form)
    assert sum(content.count(b"/pages/before") for content in again.files.values()) == 1


async def test_pages_come_back_the_same_from_markdown(database: Database, tmp_path: Path) -> None:
    articles: list[dict[str, Any] | None] = [from_html(Article(number).html).content for number in range(12)]
    await fill(database, [*articles, from_html("").content])
    before = await rows(database, EVERYTHING)
    await export(database, tmp_path / "x")
    same = await bring_back(database, tmp_path / "x")
    assert (same.number("page", Fate.UNCHANGED), same.number("page", Fate.CREATED)) == (13, 0)
    await empty(database)
    report = await bring_back(database, tmp_path / "x")
    assert report.number("page", Fate.CREATED) == 13
    assert await rows(database, EVERYTHING) == before


async def test_pages_come_back_the_same_from_json_whatever_their_blocks_are(database: Database, tmp_path: Path) -> None:
    await fill(database, [{"blocks": _BLOCKS, "version": "2.30.0", "time": 1}, None])
    before = await rows(database, EVERYTHING)
    kept = await export(database, tmp_path / "x", form="json")
    assert sorted(kept.files) == [
        "comments.jsonl",
        "media.json",
        "menus.yaml",
        "pages/number-0.json",
        "pages/number-1.json",
    ]
    await empty(database)
    await bring_back(database, tmp_path / "x")
    after = await rows(database, EVERYTHING)
    assert after[0] == before[0]
    assert after[1] == before[1] | {"content": {"blocks": []}}


async def test_markdown_is_what_people_like_to_read(database: Database) -> None:
    content = from_html("<h2>One</h2><p>Two <b>three</b></p>").content
    await fill(database, [content])
    kept = await export(database)
    head, _, body = kept.files["pages/number-0.md"].decode().removeprefix("---\n").partition("---\n")
    said = yaml.safe_load(head)
    assert said.pop("published_at") == NOW
    assert re.fullmatch("[0-9a-f]{32}", said.pop("exported"))
    assert said == {
        "title": "Number 0: a “title”",
        "slug": "number-0",
        "type": "leaflet",
        "published": True,
        "seo_title": "SEO",
        "author_name": "Example practitioner A",
        "reviewer_name": "Example practitioner B",
        "last_reviewed": date(2026, 1, 1),
        "review_due": date(2027, 1, 1),
        "metadata": {"tags": "a, b"},
    }
    assert body == "\n## One\n\nTwo **three**\n"


async def test_an_export_may_be_edited_and_brought_back(database: Database, tmp_path: Path) -> None:
    async with database.unit() as session:
        for slug in ("mine", "edited"):
            await make.page(session, slug=slug, title=slug, content=from_html("<p>Old</p>").content)
    await export(database, tmp_path / "x")
    for slug in ("mine", "edited"):
        file = tmp_path / "x" / "pages" / f"{slug}.md"
        file.write_text(file.read_text().replace("Old", "New"))
    async with database.unit() as session:
        await session.execute(text("UPDATE content_page SET title = 'Since' WHERE slug = 'edited'"))
    report = await bring_back(database, tmp_path / "x")
    assert {entry.name: entry.fate for entry in report.entries} == {"edited": Fate.SKIPPED, "mine": Fate.UPDATED}
    found = await rows(database, "SELECT title, content FROM content_page ORDER BY slug")
    assert [(row["title"], row["content"]["blocks"][0]["data"]["text"]) for row in found] == [
        ("Since", "Old"),
        ("mine", "New"),
    ]


async def test_menus_come_back_with_their_targets(database: Database, tmp_path: Path) -> None:
    async with database.unit() as session:
        page = await make.page(session, slug="a", content=None)
        category = await make.category(session, slug="soap")
        menu = await make.menu(session, slug="main", name="Main")
        above = await make.menu_item(session, menu, name="Above", page_id=page.id)
        await make.menu_item(session, menu, name="Below", parent=above, category_id=category.id)
        await make.menu_item(session, menu, name="Away", url="https://a.example/?x=1")
    kept = await export(database, tmp_path / "x")
    assert yaml.safe_load(kept.files["menus.yaml"]) == {
        "menus": [
            {
                "slug": "main",
                "name": "Main",
                "items": [
                    {"name": "Above", "page": "a", "items": [{"name": "Below", "category": "soap"}]},
                    {"name": "Away", "url": "https://a.example/?x=1"},
                ],
            }
        ]
    }
    assert (await bring_back(database, tmp_path / "x")).number("menu", Fate.UNCHANGED) == 1
    await empty(database)
    await bring_back(database, tmp_path / "x")
    assert (await export(database)).files["menus.yaml"] == kept.files["menus.yaml"]


async def _talk(database: Database) -> None:
    async with database.unit() as session:
        page = await make.page(session, slug="a", content=None)
        base: dict[str, Any] = {"page_id": page.id, "email": "secret@a.example", "address": "203.0.113.0/24"}
        base |= {"agent": "Browser 1", "website": "https://reader.example/"}
        path: list[int] = []
        for number, status in enumerate(("APPROVED", "APPROVED", "PENDING", "SPAM")):
            made = await session.execute(
                insert(Comment)
                .values(
                    path=path if number == 1 else [],
                    author_name=f"Reader {number}",
                    body=f"Said <b>{number}</b>",
                    status=status,
                    created_at=datetime(2026, 1, 1, 0, number, tzinfo=UTC),
                    **base,
                )
                .returning(Comment.id)
            )
            path = [made.scalar_one()] if number == 0 else path


async def test_comments_tell_nothing_of_who_wrote_them_unless_asked(database: Database, tmp_path: Path) -> None:
    await _talk(database)
    open_ = (await export(database, tmp_path / "x")).files["comments.jsonl"]
    lines = [orjson.loads(line) for line in open_.splitlines()]
    assert [(line["author_name"], line["status"], "parent" in line) for line in lines] == [
        ("Reader 0", "APPROVED", False),
        ("Reader 1", "APPROVED", True),
        ("Reader 2", "PENDING", False),
    ]
    assert set(lines[0]) == {"id", "page", "author_name", "website", "body", "status", "created_at"}
    for secret in (b"secret", b"203.0.113", b"Browser"):
        assert secret not in open_
    private = (await export(database, private=True)).files["comments.jsonl"]
    assert orjson.loads(private.splitlines()[0])["email"] == "secret@a.example"
    everything = "SELECT author_name, body, status, depth, created_at FROM comment_comment ORDER BY id"
    before = await rows(database, everything)
    # The same shop knows them.
    again = await bring_back(database, tmp_path / "x")
    assert (again.number("comment", Fate.UNCHANGED), again.number("comment", Fate.CREATED)) == (3, 0)
    assert await rows(database, everything) == before
    await empty(database)
    report = await bring_back(database, tmp_path / "x")
    assert report.number("comment", Fate.CREATED) == 3
    assert sorted((row["body"], row["depth"]) for row in await rows(database, everything)) == [
        ("Said <b>0</b>", 0),
        ("Said <b>1</b>", 1),
        ("Said <b>2</b>", 0),
    ]


async def test_pictures_are_listed_and_go_along_when_asked(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    Image.new("RGB", (3, 2)).save(tmp_path / "a" / "one.png")
    (tmp_path / "a" / "a.md").write_text("# A\n\n![One](one.png)\n\n![Far](https://a.example/x.png)\n")
    await bring_back(database, tmp_path / "a")
    before = await rows(database, EVERYTHING)
    kept = await export(database, tmp_path / "x", media_folder=tmp_path / "media")
    own, far = orjson.loads(kept.files["media.json"])
    assert (own["pages"], own["width"], own["height"], own["mime_type"]) == (["a"], 3, 2, "image/png")
    assert far == {"url": "https://a.example/x.png", "pages": ["a"]}
    assert f"media/{own['path']}" in kept.files
    await empty(database)
    for file in (tmp_path / "media").rglob("*.png"):
        file.unlink()
    report = await bring_back(database, tmp_path / "x")
    assert report.number("picture", Fate.CREATED) == 1
    assert await rows(database, EVERYTHING) == before
    assert (tmp_path / "media" / own["path"]).is_file()


@pytest.mark.parametrize("form", ["markdown", "json"])
async def test_only_what_is_chosen_is_written(database: Database, form: Literal["markdown", "json"]) -> None:
    await fill(database, [None])
    kept = await export(database, menus=False, comments=False, form=form)
    assert sorted(kept.files) == ["media.json", f"pages/number-0{'.md' if form == 'markdown' else '.json'}"]
    assert sorted((await export(database, pages=False, comments=False)).files) == ["menus.yaml"]


async def test_reading_for_an_export_costs_the_same_for_one_page_and_twenty(database: Database) -> None:
    counts = []
    for number in (1, 20):
        await empty(database)
        await fill_plain(database, number)
        asked = 0
        reader = database.reader()

        async def counted(*args: Any, **params: Any) -> list[Any]:
            nonlocal asked
            asked += 1
            return await reader.rows(*args, **params)  # noqa: B023 - called before the next round

        await export_to(counted, Kept(), Choice())
        await reader.close()
        counts.append(asked)
    assert counts == [6, 6]


async def fill_plain(database: Database, number: int) -> None:
    async with database.unit() as session:
        kind = await make.page_type(session)
        for _ in range(number):
            await make.page(session, kind=kind)
