"""WordPress's export: its texts, its threads, its menus and its traps."""

import os
import re
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shop.content.formats import from_html
from shop.content.rules import plain_text
from shop.exchange.actions import begin
from shop.exchange.drafts import MenuDraft, MenuEntry, PageDraft, Refused
from shop.exchange.errors import NotFetched, UnreadableSource
from shop.exchange.flows import Options, import_from, importing
from shop.exchange.readers.wordpress import WordPress
from shop.exchange.readers.wordpress.texts import html_of
from shop.exchange.readers.wordpress.xml import parts
from shop.exchange.report import Fate, Report
from shop.kit.db import Database
from shop.kit.errors import Conflict
from tests import factories as make
from tests.exchange.wordpress import (
    SITE,
    Streamed,
    attachment,
    comment,
    export,
    item,
    menu_entry,
    site,
    written,
)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def run(database: Database, path: Path, **options: Any) -> Report:
    given = Options(**{"media_folder": path.parent / "media", **options})
    return await import_from(database, WordPress(path), given, now=NOW)


async def rows(database: Database, statement: str) -> list[dict[str, Any]]:
    async with database.unit() as session:
        return [dict(row) for row in (await session.execute(text(statement))).mappings()]


def read(path: Path) -> list[PageDraft | Refused]:
    return list(WordPress(path).pages())


def shown(content: str, **known: dict[str, str]) -> tuple[str, list[str]]:
    """The words of a post, and what was told of it."""
    notes: list[str] = []
    html = html_of(content, known.get("attachments", {}), known.get("reused", {}), notes)
    return plain_text(from_html(html).content), notes


def shown_html(content: str) -> str:
    return html_of(content, {}, {}, [])


# Texts


def test_lines_of_the_older_editor_are_paragraphs() -> None:
    notes: list[str] = []
    html = html_of("One\ntwo\n\nThree\n<ul>\n<li>a</li>\n</ul>\nFour\r\n\r\n<pre>x\n\ny</pre>", {}, {}, notes)
    assert [(block["type"], block["data"].get("text")) for block in from_html(html).content["blocks"]] == [
        ("paragraph", "One<br>two"),
        ("paragraph", "Three"),
        ("list", None),
        ("paragraph", "Four"),
        ("paragraph", "<code>x<br><br>y</code>"),
    ]
    assert notes == []


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        ("A [sic] word [1] and [note] stay", "A [sic] word [1] and [note] stay", []),
        ("[[gallery]] is written so", "[gallery] is written so", []),
        ("[button url='/x' size=big]Press[/button] it", "Press it", ["[button]"]),
        ('[contact-form-7 id="1" title="T"] end', "end", ["[contact-form-7]"]),
        ("[row][col]In it[/col][/row]", "In it", ["[row]", "[col]"]),
        ("<code>[button x=1]</code>", "[button x=1]", []),
        ("[embed]https://youtu.be/abcdefghijk[/embed]", "", []),
        ("[audio mp3='https://a.example/x.mp3'][/audio]", "https://a.example/x.mp3", []),
        ("[caption id='a' width='300']<img src='https://a.example/x.png'> Words[/caption]", "Words", []),
    ],
)
def test_shortcodes_keep_the_text_inside_of_them(content: str, words: str, told: list[str]) -> None:
    assert shown(content) == (
        words,
        [f"the shortcode {name} is not known here; the text inside of it is kept" for name in told],
    )


def test_what_is_never_closed_is_looked_at_once() -> None:
    for sign in ("<pre ", "<code ", "<!--", "[caption]", "[embed]", "[a ", "[a" + " " * 50, "<p ", "<!-- wp:image {"):
        assert isinstance(shown_html(sign * 5_000), str)


def test_a_block_with_a_text_of_its_own_is_not_taken_for_one_that_wordpress_makes() -> None:
    content = '<!-- wp:image {"id":9} --><p>Words</p><!-- /wp:image --><!-- wp:latest-posts {"n":{"a":1}} /-->'
    words, notes = shown(content)
    assert (words, notes) == (
        "Words",
        ["the block latest-posts is made by WordPress when it is shown, and left out"],
    )


