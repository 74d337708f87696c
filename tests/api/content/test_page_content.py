"""What a page's blocks are told as: HTML with products that are read anew, standard blocks, words, addresses."""

from typing import Any

import orjson

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import ARTICLE

READ = """
query Read($slug: String!) {
  page(slug: $slug) {
    content contentJson contentBlocks contentHtml plainText readingTimeMinutes canonicalUrl
    toc { level anchor text }
    openGraph { title description type url image siteName }
  }
}
"""


def _booking(product_id: int) -> dict[str, Any]:
    return {"type": "booking", "data": {"productId": ids.encode("Product", product_id), "label": "Book"}}


async def _visit(api: Api, slug: str, *, is_published: bool = True) -> int:
    """A product with a price in a channel, published there or not."""
    async with api.database.unit() as session:
        channel = await make.channel(session)
        product = await make.product(session, channel, slug=slug, is_published=is_published)
        await make.variant(session, channel, product=product)
        return product.id


async def test_a_page_is_told_in_every_form(api: Api) -> None:
    image = {"type": "image", "data": {"file": {"url": "/media/a.jpg"}, "alt": "A drawing"}}
    async with api.database.unit() as session:
        kind = await make.page_type(session, slug="article")
        await make.page(session, slug="hair", title="Hair", kind=kind, content={"blocks": [*ARTICLE["blocks"], image]})
    page = (await api(READ, {"slug": "hair"})).data["page"]
    assert [block["type"] for block in page["contentBlocks"]["blocks"]] == [
        "disclaimer",
        "header",
        "paragraph",
        "references",
        "image",
    ]
    lowered = orjson.loads(page["content"])
    assert [block["type"] for block in lowered["blocks"]] == ["quote", "header", "paragraph", "list", "image"]
    assert page["contentJson"] == page["content"]
    assert page["contentHtml"].splitlines()[1] == '<h2 id="what-is-known">What is known</h2>'
    assert page["plainText"].splitlines()[:2] == ["Please note:", "This is no medical advice."]
    assert (page["readingTimeMinutes"], page["canonicalUrl"]) == (1, "http://shop.test/pages/hair")
    assert page["toc"] == [{"level": 2, "anchor": "what-is-known", "text": "What is known"}]
    assert page["openGraph"] == {
        "title": "Hair",
        "description": (
            "Please note: This is no medical advice. What is known There is no known cure for every kind of hair loss. "
            "A work A drawing"
        ),
        "type": "article",
        "url": "http://shop.test/pages/hair",
        "image": "http://shop.test/media/a.jpg",
        "siteName": "Shop",
    }


async def test_a_page_without_blocks_is_told_as_nothing(api: Api) -> None:
    async with api.database.unit() as session:
        await make.page(session, slug="empty", content=None)
    page = (await api(READ, {"slug": "empty"})).data["page"]
    assert (page["content"], page["contentBlocks"], page["contentHtml"], page["plainText"]) == (None, None, None, None)
    assert (page["contentJson"], page["toc"], page["readingTimeMinutes"]) == ("{}", [], 0)


async def test_a_block_shows_the_product_as_it_is_now_and_only_what_the_public_sees(api: Api) -> None:
    shown, hidden = await _visit(api, "visit"), await _visit(api, "secret", is_published=False)
    async with api.database.unit() as session:
        content = {"blocks": [_booking(shown), _booking(hidden), _booking(2_000_000_000)]}
        await make.page(session, slug="hair", content=content)
    page = (await api(READ, {"slug": "hair"})).data["page"]
    link = '<a class="button" href="/products/visit">Book</a>'
    assert page["contentHtml"] == f'<div class="booking-card"><p>{link}</p></div>'
    assert orjson.loads(page["content"])["blocks"] == [
        {"type": "paragraph", "data": {"text": '<a href="/products/visit" rel="noopener">Book</a>'}}
    ]
    assert "secret" not in orjson.dumps(page).decode()


async def test_products_in_blocks_cost_one_statement_for_many_pages(api: Api) -> None:
    query = "{ pages(first: 50) { edges { node { content contentHtml } } } }"
    products = [await _visit(api, f"visit-{number}") for number in range(3)]
    async with api.database.unit() as session:
        await make.page(session, slug="first", content={"blocks": [_booking(products[0])]})
    one = await api(query)
    async with api.database.unit() as session:
        for number in range(19):
            await make.page(session, slug=f"p-{number}", content={"blocks": [_booking(products[number % 3])]})
    twenty = await api(query)
    html = [edge["node"]["contentHtml"] for edge in twenty.data["pages"]["edges"]]
    assert len(html) == 20
    assert all("/products/visit-" in each for each in html)
    assert one.statements == twenty.statements == 2


async def test_descriptions_are_told_as_html(api: Api) -> None:
    async with api.database.unit() as session:
        (await make.category(session, slug="care")).description = ARTICLE
    reply = await api('{ category(slug: "care") { descriptionHtml } }')
    assert "no medical advice" in reply.data["category"]["descriptionHtml"]


async def test_problems_are_for_who_writes(api: Api) -> None:
    async with api.database.unit() as session:
        await make.page(session, slug="odd", content={"blocks": [{"type": "carousel", "data": {}}]})
    query = '{ page(slug: "odd") { contentProblems { path message } dutyFindings { duty } } }'
    refused = await api(query)
    assert {each["extensions"]["exception"]["code"] for each in refused.errors} == {"PermissionDenied"}
    assert refused.partial == {"page": {"contentProblems": None, "dutyFindings": None}}
    writer = await api.login("writer@example.com", "MANAGE_PAGES")
    assert (await api(query, token=writer)).data["page"] == {
        "contentProblems": [{"path": "blocks[0].type", "message": "Blocks of type 'carousel' are not shown."}],
        "dutyFindings": [],
    }
