"""The demo clinic: what it sells, and that its article is complete and sober."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from shop.blueprint import pictures
from shop.blueprint.format import MenuItem, Page, ShopFile
from shop.blueprint.format.content import PageBlock, editorjs, plain
from shop.blueprint.load import DEMO, categories, load
from shop.blueprint.load import pictures as pictures_of
from shop.content.rules.policy import Article, Duty, findings

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
    *_, closing, booking, references = article.content
    assert closing.paragraph is not None
    assert booking.booking == "first-consultation"
    assert [work.doi for work in references.references or []] == [
        "10.1172/JCI44478",
        "10.1002/sctm.17-0282",
        "10.1067/mjd.2002.124088",
        "10.1016/S0190-9622(98)70007-6",
    ]
    assert [block.references for block in article.translations["de"].content if block.references] == [
        references.references
    ]


def test_the_article_is_sober(article: Page) -> None:
    words = plain(article.content)
    assert [phrase for phrase in RISKY if re.search(rf"\b{phrase}", words.lower())] == []
    assert "investigational" in words
    assert "no stem cell or exosome product for it has been approved" in words
    assert 900 <= len(words.split()) <= 1_600


def test_the_disclaimer_comes_before_the_first_call_to_book(article: Page) -> None:
    for content in (article.content, article.translations["de"].content):
        disclaimer = next(at for at, block in enumerate(content) if block.disclaimer)
        calls = [at for at, block in enumerate(content) if block.booking or "/products/" in (block.paragraph or "")]
        assert disclaimer < min(calls)
    words = next(block.disclaimer or "" for block in article.content if block.disclaimer)
    assert "not medical advice" in words
    assert "interest of its own" in words


def test_the_article_says_that_it_is_a_demonstration(demo: ShopFile, article: Page) -> None:
    assert next(kind for kind in demo.page_types if kind.slug == article.type).stored_policy == "MEDICAL_DUTY"
    assert (article.reviewer, article.last_reviewed, article.review_due) == (None, None, None)
    assert article.review_note == "Demo, not medically reviewed"
    assert article.author is not None
    assert article.author.name == "Example clinic, editorial team"
    lacking = findings(
        "MEDICAL_DUTY",
        Article(
            title=article.title,
            content=editorjs(
                article.content,
                {block.image: {} for block in article.content if block.image},
                {"first-consultation": 1},
            ),
            seo_title=article.seo_title,
            seo_description=article.seo_description,
            author_name=article.author.name,
            regulatory_status=article.regulatory_status,
            conflict_of_interest=article.conflict_of_interest,
        ),
        date(2026, 11, 23),
    )
    # What its override lets pass: that nobody reviewed it, and nothing else.
    assert [each.duty for each in lacking] == [
        Duty.REVIEWER_MISSING,
        Duty.LAST_REVIEWED_MISSING,
        Duty.REVIEW_DUE_MISSING,
    ]
    assert "Nobody reviewed it" in article.override


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


def _numbers(block: PageBlock) -> range:
    """Those of the works that a block cites."""
    return range(1, len(block.references or []) + 1)


def test_links_lead_to_things_that_exist(demo: ShopFile) -> None:
    targets = {f"/products/{product.slug}" for product in demo.products} | {
        f"/pages/{page.slug}" for page in demo.pages
    }
    targets |= {f"#ref-{number}" for page in demo.pages for block in page.content for number in _numbers(block)}
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