def test_galleries_and_shared_blocks_are_filled_in() -> None:
    notes: list[str] = []
    html = html_of(
        '<!-- wp:block {"ref":7} /--><!-- wp:latest-posts {"n":3} /-->[gallery ids="1,2,9"]',
        {"1": "https://a.example/1.png", "2": "https://a.example/2.png"},
        {"7": "<!-- wp:paragraph --><p>Shared</p><!-- /wp:paragraph -->"},
        notes,
    )
    blocks = from_html(html).content["blocks"]
    assert [block["type"] for block in blocks] == ["paragraph", "image", "image"]
    assert notes == ["the block latest-posts is made by WordPress when it is shown, and left out"]


def test_a_file_is_linked_once() -> None:
    file = "https://a.example/f.pdf"
    html = shown_html(
        f'<!-- wp:file --><div class="wp-block-file"><a href="{file}">Form</a>'
        f'<a href="{file}" class="wp-block-file__button wp-element-button" download>Download</a></div><!-- /wp:file -->'
    )
    assert plain_text(from_html(html).content) == "Form"


# Reading


def test_a_post_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    terms = (
        '<category domain="category" nicename="hair"><![CDATA[Hair &amp; skin]]></category>'
        '<category domain="post_tag" nicename="a"><![CDATA[a]]></category>'
        '<category domain="post_tag" nicename="b"><![CDATA[b]]></category>'
    )
    meta = {"_thumbnail_id": "9", "_yoast_wpseo_title": "SEO", "_yoast_wpseo_metadesc": "%%excerpt%%"}
    path = written(
        tmp_path / "x.xml",
        item(
            5,
            "A &amp; B",
            f'<p><a href="{SITE}/second">2</a> <a href="{SITE}/else/">3</a></p>',
            slug="a-b",
            terms=terms,
            meta=meta,
        ),
        item(6, "Second", "Text", kind="page", status="draft").replace("[open]", "[closed]"),
        attachment(9, "https://old.example/9.png", "Nine"),
    )
    first, second = read(path)
    assert isinstance(first, PageDraft)
    assert isinstance(second, PageDraft)
    assert first.fields == {
        "title": "A & B",
        "slug": "a-b",
        "author_name": "Example practitioner A",
        "seo_title": "SEO",
        "seo_description": "",
        "is_published": True,
        "published_at": datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    assert first.body == (
        '<figure><img src="https://old.example/9.png" alt="Nine"></figure>'
        f'<p><a href="/pages/second">2</a> <a href="{SITE}/else/">3</a></p>'
    )
    # Whether comments are still taken is this shop's own rule; that they were closed is kept.
    assert first.metadata == {"categories": "Hair & skin", "tags": "a, b"}
    assert second.metadata == {"comments": "closed"}
    assert (first.page_type, second.page_type, second.fields["is_published"]) == ("post", "page", False)
    assert "published_at" not in second.fields
    assert WordPress(path).name == SITE


def test_what_is_not_brought_in_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.xml",
        item(1, "Thrown away", status="trash"),
        item(2, "A thing", kind="product"),
        item(3, "A thing too", kind="product"),
        item(4, "Style", kind="custom_css"),
        item(5, "Secret", "x", status="private"),
    )
    refused = [(one.name, one.reason) for one in read(path) if isinstance(one, Refused)]
    assert refused == [
        ("2 of type product", "only posts, pages and menus are brought in"),
        ("Thrown away", "is trash in WordPress"),
    ]
    (secret,) = (one for one in read(path) if isinstance(one, PageDraft))
    assert (secret.fields["is_published"], secret.notes) == (
        False,
        ("was private in WordPress, and is a draft here",),
    )


def test_slugs_are_of_their_own_and_in_our_letters(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.xml",
        item(1, "T", slug="same"),
        item(2, "T", slug="same"),
        item(3, "Größe", slug=""),
        item(4, "漢字", slug="%e6%bc%a2"),
    )
    assert [page.fields["slug"] for page in read(path) if isinstance(page, PageDraft)] == [
        "same",
        "same-2",
        "grosse",
        "post-4",
    ]


def test_menus_are_trees_of_links(tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.xml",
        menu_entry(21, "Shop", 2, type="custom", url=f"{SITE}/"),
        menu_entry(20, "", 1, type="post_type", object_id="5"),
        menu_entry(22, "Below", 3, parent=20, type="custom", url="https://a.example/x"),
        menu_entry(23, "Topic", 4, type="taxonomy", object="category", object_id="3"),
    )
    (menu,) = WordPress(path).menus()
    assert menu == MenuDraft(
        "main",
        "main",
        "Main menu",
        (
            MenuEntry("", page="5", is_key=True, items=(MenuEntry("Below", url="https://a.example/x"),)),
            MenuEntry("Shop", url="/"),
            MenuEntry("Topic", category="category 3 of WordPress"),
        ),
    )


