"""Widget areas: what staff puts into them is what visitors see, in order, as far as they may see it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

STAFF = ("MANAGE_PAGES",)
AREA = """id slug name hint widgets {
  __typename title
  ... on TextWidget { contentHtml content contentBlocks }
  ... on MenuWidget { menu { items { name collection { slug } } } }
  ... on PagesWidget { limit pageType { slug } pages { slug } }
  ... on ProductsWidget { limit collection { slug } category { slug }
    products { totalCount edges { node { slug } } } }
  ... on BookingWidget { product { slug } }
}"""
READ = f'query Q($slug: String!) {{ widgetArea(slug: $slug, channel: "default-channel") {{ {AREA} }} }}'
SAVE = f"""mutation M($slug: String!, $input: WidgetAreaInput!) {{
  widgetAreaSave(slug: $slug, input: $input, channel: "default-channel") {{
    widgetArea {{ {AREA} }} errors {{ field code index }} }} }}"""
DELETE = "mutation M($slug: String!) { widgetAreaDelete(slug: $slug) { slug errors { field code index } } }"
TEXT = {"blocks": [{"type": "paragraph", "data": {"text": "<b>Hello</b><script>alert(1)</script>"}}]}


@pytest.fixture
async def token(api: Api) -> str:
    return await api.login("editor@example.com", *STAFF)


async def save(api: Api, token: str, widgets: list[dict[str, Any]], slug: str = "side", **values: Any) -> Any:
    """The saved area, or the errors as tuples."""
    payload = (await api(SAVE, {"slug": slug, "input": {"widgets": widgets, **values}}, token=token)).data
    errors = [(each["field"], each["code"], each["index"]) for each in payload["widgetAreaSave"]["errors"]]
    return errors or payload["widgetAreaSave"]["widgetArea"]


async def world(api: Api) -> dict[str, str]:
    """Two products in a category and a collection, one of them hidden, a menu, three pages; their global IDs."""

    async def work(session: Any) -> dict[str, str]:
        channel = await make.channel(session, slug="default-channel")
        category = await make.category(session, slug="care")
        shown = await make.product(session, channel, slug="shampoo", category=category)
        hidden = await make.product(session, channel, slug="hidden", category=category, is_published=False)
        for product in (shown, hidden):
            await make.variant(session, channel, product=product)
        collection = await make.collection(session, channel, slug="featured", products=(shown, hidden))
        menu = await make.menu(session, slug="help")
        await make.menu_item(session, menu, name="Featured", collection_id=collection.id)
        articles = await make.page_type(session, slug="article")
        for slug, day, published in (("old", 1, True), ("new", 2, True), ("draft", 3, False)):
            at = datetime(2025, 1, day, tzinfo=UTC)
            await make.page(session, slug=slug, kind=articles, is_published=published, published_at=at)
        await make.page(session, slug="terms", published_at=datetime(2024, 1, 1, tzinfo=UTC))
        return {
            "Category": ids.encode("Category", category.id),
            "Collection": ids.encode("Collection", collection.id),
            "Product": ids.encode("Product", shown.id),
            "Hidden": ids.encode("Product", hidden.id),
            "Menu": ids.encode("Menu", menu.id),
            "PageType": ids.encode("PageType", articles.id),
        }

    return await api.database.run(work)


async def test_visitors_see_the_widgets_in_order(api: Api, token: str) -> None:
    things = await world(api)
    widgets: list[dict[str, Any]] = [
        {"miniCart": True},
        {"title": "About", "text": {"content": json.dumps(TEXT)}},
        {"title": "Help", "menu": {"menu": things["Menu"]}},
        {"title": "News", "pages": {"pageType": things["PageType"], "limit": 1}},
        {"title": "All news", "pages": {}},
        {"title": "Picked", "products": {"collection": things["Collection"]}},
        {"title": "Care", "products": {"category": things["Category"], "limit": 1}},
        {"title": "Book now", "booking": {"product": things["Product"]}},
        {"title": "Not yet", "booking": {"product": things["Hidden"]}},
    ]
    saved = await save(api, token, widgets, name="Side")
    seen = (await api(READ, {"slug": "side"})).data["widgetArea"]
    assert (seen["name"], seen["hint"], saved["slug"]) == ("Side", None, "side")
    shampoo = {"totalCount": 1, "edges": [{"node": {"slug": "shampoo"}}]}
    cart, text, *others = seen["widgets"]
    assert cart == {"__typename": "MiniCartWidget", "title": None}
    assert text["contentHtml"] == "<p><b>Hello</b></p>"
    assert "script" not in json.dumps(text)
    assert others == [
        {
            "__typename": "MenuWidget",
            "title": "Help",
            "menu": {"items": [{"name": "Featured", "collection": {"slug": "featured"}}]},
        },
        {
            "__typename": "PagesWidget",
            "title": "News",
            "limit": 1,
            "pageType": {"slug": "article"},
            "pages": [{"slug": "new"}],
        },
        {
            "__typename": "PagesWidget",
            "title": "All news",
            "limit": 5,
            "pageType": None,
            "pages": [{"slug": "new"}, {"slug": "old"}, {"slug": "terms"}],
        },
        {
            "__typename": "ProductsWidget",
            "title": "Picked",
            "limit": 3,
            "collection": {"slug": "featured"},
            "category": None,
            "products": shampoo,
        },
        {
            "__typename": "ProductsWidget",
            "title": "Care",
            "limit": 1,
            "collection": None,
            "category": {"slug": "care"},
            "products": shampoo,
        },
        {"__typename": "BookingWidget", "title": "Book now", "product": {"slug": "shampoo"}},
        {"__typename": "BookingWidget", "title": "Not yet", "product": None},
    ]


async def test_many_widgets_cost_the_statements_of_one(api: Api, token: str) -> None:
    things = await world(api)
    kinds: list[dict[str, Any]] = [
        {"menu": {"menu": things["Menu"]}},
        {"text": {"content": json.dumps(TEXT)}},
        {"pages": {}},
        {"products": {"collection": things["Collection"]}},
        {"booking": {"product": things["Product"]}},
    ]
    await save(api, token, kinds)
    await api(READ, {"slug": "side"})
    one = (await api(READ, {"slug": "side"})).statements
    await save(api, token, kinds * 5)
    assert (await api(READ, {"slug": "side"})).statements == one


async def test_an_empty_area_shows_visitors_nothing_and_staff_a_hint(api: Api, token: str) -> None:
    await save(api, token, [])
    for caller in (None, await api.login("customer@example.com"), await api.login("s@example.com", "MANAGE_ORDERS")):
        seen = (await api(READ, {"slug": "side"}, token=caller)).data["widgetArea"]
        assert (seen["hint"], seen["widgets"]) == (None, [])
    default = (await api(READ, {"slug": "side"}, token=token)).data["widgetArea"]["hint"]
    assert default == "Nothing is shown here. Give the area widgets with `widgetAreaSave`."
    assert (await save(api, token, [], hint="Ask the front desk."))["hint"] == "Ask the front desk."
    assert (await save(api, token, [{"miniCart": True}]))["hint"] is None
    assert (await api(READ, {"slug": "none"})).data["widgetArea"] is None


async def test_widgets_go_with_what_they_show(api: Api, token: str) -> None:
    things = await world(api)
    await save(api, token, [{"menu": {"menu": things["Menu"]}}, {"miniCart": True}])
    menus = await api.login("menus@example.com", "MANAGE_MENUS")
    await api("mutation M($id: ID!) { menuDelete(id: $id) { errors { code } } }", {"id": things["Menu"]}, token=menus)
    seen = (await api(READ, {"slug": "side"})).data["widgetArea"]["widgets"]
    assert [each["__typename"] for each in seen] == ["MiniCartWidget"]


async def test_an_area_is_deleted(api: Api, token: str) -> None:
    await save(api, token, [{"miniCart": True}])
    assert (await api(DELETE, {"slug": "side"}, token=token)).data["widgetAreaDelete"] == {"slug": "side", "errors": []}
    again = (await api(DELETE, {"slug": "side"}, token=token)).data["widgetAreaDelete"]["errors"]
    assert again == [{"field": "slug", "code": "NOT_FOUND", "index": None}]
    assert (await api(READ, {"slug": "side"})).data["widgetArea"] is None


NOWHERE = {kind: ids.encode(kind, 2_000_000_000) for kind in ("Menu", "PageType", "Collection", "Category", "Product")}


@pytest.mark.parametrize(
    ("widget", "error"),
    [
        ({}, ("widgets", "INVALID")),
        ({"miniCart": True, "pages": {}}, ("widgets", "INVALID")),
        ({"miniCart": False}, ("widgets", "INVALID")),
        ({"miniCart": True, "title": "t" * 129}, ("title", "INVALID")),
        ({"text": {"content": "{}"}}, ("content", "INVALID")),
        ({"text": {"content": "[]"}}, ("content", "INVALID")),
        ({"pages": {"limit": 0}}, ("limit", "INVALID")),
        ({"pages": {"limit": 25}}, ("limit", "INVALID")),
        ({"pages": {"pageType": NOWHERE["PageType"]}}, ("pageType", "NOT_FOUND")),
        ({"products": {}}, ("collection", "INVALID")),
        (
            {"products": {"collection": NOWHERE["Collection"], "category": NOWHERE["Category"]}},
            ("collection", "INVALID"),
        ),
        ({"products": {"category": NOWHERE["Category"]}}, ("category", "NOT_FOUND")),
        ({"booking": {"product": NOWHERE["Product"]}}, ("product", "NOT_FOUND")),
        ({"menu": {"menu": NOWHERE["Menu"]}}, ("menu", "NOT_FOUND")),
    ],
)
async def test_what_a_widget_cannot_be(api: Api, token: str, widget: dict[str, Any], error: tuple[str, str]) -> None:
    before = await save(api, token, [{"miniCart": True}])
    assert await save(api, token, [{"miniCart": True}, widget]) == [(*error, 1)]
    seen = (await api(READ, {"slug": "side"})).data["widgetArea"]
    assert seen == {**before, "hint": None}


async def test_what_an_area_cannot_be(api: Api, token: str) -> None:
    assert await save(api, token, [{"miniCart": True}] * 31) == [("widgets", "INVALID", None)]
    assert await save(api, token, [], slug="No slug") == [("slug", "INVALID", None)]
    assert await save(api, token, [], name=" ") == [("name", "REQUIRED", None)]
    assert await save(api, token, [], hint="h" * 1001) == [("hint", "INVALID", None)]
    assert await save(api, token, [{"menu": {"menu": "x"}}]) == [("widgets", "GRAPHQL_ERROR", None)]


async def test_an_area_that_two_save_at_once_is_one_of_both(committed_api: Api) -> None:
    token = await committed_api.login("editor@example.com", *STAFF)
    for _ in range(4):
        await asyncio.gather(
            *(
                save(committed_api, token, [{"title": f"{n}-{place}", "miniCart": True} for place in range(3)])
                for n in "ab"
            )
        )
        seen = (await committed_api(READ, {"slug": "side"})).data["widgetArea"]["widgets"]
        titles = [each["title"] for each in seen]
        assert titles in ([f"a-{place}" for place in range(3)], [f"b-{place}" for place in range(3)])


async def test_only_who_manages_pages_fills_areas(api: Api) -> None:
    await make_area(api)
    for caller in (None, await api.login("customer@example.com"), await api.login("s@example.com", "MANAGE_MENUS")):
        for document in (SAVE, DELETE):
            answer = await api(document, {"slug": "side", "input": {"name": "Mine"}}, token=caller)
            assert answer.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert (await api(READ, {"slug": "side"})).data["widgetArea"]["name"] == "Side"


async def make_area(api: Api) -> None:
    await save(api, await api.login("editor@example.com", *STAFF), [])
