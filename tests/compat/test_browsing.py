"""A foreign storefront shows the shop: its start, lists, product pages, languages, menus and pages."""

import json
from functools import partial
from typing import Any

from shop.kit import ids
from tests.api.client import Api
from tests.compat.storefront import Storefront, gross, nodes
from tests.compat.world import HALLO, HELLO, SCENTS, SIZES, World, add_products, build


async def test_the_start(storefront: Storefront, world: World) -> None:
    data = await storefront.all("Start")
    channel = data["channel"]
    assert (channel["slug"], channel["currencyCode"]) == ("default-channel", "USD")
    assert channel["countries"] == [{"code": "US", "country": "United States of America"}]
    (top,) = data["navbar"]["items"]
    assert (top["name"], top["level"], top["url"], top["translation"]) == ("Shop", 0, None, None)
    assert [(item["name"], item["level"]) for item in top["children"]] == [("Hair", 1), ("Featured", 1)]
    assert [item["category"] and item["category"]["slug"] for item in top["children"]] == ["hair", None]
    assert [item["collection"] and item["collection"]["slug"] for item in top["children"]] == [
        None,
        "featured-products",
    ]
    assert data["footer"]["items"][0]["page"]["slug"] == "about"
    (card,) = nodes(data["collection"]["products"])
    assert (card["slug"], card["isAvailable"]) == ("shampoo", True)
    assert [category["slug"] for category in nodes(data["categories"])] == ["care"]


async def test_the_server_of_the_storefront_lists_the_channels(storefront: Storefront, world: World) -> None:
    storefront.token = await storefront.api.login("staff@example.com", is_staff=True)
    assert await storefront("AllChannels") == [
        {
            "id": ids.encode("Channel", world.channel.id),
            "slug": "default-channel",
            "name": "Default-channel",
            "isActive": True,
            "currencyCode": "USD",
            "countries": [{"code": "US"}],
        }
    ]


async def test_a_card_says_what_a_list_shows(storefront: Storefront, world: World) -> None:
    (card,) = nodes(await storefront("Browse", where={"slug": {"eq": "shampoo"}}))
    pricing = card["pricing"]
    assert gross(pricing["priceRange"]["start"]) == 10.8
    assert pricing["priceRange"]["start"]["net"]["amount"] == 10.0
    assert pricing["priceRange"]["start"]["tax"]["amount"] == 0.8
    assert gross(pricing["priceRange"]["stop"]) == 21.6
    assert gross(pricing["priceRangeUndiscounted"]["stop"]) == 21.6
    assert card["category"]["slug"] == "hair"
    assert card["thumbnail"]["alt"] == "A bottle"
    assert card["thumbnail"]["url"].startswith("http://shop.test/")
    assert card["thumbnail"]["url"].endswith("/1024/webp")


async def test_lists_are_filtered_sorted_and_searched(storefront: Storefront, world: World) -> None:
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["shampoo", "visit"]),
        ({"sortBy": {"field": "NAME", "direction": "DESC"}}, ["visit", "shampoo"]),
        ({"sortBy": {"field": "PRICE", "direction": "DESC"}}, ["visit", "shampoo"]),
        ({"filter": {"search": "shampoo"}}, ["shampoo"]),
        ({"filter": {"search": "nothing of the kind"}}, []),
        ({"filter": {"price": {"gte": 30, "lte": 60}}, "sortBy": {"field": "NAME", "direction": "ASC"}}, ["visit"]),
        ({"filter": {"stockAvailability": "IN_STOCK", "hasCategory": True}}, ["shampoo"]),
        ({"where": {"slug": {"oneOf": ["visit", "none"]}}}, ["visit"]),
        ({"filter": {"isAvailable": True, "metadata": [{"key": "note", "value": "gentle"}]}}, ["shampoo"]),
    ]
    for given, slugs in cases:
        found = await storefront("Browse", **({"sortBy": {"field": "NAME", "direction": "ASC"}} | given))
        assert [card["slug"] for card in nodes(found)] == slugs, given
        assert found["totalCount"] == len(slugs)


async def test_a_list_is_read_page_by_page_and_back(storefront: Storefront, api: Api, world: World) -> None:
    await api.database.run(lambda session: add_products(session, world, 5))
    order = {"field": "NAME", "direction": "ASC"}
    whole = [card["id"] for card in nodes(await storefront("Browse", sortBy=order))]
    assert len(whole) == 7
    seen: list[str] = []
    page = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        found = await storefront("Browse", sortBy=order, first=3, after=page["endCursor"])
        seen += [card["id"] for card in nodes(found)]
        page = found["pageInfo"]
    assert seen == whole
    back = await storefront("Browse", sortBy=order, first=None, last=2, before=page["startCursor"])
    assert [card["id"] for card in nodes(back)] == whole[4:6]
    assert back["pageInfo"]["hasPreviousPage"] is True


async def test_categories_and_collections(storefront: Storefront, world: World) -> None:
    category = await storefront("CategoryPage", slug="care")
    assert (category["name"], category["products"]["totalCount"]) == ("Care", 1)
    assert [card["slug"] for card in nodes(category["products"])] == ["shampoo"]
    collection = await storefront("CollectionPage", slug="featured-products")
    assert [card["slug"] for card in nodes(collection["products"])] == ["shampoo"]
    assert await storefront("CategoryPage", slug="none") is None
    assert await storefront("CollectionPage", slug="none") is None