ADDRESSES = "SELECT address, slug FROM content_page_address JOIN content_page ON id = page_id ORDER BY address"


async def test_old_links_lead_here(database: Database, tmp_path: Path) -> None:
    linked = " ".join(
        f'<a href="{address}">x</a>'
        for address in (
            f"{SITE}/2024/05/second/#part",
            "http://www.old.example/2024/05/second",
            "/2024/05/second/",
            f"{SITE}/?p=6&amp;preview=true",
            f"{SITE}/",
            f"{SITE}/wp-content/uploads/form.pdf?x=1",
            f"{SITE}/wp-content/uploads/big.jpg",
            "https://else.example/2024/05/second/",
            "//else.example/x",
            "#here",
        )
    )
    path = written(
        tmp_path / "x.xml",
        item(5, "First", linked, link=f"{SITE}/2024/05/First/", meta={"_wp_old_slug": "The-first"}),
        item(6, "Second", "Text", link=f"{SITE}/2024/05/second/"),
        item(7, "Draft", "Text", status="draft", link=f"{SITE}/?p=7"),
    )
    report = await run(database, path)
    (content,) = [
        row["text"]
        for row in await rows(database, "SELECT content::text AS text FROM content_page WHERE slug = 'first'")
    ]
    assert re.findall(r'href=\\"([^"\\]*)', content) == [
        "/pages/second#part",
        "/pages/second",
        "/pages/second",
        "/pages/second",
        "/",
        f"{SITE}/wp-content/uploads/form.pdf?x=1",
        f"{SITE}/wp-content/uploads/big.jpg",
        "https://else.example/2024/05/second/",
        "//else.example/x",
        "#here",
    ]
    notes = {entry.name: entry.notes for entry in report.entries}
    assert notes["first"][1:] == (f"a link leads to what was not brought in: {SITE}/wp-content/uploads/form.pdf?x=1",)
    expected = [
        {"address": "/2024/05/first", "slug": "first"},
        {"address": "/2024/05/second", "slug": "second"},
        {"address": "/2024/05/the-first", "slug": "first"},
        {"address": "/?p=5", "slug": "first"},
        {"address": "/?p=6", "slug": "second"},
        {"address": "/?p=7", "slug": "draft"},
    ]
    assert await rows(database, ADDRESSES) == expected
    await run(database, path)
    assert await rows(database, ADDRESSES) == expected


