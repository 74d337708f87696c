"""The explorer's page is made of what the folder of documents holds at the moment."""

import shutil
from pathlib import Path

import pytest
from starlette.requests import Request

from shop.kit import resources
from shop.kit.settings import Settings
from shop.web import explorer


def asked() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/graphql/", "query_string": b"", "headers": []})


def test_a_changed_document_is_shown_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "graphql"
    shutil.copytree(resources.graphql_folder(), folder)
    monkeypatch.setattr(explorer, "graphql_folder", lambda: folder)
    page = explorer.Explorer(Settings(_env_file=None, environment="test"))
    first = page(asked())
    assert page(asked()).headers["etag"] == first.headers["etag"]
    home = folder / "operations" / "Home.graphql"
    home.write_text("# Another purpose.\n" + home.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    second = page(asked())
    assert b"Another purpose." not in bytes(first.body)
    assert b"Another purpose." in bytes(second.body)
    assert second.headers["etag"] != first.headers["etag"]
