"""The demo clinic: what it sells, and that its article is complete and sober."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shop.blueprint import pictures
from shop.blueprint.format import MenuItem, Page, ShopFile
from shop.blueprint.format.content import plain
from shop.blueprint.load import DEMO, categories, load
from shop.blueprint.load import pictures as pictures_of

ARTICLE = "adult-stem-cell-therapy-for-hair-loss"
# What no honest text on an unproven treatment says.
RISKY = ("cure", "guarantee", "fda-approved", "fda approved", "no side effects", "miracle", "risk-free", "breakthrough")


@pytest.fixture(scope="module")
def demo() -> ShopFile:
    return load(DEMO).shop


@pytest.fixture(scope="module")
def article(demo: ShopFile) -> Page:
    return next(page for page in demo.pages if page.slug == ARTICLE)


def test_what_it_sells(demo: ShopFile) -> None:
    by_type = {
        kind: [product for product in demo.products if product.type == kind] for kind in ("consultation", "aftercare")
    }
    assert [product.name for product in by_type["consultation"]] == [
        "First consultation",
        "Course of 3 consultations",
        "Course of 5 consultations",
        "Follow-up by video",
        "Follow-up visit",
        "Webinar: questions about hair loss",
    ]
    assert len(by_type["aftercare"]) == 6
    shipped = {kind.slug: kind.shipping_required for kind in demo.product_types}
    assert shipped == {"consultation": False, "aftercare": True}
    for product in by_type["consultation"]:
        assert all(not variant.track_inventory and not variant.stock for variant in product.variants)
    for product in by_type["aftercare"]:
        assert len(product.variants) >= 2
        assert all(variant.track_inventory and variant.stock and variant.weight for variant in product.variants)
    channels = {channel.slug for channel in demo.channels}
    for product in demo.products:
        assert product.media
        assert product.seo_description
        assert all(variant.prices.keys() == channels for variant in product.variants)


def test_what_storefronts_look_for(demo: ShopFile) -> None:
    assert [(channel.slug, channel.currency) for channel in demo.channels] == [
        ("default-channel", "USD"),
        ("europe", "EUR"),
    ]
    assert [channel.tax.prices_entered_with_tax for channel in demo.channels] == [False, True]
    assert [category.slug for category, _, parent in categories(demo) if parent is None] == [
        "consultations",
        "aftercare",
    ]
    assert [collection.slug for collection in demo.collections] == ["featured-products"]
    assert {menu.slug for menu in demo.menus} == {"navbar", "footer"}
    assert [page.slug for page in demo.pages] == [ARTICLE, "about", "terms", "privacy"]
    assert [user.email for user in demo.staff] == ["admin@example.com"]


def test_every_picture_is_drawn_and_described(demo: ShopFile) -> None:
    for media, _ in pictures_of(demo):
        assert media.draw in pictures.PICTURES
        assert media.alt


def test_the_articles_structure(article: Page) -> None:
    assert article.title == "Adult Stem Cell Therapy for Hair Loss"
    headers = [block for block in article.content if block.header is not None]
    assert len(headers) == 8
    assert all(block.level == 2 for block in headers)
    lists = [block.items for block in article.content if block.items is not None]
    assert [len(items) for items in lists] == [3, 3, 3]
    assert all(re.match(r"\*\*[^*]+:\*\* \S", item) for items in lists for item in items)
    assert article.content[0].paragraph is not None
    assert article.content[-1].paragraph is not None


def test_the_article_is_sober(article: Page) -> None:
    words = plain(article.content)
    assert [phrase for phrase in RISKY if re.search(rf"\b{phrase}", words.lower())] == []
    assert "investigational" in words
    assert "no stem cell or exosome product for it has been approved" in words
    assert 900 <= len(words.split()) <= 1_600


def test_the_disclaimer_comes_before_the_first_call_to_book(article: Page) -> None:
    paragraphs = [block.paragraph or "" for block in article.content]
    disclaimer = next(at for at, text in enumerate(paragraphs) if "not medical advice" in text)
    assert "interest of its own" in paragraphs[disclaimer]
    calls = [at for at, text in enumerate(paragraphs) if "/products/" in text or "book" in text.lower()]
    assert calls
    assert disclaimer < min(calls)


def test_what_shoppers_choose_from_is_named_in_german(demo: ShopFile) -> None:
    def entries(items: list[MenuItem]) -> list[MenuItem]:
        return [found for item in items for found in (item, *entries(item.items))]

    named: list[Any] = [
        *demo.products,
        *(category for category, _, _ in categories(demo)),
        *demo.collections,
        *(entry for menu in demo.menus for entry in entries(menu.items)),
        *demo.attributes,
        *(method for zone in demo.shipping_zones for method in zone.methods),
    ]
    assert [each.name for each in named if not getattr(each.translations.get("de"), "name", None)] == []
    colours = next(attribute for attribute in demo.attributes if attribute.slug == "colour")
    assert [choice.translations["de"].name for choice in colours.choices] == ["Elfenbein", "Salbei", "Dämmerblau"]


def test_links_lead_to_things_that_exist(demo: ShopFile) -> None:
    targets = {f"/products/{product.slug}" for product in demo.products} | {
        f"/pages/{page.slug}" for page in demo.pages
    }
    texts = [block.paragraph or "" for page in demo.pages for block in page.content]
    links = re.findall(r"\]\(([^)]+)\)", "\n".join(texts))
    assert links
    assert [link for link in links if link not in targets and not link.startswith("mailto:")] == []


def test_addresses_are_examples() -> None:
    emails = re.findall(r"[\w.+-]+@([\w.-]+)", DEMO.read_text(encoding="utf-8"))
    assert emails
    assert all(domain.rstrip(".)") == "example.com" for domain in emails)


def test_the_demo_speaks_german_too(demo: ShopFile) -> None:
    """Whatever is said in English is said in German, but for names that are the same and numbers with their units."""
    spoken: list[tuple[str, Any]] = [
        *((category.slug, category) for category, _, _ in categories(demo)),
        *((product.slug, product) for product in demo.products),
        *((collection.slug, collection) for collection in demo.collections),
        *((page.slug, page) for page in demo.pages),
    ]
    silent = [
        f"{slug}: {field}"
        for slug, thing in spoken
        for field in ("name", "title", "description", "content", "seo_description")
        if getattr(thing, field, None)
        and not (thing.translations.get("de") and getattr(thing.translations["de"], field, None))
    ]
    assert silent == []
    assert all(thing.translations["de"].slug for _, thing in spoken)
    english = [
        ".".join(path)
        for menu in demo.menus
        for path, item in _entries(menu.items, (menu.slug,))
        if "de" not in item.translations
    ]
    assert english == []
    # As long as the English: a paragraph that was forgotten would show.
    for slug, thing in spoken:
        for field in ("description", "content"):
            said = getattr(thing, field, None)
            if isinstance(said, list) and said:
                kinds = [type(block) for block in said]
                assert [type(block) for block in getattr(thing.translations["de"], field)] == kinds, slug


def _entries(items: list[MenuItem], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], MenuItem]]:
    for item in items:
        path = (*above, item.name)
        yield path, item
        yield from _entries(item.items, path)