class Asked:
    """Fetches nothing, and notes what it was asked for."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    async def picture(self, address: str) -> bytes:
        self.addresses.append(address)
        raise NotFetched(f"{address}: not today")


async def test_pictures_of_other_sites_stay_there_and_are_counted(database: Database, tmp_path: Path) -> None:
    pictures = "".join(f'<img src="https://old.example/{name}.png">' for name in "aab")
    path = written(tmp_path / "x.xml", item(5, "Five", pictures))
    reason = "of other sites stay there, where the demo shop does not show them; --fetch-media brings them here"
    for dry_run in (True, False):
        report = await run(database, path, dry_run=dry_run)
        assert (report.number("picture", Fate.SKIPPED), report.reasons["picture", reason]) == (2, 2)
    fetch = Asked()
    rehearsed = await run(database, path, dry_run=True, fetch=fetch)
    assert (fetch.addresses, rehearsed.number("picture", Fate.SKIPPED)) == ([], 0)
    await run(database, path, fetch=fetch)
    assert fetch.addresses == ["https://old.example/a.png", "https://old.example/b.png"]


def term(domain: str, name: str) -> str:
    return f'<category domain="{domain}" nicename="x"><![CDATA[{name}]]></category>'


SAID = (
    "SELECT p.slug AS page, a.slug AS attribute, a.name AS called, v.name AS value, v.slug AS choice "
    "FROM attribute_page_value l JOIN content_page p ON p.id = l.page_id JOIN attribute_value v ON v.id = l.value_id "
    "JOIN attribute_attribute a ON a.id = v.attribute_id "
    "JOIN attribute_of_page_type t ON t.attribute_id = a.id AND t.page_type_id = p.page_type_id "
    "ORDER BY p.slug, a.slug, l.sort_order"
)


async def test_categories_and_tags_are_choices_of_attributes(database: Database, tmp_path: Path) -> None:
    path = written(
        tmp_path / "x.xml",
        item(
            5, "Five", terms=term("category", "Skin") + term("category", "Hair &amp; scalp") + term("post_tag", "new")
        ),
        item(6, "Six", terms=term("category", "Skin") + term("category", "Skin") + term("post_format", "Quote")),
    )
    expected = [
        ("five", "categories", "Categories", "Skin", "skin"),
        ("five", "categories", "Categories", "Hair & scalp", "hair-scalp"),
        ("five", "tags", "Tags", "new", "new"),
        ("six", "categories", "Categories", "Skin", "skin"),
    ]
    await run(database, path)
    assert [tuple(row.values()) for row in await rows(database, SAID)] == expected
    # What a page is about is decided here, once it is here.
    async with database.unit() as session:
        await session.execute(text("DELETE FROM attribute_page_value"))
    await run(database, path)
    assert await rows(database, SAID) == []


async def test_an_attribute_of_another_kind_is_left_alone(database: Database, tmp_path: Path) -> None:
    async with database.unit() as session:
        await session.execute(
            text("INSERT INTO attribute_attribute (slug, name, type) VALUES ('tags', 'Tags', 'PRODUCT_TYPE')")
        )
    report = await run(database, written(tmp_path / "x.xml", item(5, "Five", terms=term("post_tag", "new"))))
    (page,) = (entry for entry in report.entries if entry.kind == "page")
    assert page.fate is Fate.CREATED
    assert page.notes[1:] == ("the attribute tags is no choice of several for pages; tags are kept as metadata alone",)
    assert await rows(database, "SELECT * FROM attribute_page_value") == []
    assert await rows(database, "SELECT metadata FROM content_page") == [{"metadata": {"tags": "new"}}]


@pytest.mark.parametrize(("days", "address"), [(89, "203.0.113.0/24"), (91, None)])
async def test_where_a_comment_came_from_is_known_as_long_as_here(
    database: Database, tmp_path: Path, days: int, address: str | None
) -> None:
    at = (NOW - timedelta(days=days)).replace(tzinfo=None)
    await run(database, written(tmp_path / "x.xml", item(5, "Five", comments=comment(1, "Said", date=at))))
    assert await rows(database, "SELECT address, email FROM comment_comment") == [
        {"address": address, "email": "reader@a.example"}
    ]


async def test_who_wrote_articles_there_works_here(database: Database, tmp_path: Path) -> None:
    said = comment(1, "Asks") + comment(2, "Answers", parent=1, user=1) + comment(3, "Registered", user=9)
    await run(database, written(tmp_path / "x.xml", item(5, "Five", comments=said)))
    found = await rows(database, "SELECT body FROM comment_comment WHERE is_staff")
    assert found == [{"body": "Answers"}]


# Traps

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
    + "]><rss><channel><title>&lol9;</title></channel></rss>"
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BOMB, "declares a document type"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel>&f;</channel></rss>', "document type"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><rss/>', "declares a document type"),
        ("<html><body>not found</body></html>", "begins with <html>"),
        ("<rss><channel><item>", "damaged"),
        ("nothing at all", "damaged"),
        ("", "damaged"),
        ("<rss><channel>" + "<a>" * 100, "nested deeper"),
        ("<rss><channel><item><x>&lol;</x></item></channel></rss>", "damaged"),
    ],
)
def test_files_that_are_traps_are_refused(content: str, told: str) -> None:
    with pytest.raises(UnreadableSource, match=told):
        list(parts(BytesIO(content.encode())))


def test_a_feed_that_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text("<rss version='2.0'><channel><title>T</title><item><title>x</title></item></channel></rss>")
    with pytest.raises(UnreadableSource, match="RSS feed, but no WordPress export"):
        read(path)


def test_signs_that_xml_forbids_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(export(item(1, "T", "one\x0b two")).encode())
    (page,) = read(path)
    assert isinstance(page, PageDraft)
    assert "one two" in page.body


def test_a_text_beyond_reason_is_refused_and_never_held(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(export(item(1, "Huge", "x" * (11 * 1024**2)), item(2, "Small", "y")))
    huge, small = read(path)
    assert huge == Refused("page", "Huge", "is longer than any article")
    assert isinstance(small, PageDraft)


def test_memory_stays_constant_however_large_the_file_is(rounds: Callable[[int, int], int]) -> None:
    megabytes = rounds(1, 100)
    one = sum(len(part) for part in site(100, 400)) // 100
    posts = megabytes * 1024**2 // one
    tracemalloc.start()
    try:
        size = found = 0

        def heard(number: int) -> None:
            nonlocal size
            size += number

        for part in parts(Streamed(site(posts, posts * 4)), heard):  # type: ignore[arg-type]
            found += part.name == "item"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == posts
    assert size > megabytes * 1_000_000
    assert peak < 4 * 1024**2


# Into the shop


async def test_a_site_is_brought_in_with_threads_and_menus(database: Database, tmp_path: Path) -> None:
    said = (
        comment(1, "First<br />line\n\n<script>x</script><b>bold</b>")
        + comment(2, "Answer", parent=1, email="Other@A.example")
        + comment(3, "Waits", parent=2, approved="0")
        + comment(4, "Buy", approved="spam")
        + comment(5, "Answer to spam", parent=4)
        + comment(6, "Ping", kind="pingback")
        + comment(7, "<br>")
    )
    path = written(
        tmp_path / "x.xml",
        item(5, "Five", "<p>Text</p>", comments=said),
        menu_entry(20, "", 1, type="post_type", object_id="5"),
        menu_entry(21, "Gone", 2, type="post_type", object_id="99"),
        menu_entry(22, "Topic", 3, type="taxonomy", object="category", object_id="3"),
    )
    report = await run(database, path)
    comments = await rows(
        database,
        "SELECT author_name, body, status, depth, email, website, address, created_at, told_at IS NOT NULL AS is_told "
        "FROM comment_comment ORDER BY id",
    )
    assert [(row["body"], row["status"], row["depth"], row["email"]) for row in comments] == [
        ("First\nline\n\n<b>bold</b>", "APPROVED", 0, "reader@a.example"),
        ("Answer to spam", "APPROVED", 0, "reader@a.example"),
        ("Answer", "APPROVED", 1, "other@a.example"),
        ("Waits", "PENDING", 2, "reader@a.example"),
    ]
    assert comments[0]["created_at"] == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert comments[0]["website"] == "https://reader.example/"
    assert all(row["is_told"] for row in comments)
    assert report.number("comment", Fate.CREATED) == 4
    assert report.reasons["comment", "without any words"] == 1
    (page,) = (entry for entry in report.entries if entry.kind == "page")
    assert page.notes == (
        "the page type post was made",
        "1 comments are left out: spam",
        "1 comments are left out: pingback",
    )
    entries = await rows(
        database, "SELECT i.name, p.slug FROM content_menu_item i JOIN content_page p ON p.id = i.page_id"
    )
    assert entries == [{"name": "Five", "slug": "five"}]
    (menu,) = (entry for entry in report.entries if entry.kind == "menu")
    assert (menu.name, menu.fate) == ("main", Fate.CREATED)
    assert menu.notes == (
        "the entry 'Gone' led to a page that is not here: 99",
        "the entry 'Topic' led to a category that is not here: category 3 of WordPress",
    )
    again = await run(database, path)
    assert again.number("page", Fate.UNCHANGED) == 1
    assert again.number("comment", Fate.CREATED) == 0
    assert again.number("menu", Fate.UNCHANGED) == 1


async def test_a_second_import_at_the_same_time_is_told(committed: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "x.xml", item(5, "Five"))
    hasty = Database(committed.url, pool_size=1, lock_timeout_seconds=0.05)
    async with committed.unit() as session:
        await begin(session)
        with pytest.raises(Conflict, match="Another import is at work"):
            await run(hasty, path)
    await run(hasty, path)
    await hasty.close()
    assert await rows(committed, "SELECT slug FROM content_page") == [{"slug": "five"}]


async def test_comments_never_come_under_another_page_of_the_same_slug(database: Database, tmp_path: Path) -> None:
    async with database.unit() as session:
        await make.page(session, slug="five", title="Ours")
    report = await run(database, written(tmp_path / "x.xml", item(5, "Five", comments=comment(1, "Said"))))
    assert [(entry.name, entry.fate) for entry in report.entries] == [("five", Fate.SKIPPED)]
    assert report.reasons["comment", "of pages that are not here"] == 1
    assert await rows(database, "SELECT id FROM comment_comment") == []
    await run(database, written(tmp_path / "x.xml", item(6, "Six", comments=comment(2, "Said"))))
    async with database.unit() as session:
        await session.execute(text("UPDATE content_page SET title = 'Mine' WHERE slug = 'six'"))
    said = comment(2, "Said") + comment(3, "More")
    edited = await run(database, written(tmp_path / "x.xml", item(6, "Six", "<p>New</p>", comments=said)))
    assert [(entry.name, entry.fate) for entry in edited.entries] == [("six", Fate.SKIPPED)]
    assert [row["body"] for row in await rows(database, "SELECT body FROM comment_comment ORDER BY id")] == [
        "Said",
        "More",
    ]


async def test_threads_deeper_than_five_levels_stay_together(database: Database, tmp_path: Path) -> None:
    said = "".join(comment(key, f"Number {key}", parent=key - 1) for key in range(1, 9))
    await run(database, written(tmp_path / "x.xml", item(5, "Five", comments=said)))
    depths = await rows(database, "SELECT body, depth FROM comment_comment ORDER BY body")
    assert [row["depth"] for row in depths] == [0, 1, 2, 3, 4, 4, 4, 4]


async def test_what_was_decided_about_comments_here_stays(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "x.xml", item(5, "Five", comments=comment(1, "Said") + comment(2, "More", parent=1)))
    await run(database, path)
    async with database.unit() as session:
        await session.execute(text("UPDATE comment_comment SET status = 'REJECTED' WHERE body = 'Said'"))
        await session.execute(text("DELETE FROM comment_comment WHERE body = 'More'"))
    await run(database, path, overwrite=True)
    assert await rows(database, "SELECT body, status FROM comment_comment") == [{"body": "Said", "status": "REJECTED"}]


async def test_a_menu_that_was_changed_here_stays(database: Database, tmp_path: Path) -> None:
    old = written(tmp_path / "x.xml", menu_entry(20, "One", 1, type="custom", url="/one"))
    await run(database, old)
    new = written(tmp_path / "x.xml", menu_entry(20, "Two", 1, type="custom", url="/two"))
    changed = await run(database, new)
    assert [entry.fate for entry in changed.entries] == [Fate.UPDATED]
    async with database.unit() as session:
        await session.execute(text("UPDATE content_menu_item SET name = 'Mine'"))
    kept = await run(database, old)
    assert [entry.fate for entry in kept.entries] == [Fate.SKIPPED]
    assert await rows(database, "SELECT name, url FROM content_menu_item") == [{"name": "Mine", "url": "/two"}]
    over = await run(database, old, overwrite=True)
    assert [entry.fate for entry in over.entries] == [Fate.UPDATED]


class Killed(Exception):
    pass


async def test_a_run_after_a_kill_ends_like_one_run(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 4)
    path = tmp_path / "x.xml"
    path.write_text("".join(site(6, 12)))
    everything = (
        "SELECT p.slug, p.title, p.content, (SELECT array_agg(c.body || c.depth ORDER BY c.created_at) "
        "FROM comment_comment c WHERE c.page_id = p.id) AS said, "
        "(SELECT count(*) FROM content_page_revision r WHERE r.page_id = p.id) AS revisions "
        "FROM content_page p ORDER BY p.slug"
    )

    def die(done: int, total: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        await run(database, path, progress=die)
    assert len(await rows(database, everything)) == 4
    report = await run(database, path)
    assert (report.number("page", Fate.CREATED), report.number("page", Fate.UNCHANGED)) == (2, 4)
    finished = await rows(database, everything)
    async with database.unit() as session:
        await session.execute(text("DELETE FROM content_page"))
        await session.execute(text("DELETE FROM exchange_imported"))
    await run(database, path)
    assert await rows(database, everything) == finished
    assert len(finished) == 6


async def test_a_whole_site_in_time(
    database: Database, tmp_path: Path, rounds: Callable[[int, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    posts, comments = rounds(20, 500), rounds(80, 2_000)
    path = tmp_path / "x.xml"
    path.write_text("".join(site(posts, comments)))
    heard: list[tuple[int, int]] = []
    started = time.monotonic()
    report = await run(database, path, progress=lambda done, total: heard.append((done, total)))
    seconds = time.monotonic() - started
    assert report.number("page", Fate.CREATED) == posts
    assert report.number("comment", Fate.CREATED) == comments
    assert heard[-1] == (2 * path.stat().st_size, 2 * path.stat().st_size)
    if os.environ.get("ROUNDS") == "full":
        with capsys.disabled():
            sys.stdout.write(f"\n{posts} posts and {comments} comments from WordPress: {seconds:.1f} s\n")
    pages = await rows(database, "SELECT content FROM content_page WHERE slug = 'post-1'")
    kinds = [block["type"] for block in pages[0]["content"]["blocks"]]
    assert kinds == ["paragraph", "header", "list", "image", *["paragraph"] * 12]
