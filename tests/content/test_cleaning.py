"""What was stored before the sanitiser knew better is cleaned, wherever it is, once."""

from asyncio import to_thread
from typing import Any, Final

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from shop.cli import main
from shop.cli.documents import DOCUMENTS
from shop.content.actions.cleaning import Cleaned, clean
from shop.content.models import Page, PageDraft, PageRevision
from shop.content.rules.cleaning import cleaned
from shop.kit.db import Database, DatabaseUrl
from shop.kit.db.models import Base
from shop.translations.models import Translation
from tests import factories as make

# As it was once stored: cleaned, the type is that of a picture, whose address nobody looked at.
ARMED: Final[dict[str, Any]] = {
    "blocks": [{"type": "<x>image", "data": {"file": {"url": "javascript:alert(1)"}, "caption": "A picture"}}]
}
CLEAN: Final = {"blocks": [{"type": "paragraph", "data": {"text": "Hair"}}]}


def test_documents_are_found_wherever_they_are() -> None:
    made = cleaned({"title": "<b>Kept</b>", "content": ARMED, "1": {"values": [{"rich_text": ARMED}]}, "none": None})
    assert "javascript" not in str(made)
    assert (made["title"], made["none"]) == ("<b>Kept</b>", None)
    assert made["content"] == made["1"]["values"][0]["rich_text"]
    assert made["content"]["blocks"][0]["data"]["caption"] == "A picture"
    assert cleaned(made) == made
    assert cleaned(CLEAN) == CLEAN


def test_no_column_that_may_hold_documents_is_forgotten() -> None:
    """A new column of this name, or one for rich texts, is cleaned as well."""
    known = {(column.parent.class_.__tablename__, column.key) for column in DOCUMENTS}
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in {"content", "description", "rich_text"} and str(column.type) == "JSONB"
    }
    assert named - known == set()


async def _fill(database: Database) -> int:
    async with database.unit() as session:
        page = await make.page(session, content=ARMED)
        await make.page(session, content=CLEAN)
        session.add(
            PageRevision(
                page_id=page.id,
                number=1,
                slug="hair",
                is_published=True,
                fields={"title": "Hair", "content": ARMED},
                attributes={"1": {"name": "Body", "values": [{"name": "Hi", "rich_text": ARMED}]}},
            )
        )
        await session.flush()
        await session.execute(insert(PageDraft).values(page_id=page.id, base_number=1, fields={"content": ARMED}))
        session.add(Translation(kind="page", row_id=page.id, language="de", texts={"title": "Haar", "content": ARMED}))
        return page.id


async def test_what_is_stored_is_cleaned_in_batches_and_once(database: Database) -> None:
    page_id = await _fill(database)
    async with database.unit() as session:
        before = (await session.execute(select(Page.content).where(Page.id == page_id))).scalar_one()
        rehearsed = await clean(session, Page.content, after=None, size=10, dry_run=True)
        assert (rehearsed.read, rehearsed.changed) == (2, (page_id,))
        assert (await session.execute(select(Page.content).where(Page.id == page_id))).scalar_one() == before == ARMED
    for column, changed in [(column, 1) for column in (Page.content, PageRevision.fields, PageRevision.attributes)]:
        async with database.unit() as session:
            first = await clean(session, column, after=None, size=1)
            assert (first.read, len(first.changed)) == (1, changed)
            again = await clean(session, column, after=None, size=10)
            assert again.changed == ()
    for column in DOCUMENTS:
        async with database.unit() as session:
            await clean(session, column, after=None, size=10)
            done = await clean(session, column, after=None, size=10)
            assert done == Cleaned(done.read, (), done.last)
            rows = await session.execute(select(column).where(column.is_not(None)))
            assert "javascript" not in str(rows.all())
    async with database.unit() as session:
        texts = (await session.execute(select(Translation.texts))).scalar_one()
        assert (texts["title"], texts["content"]["blocks"][0]["data"]["caption"]) == ("Haar", "A picture")


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
async def test_the_command_tells_what_it_changed(committed: Database, committed_url: DatabaseUrl, options: Any) -> None:
    page_id = await _fill(committed)
    environment = {"SHOP_DATABASE_URL": str(committed_url), "SHOP_STATE_FOLDER": ".shop"}
    arguments = ["content", "clean", *options]
    done = await to_thread(CliRunner().invoke, main.shop, arguments, env=environment, prog_name="shop")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["content_page.content", "2", "read", "1", "changed"] in lines
    assert ["rows", str(page_id)] in lines
    assert ("nothing was changed" in done.output) is bool(options)
    async with committed.unit() as session:
        content = (await session.execute(select(Page.content).where(Page.id == page_id))).scalar_one()
    assert (content == ARMED) is bool(options)
