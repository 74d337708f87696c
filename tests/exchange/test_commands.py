"""`shop import` and `shop export` as a person runs them."""

import json
import zipfile
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from shop.cli import main
from shop.kit.db import DatabaseUrl
from tests.database import Server
from tests.exchange.wordpress import comment, item, written


def shop(*arguments: str | Path, url: DatabaseUrl | str = "") -> Result:
    """`shop …` in this process; a traceback would be an exception that is no exit."""
    environment = {"SHOP_DATABASE_URL": str(url), "SHOP_STATE_FOLDER": ".shop"}
    result = CliRunner().invoke(main.shop, [str(one) for one in arguments], env=environment, prog_name="shop")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", [(), ("--from", "wordpress")])
def test_exports_of_wordpress_are_found_in_archives_and_folders(
    committed_url: DatabaseUrl, tmp_path: Path, kind: tuple[str, ...]
) -> None:
    site = written(tmp_path / "export.xml", item(1, "Post", "<p>Words</p>"))
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.write(site, "site/site.wordpress.2026-03-01.000.xml")
        archive.writestr("site/sitemap.xml", "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>")
    done = shop("import", "site.zip", *kind, url=committed_url)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[1].split() == ["pages", "1", "0", "0", "0"]
    (tmp_path / "none").mkdir()
    nothing = shop("import", "none", "--from", "wordpress", url=committed_url)
    assert nothing.exit_code != 0
    assert "There is no export of WordPress in the folder." in nothing.stderr


def test_articles_go_in_and_out(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.md").write_text("# Title\n\nText.")
    site = written(tmp_path / "export.xml", item(1, "Post", "<p>Words</p>", comments=comment(1, "Said")))
    rehearsed = shop("import", "--dry-run", folder, site, url=committed_url)
    assert rehearsed.exit_code == 0, rehearsed.stderr
    assert "This was a rehearsal: nothing was changed." in rehearsed.stdout
    done = shop("import", folder, site, "--publish", "--report", "report.json", url=committed_url)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["created", "updated", "unchanged", "skipped"]
    assert {line.split()[0]: line.split()[1:] for line in lines[1:3]} == {
        "pages": ["2", "0", "0", "0"],
        "comments": ["1", "0", "0", "0"],
    }
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"] == {"comment": {"created": 1}, "page": {"created": 2}}
    assert [(entry["name"], entry["result"]) for entry in report["entries"]] == [("post", "created"), ("a", "created")]
    with psycopg.connect(committed_url.psycopg()) as database:
        found = database.execute("SELECT slug, is_published FROM content_page ORDER BY slug").fetchall()
    assert found == [("a", True), ("post", True)]
    out = shop("export", "out", url=committed_url)
    assert out.stdout == "out: 2 pages, 0 pictures, 0 menus, 1 comments.\n"
    assert sorted(str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file()) == [
        "comments.jsonl",
        "media.json",
        "menus.yaml",
        "pages/a.md",
        "pages/post.md",
    ]
    packed = shop("export", "out.zip", "--pages", url=committed_url)
    assert packed.stdout == "out.zip: 2 pages, 0 pictures.\n"
    for what in ("out", "out.zip"):
        again = shop("import", what, url=committed_url)
        assert again.exit_code == 0, again.stderr
        assert again.stdout.splitlines()[1].split() == ["pages", "0", "0", "2", "0"]
    twice = shop("export", "out", url=committed_url)
    assert twice.exit_code == 1
    assert "There is something in out already" in twice.stderr


def test_what_cannot_be_read_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "feed.xml").write_text("<html></html>")
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    for arguments, told in (
        (["a.txt"], "--from html|markdown|blocks|wordpress"),
        (["--from", "wordpress", "."], "Name the .xml file"),
        (["feed.xml", "--type", "No Slug"], "lower-case letters"),
        (["feed.xml", "--allow-private-addresses"], "belongs to --fetch-media"),
        (["missing.md"], "does not exist"),
        (["broken.zip"], "no zip archive"),
    ):
        refused = shop("import", *arguments)
        assert refused.exit_code != 0
        assert told in refused.stderr.replace("\n", " "), refused.stderr
    private = shop("export", "out", "--pages", "--private")
    assert "--private belongs to comments" in private.stderr
    assert not (tmp_path / "out").exists()


def test_an_empty_database_is_explained_and_nothing_half_is_left(postgres: Server, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    url = postgres.copy("template0")
    try:
        for arguments in (("import", "a.md"), ("export", "out"), ("export", "out.zip")):
            refused = shop(*arguments, url=url)
            assert refused.exit_code == 1
            assert "'shop migrate' makes them" in refused.stderr
    finally:
        postgres.drop(url)
    assert {path.name for path in tmp_path.iterdir()} <= {".shop", "a.md"}


def test_a_file_that_is_no_export_ends_in_words(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text("<html></html>")
    refused = shop("import", "feed.xml", url=committed_url)
    assert refused.exit_code == 1
    assert "This is no WordPress export: it begins with <html>." in refused.stderr
