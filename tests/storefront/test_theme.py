"""A theme is one folder: its templates and files take the place of the shop's own."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.storefront.browsing import words
from tests.storefront.conftest import BASE
from tests.storefront.fake import FakeShop


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    files = {
        "templates/base.html": '{% extends "shop/base.html" %}{% block footer %}{{ super() }}<p>Mine</p>{% endblock %}',
        "templates/search.html": '{% extends "base.html" %}{% block content %}<h1>Found by my theme</h1>{% endblock %}',
        "static/theme.css": ":root { --brand: #7a2048; }",
        "static/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'><!-- mine --></svg>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
async def themed(fake: FakeShop, front_settings: Settings, theme: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = front_settings.model_copy(update={"storefront_theme": theme})
    transport = httpx.ASGITransport(application(settings, fake.execute), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Origin": BASE}) as client:
        yield client


async def test_templates_are_replaced_and_extended(themed: httpx.AsyncClient) -> None:
    assert "Found by my theme" in words(await themed.get("/search"))
    page = (await themed.get("/products")).text
    assert "</footer>\n<p>Mine</p>" in page
    assert "<h1>All products</h1>" in page


async def test_files_are_replaced_and_added(themed: httpx.AsyncClient, browser_like: httpx.AsyncClient) -> None:
    page = (await themed.get("/")).text
    ours, theirs = re.findall(r'<link rel="stylesheet" href="(/static/(?:storefront|theme)\.css\?v=[0-9a-f]+)">', page)
    assert "--ink" in (await themed.get(ours)).text
    assert (await themed.get(theirs)).text == ":root { --brand: #7a2048; }"
    assert "mine" in (await themed.get("/static/icon.svg")).text
    assert (await themed.get("/static/hero.svg")).text == (await browser_like.get("/static/hero.svg")).text
    assert "theme.css" not in (await browser_like.get("/")).text
    assert (await themed.get("/static/../templates/base.html")).status_code == 404


async def test_a_theme_may_be_a_style_sheet_alone(fake: FakeShop, front_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "theme.css").write_text("h1 { color: red; }")
    settings = front_settings.model_copy(update={"storefront_theme": tmp_path})
    transport = httpx.ASGITransport(application(settings, fake.execute))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await client.get("/")).text.count('rel="stylesheet"') == 2


def test_a_theme_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"storefront_theme\n.*not point to a directory"):
        Settings(_env_file=None, storefront_theme=tmp_path / "none", environment="test")
