"""Promotions as staff read them."""

import uuid
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api

PROMOTION = """
query ($id: ID!) {
  promotion(id: $id) {
    name type description startDate endDate metadata { key }
    rules {
      name rewardValue rewardValueType rewardType predicateType cataloguePredicate orderPredicate
      giftIds giftsLimit channels { slug }
    }
  }
}
"""
LIST = """
query ($first: Int = 50) {
  promotions(first: $first) {
    totalCount edges { node { id name rules { id channels { id slug } cataloguePredicate } } }
  }
}
"""


async def test_rules_tell_what_they_are_about(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> tuple[str, str, str, str]:
        channel = await make.channel(session, slug="main")
        variant = await make.variant(session, channel)
        category = await make.category(session)
        goods = await make.promotion(
            session, channel, name="Goods", variant_ids=[variant.id], category_ids=[category.id]
        )
        carts = await make.promotion(session, channel, name="Carts", value="5", value_type="FIXED", minimum="50")
        return (
            ids.encode("Promotion", goods),
            ids.encode("Promotion", carts),
            ids.encode("ProductVariant", variant.id),
            ids.encode("Category", category.id),
        )

    goods, carts, variant, category = await database.run(work)
    token = await api.login("marketing@example.com", "MANAGE_DISCOUNTS")
    same = {"name": None, "giftIds": None, "giftsLimit": None, "channels": [{"slug": "main"}]}
    found = (await api(PROMOTION, {"id": goods}, token=token)).data["promotion"]
    assert (found["name"], found["type"], found["endDate"], found["description"]) == ("Goods", "CATALOGUE", None, None)
    assert found["rules"] == [
        same
        | {
            "rewardValue": 10.0,
            "rewardValueType": "PERCENTAGE",
            "rewardType": None,
            "predicateType": "CATALOGUE",
            "cataloguePredicate": {
                "OR": [{"variantPredicate": {"ids": [variant]}}, {"categoryPredicate": {"ids": [category]}}]
            },
            "orderPredicate": {},
        }
    ]
    assert (await api(PROMOTION, {"id": carts}, token=token)).data["promotion"]["rules"] == [
        same
        | {
            "rewardValue": 5.0,
            "rewardValueType": "FIXED",
            "rewardType": "SUBTOTAL_DISCOUNT",
            "predicateType": "ORDER",
            "cataloguePredicate": {},
            "orderPredicate": {"discountedObjectPredicate": {"baseSubtotalPrice": {"range": {"gte": 50.0}}}},
        }
    ]
    unknown = ids.encode("Promotion", uuid.UUID(int=1))
    assert (await api(PROMOTION, {"id": unknown}, token=token)).data["promotion"] is None


async def test_lists_cost_the_same_for_one_and_for_twenty(api: Api, database: Database) -> None:
    async def more(session: AsyncSession, number: int) -> None:
        channel = await make.channel(session)
        variant = await make.variant(session, channel)
        for each in range(number):
            await make.promotion(session, channel, name=f"Sale {each:02}", variant_ids=[variant.id])

    token = await api.login("marketing@example.com", "MANAGE_DISCOUNTS")
    counts = []
    for number in (1, 19):
        await database.run(partial(more, number=number))
        reply = await api(LIST, token=token)
        counts.append((len(reply.data["promotions"]["edges"]), reply.data["promotions"]["totalCount"]))
        counts.append((reply.statements, reply.statements))
    assert counts[0] == (1, 1)
    assert counts[2] == (20, 20)
    assert counts[1] == counts[3]
    names = [edge["node"]["name"] for edge in (await api(LIST, {"first": 3}, token=token)).data["promotions"]["edges"]]
    assert names == ["Sale 00", "Sale 00", "Sale 01"]


async def test_promotions_are_for_staff_with_the_permission(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> str:
        return ids.encode("Promotion", await make.promotion(session, await make.channel(session)))

    key = await database.run(work)
    for token in (None, await api.login(), await api.login("staff@example.com", "MANAGE_ORDERS")):
        for query in (PROMOTION, LIST):
            reply = await api(query, {"id": key}, token=token)
            assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
            assert set(reply.partial.values()) == {None}