async def test_the_page_of_a_product_with_fifty_variants(storefront: Storefront, api: Api) -> None:
    world = await api.database.run(lambda session: build(session, sizes=len(SIZES)))
    product = await storefront("ProductPage", slug="shampoo")
    assert (product["name"], product["seoTitle"], product["metafield"]) == ("Shampoo", "A shampoo", "gentle")
    assert json.loads(product["description"]) == HELLO
    assert product["media"][0]["type"] == "IMAGE"
    told = {each["attribute"]["slug"]: each for each in product["assignedAttributes"]}
    assert told["material"]["text"] == "Glass"
    assert told["organic"]["flag"] is True
    assert told["filling"]["number"] == 12.5
    assert product["size"]["text"] == "Glass"
    offers = nodes(product["productVariants"])
    assert (len(offers), product["productVariants"]["totalCount"]) == (50, 50)
    assert product["productVariants"]["pageInfo"] == {"hasNextPage": False}
    assert {offer["id"] for offer in offers} == {ids.encode("ProductVariant", one.id) for one in world.variants}
    chosen = {tuple(choice["values"][0]["name"] for choice in offer["choices"]): offer for offer in offers}
    assert set(chosen) == {(size, scent) for size in SIZES for scent in SCENTS}
    last = chosen["500 ml", "None"]
    assert (gross(last["pricing"]["price"]), last["quantityAvailable"], last["others"]) == (108.0, 8, [])
    many = storefront.statements
    await api.database.run(lambda session: add_products(session, world, 1))
    (single,) = nodes((await storefront("CategoryPage", slug="many-1"))["products"])
    assert len(nodes((await storefront("ProductPage", slug=single["slug"]))["productVariants"])) == 1
    assert storefront.statements <= many


async def test_one_variant(storefront: Storefront, world: World) -> None:
    by_id = await storefront("VariantOffer", id=world.bottle)
    assert (by_id["name"], by_id["product"]["slug"]) == ("50 ml, Rose", "shampoo")
    assert await storefront("VariantOffer", sku=world.variants[0].sku) == by_id


async def test_another_language(storefront: Storefront, world: World) -> None:
    storefront.language = "DE"
    product = await storefront("ProductPage", slug="haarwaesche", addressLanguage="DE")
    assert (product["slug"], product["details"]["slug"]) == ("shampoo", "haarwaesche")
    assert product["translation"]["name"] == "Haarwäsche"
    assert product["category"]["translation"]["name"] == "Haar"
    assert json.loads(product["details"]["description"]) == HALLO
    assert product["details"]["language"] == {"code": "DE"}
    told = {each["attribute"]["slug"]: each for each in product["assignedAttributes"]}
    assert told["material"]["textTranslated"] == "Glas"
    assert told["material"]["attribute"]["translation"]["name"] == "Werkstoff"
    first = nodes(product["productVariants"])[0]
    assert first["translation"]["name"] == "Kleine Rose"
    assert first["choices"][1]["values"][0]["translation"]["name"] == "Rosenduft"
    assert (await storefront("CategoryPage", slug="haar", addressLanguage="DE"))["slug"] == "hair"
    assert (await storefront("CollectionPage", slug="empfohlen", addressLanguage="DE"))["slug"] == "featured-products"
    assert (await storefront("ReadPage", slug="ueber-uns", addressLanguage="DE"))["slug"] == "about"
    assert await storefront("ProductPage", slug="shampoo", addressLanguage="DE") is None
    data = await storefront.all("Start")
    assert data["navbar"]["items"][0]["translation"]["name"] == "Laden"
    assert data["navbar"]["items"][0]["children"][0]["category"]["translation"]["slug"] == "haar"
    storefront.language = "FR"
    assert (await storefront("ProductPage", slug="shampoo"))["translation"] is None


async def test_pages(storefront: Storefront, world: World) -> None:
    page = await storefront("ReadPage", slug="about")
    assert (page["title"], page["isPublished"]) == ("About", True)
    assert json.loads(page["content"]) == HELLO
    assert page["translation"] is None
    assert await storefront("ReadPage", slug="none") is None
    listed = await storefront("ListPages", slugs=["about", "none"])
    assert [each["slug"] for each in nodes(listed)] == ["about"]


async def test_lists_of_one_and_of_twenty_cost_the_same_statements(storefront: Storefront, world: World) -> None:
    counts: dict[str, list[int]] = {"CategoryPage": [], "CollectionPage": [], "Browse": []}
    for number in (1, 20):
        await storefront.api.database.run(partial(add_products, world=world, number=number))
        slug = f"many-{number}"
        category = (await storefront("CategoryPage", slug=slug))["id"]
        for name, found in counts.items():
            shown = await storefront(name, slug=slug, where={"category": {"eq": category}})
            assert len(nodes(shown.get("products", shown))) == number
            found.append(storefront.statements)
    assert all(one == twenty for one, twenty in counts.values()), counts
