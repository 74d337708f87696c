"""Staff says what the attributes of pages say: every kind of value, what is needed and refused, and the order."""

import asyncio
from typing import Any, Final

import orjson
import pytest
from sqlalchemy import func, select

from shop.attributes.models import Attribute, PageValue, Value
from shop.content.models import Page
from shop.kit import ids
from shop.media.models import Asset
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import paragraph

CREATE: Final = """
mutation Create($input: PageCreateInput!) {
  pageCreate(input: $input) {
    page { id title ...Described }
    errors { field code attributes message }
  }
}
fragment Described on Page {
  attributes { attribute { slug } values {
    name slug value reference richText plainText boolean date dateTime file { url }
  } }
}
"""
UPDATE: Final = """
mutation Update($id: ID!, $input: PageInput!) {
  pageUpdate(id: $id, input: $input) {
    page { id title attributes { attribute { slug } values { id name slug } } }
    errors { field code attributes }
  }
}
"""
REORDER_VALUES: Final = """
mutation Reorder($page: ID!, $attribute: ID!, $moves: [ReorderInput!]!) {
  pageReorderAttributeValues(pageId: $page, attributeId: $attribute, moves: $moves) {
    page { attributes { values { slug } } } errors { field code }
  }
}
"""
REORDER: Final = """
mutation Reorder($id: ID!, $moves: [ReorderInput!]!) {
  pageTypeReorderAttributes(pageTypeId: $id, moves: $moves) {
    pageType { attributes { slug } } errors { field code }
  }
}
"""
_SORTED: Final = orjson.OPT_SORT_KEYS
NAMELESS: Final = ids.encode("Attribute", 2_000_000_000)


@pytest.fixture
async def writer(api: Api) -> str:
    return await api.login("writer@example.com", "MANAGE_PAGES")


class Site:
    """A page type, with what its pages can refer to."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def prepare(self) -> "Site":
        async with self.api.database.unit() as session:
            self.kind = await make.page_type(session)
            self.other = await make.page(session, kind=self.kind, slug="other", title="The other page")
            session.add(Asset(path=f"ab/ab{'c' * 62}.png", mime_type="image/png", width=1, height=1, size_bytes=1))
        return self

    async def attribute(self, slug: str, input_type: str = "DROPDOWN", **columns: Any) -> str:
        async with self.api.database.unit() as session:
            made = await make.attribute(session, self.kind, slug=slug, input_type=input_type, **columns)
            return ids.encode("Attribute", made.id)

    def page(self, *attributes: dict[str, Any]) -> dict[str, Any]:
        kind = ids.encode("PageType", self.kind.id)
        return {"input": {"title": "A page", "pageType": kind, "attributes": list(attributes)}}

    async def count(self, model: Any) -> int:
        async with self.api.database.unit() as session:
            return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


@pytest.fixture
async def site(api: Api) -> Site:
    return await Site(api).prepare()


async def test_a_page_has_values_of_every_kind(api: Api, writer: str, site: Site) -> None:
    other = ids.encode("Page", site.other.id)
    given: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "topic": ("DROPDOWN", {"dropdown": {"value": "Hair loss"}}, {"name": "Hair loss", "slug": "hair-loss"}),
        "shade": ("SWATCH", {"swatch": {"value": "Red"}}, {"name": "Red", "slug": "red", "value": ""}),
        "minutes": ("NUMERIC", {"numeric": "12.5"}, {"name": "12.5"}),
        "summary": ("PLAIN_TEXT", {"plainText": " Short. "}, {"name": "Short.", "plainText": "Short."}),
        "featured": ("BOOLEAN", {"boolean": True}, {"name": "Featured: Yes", "boolean": True}),
        "since": ("DATE", {"date": "2026-11-23"}, {"name": "2026-11-23", "date": "2026-11-23", "dateTime": None}),
        "at": ("DATE_TIME", {"dateTime": "2026-11-23T12:00:00Z"}, {"dateTime": "2026-11-23T12:00:00+00:00"}),
        "next": ("SINGLE_REFERENCE", {"reference": other}, {"name": "The other page", "reference": other}),
        "related": ("REFERENCE", {"references": [other]}, {"name": "The other page", "reference": other}),
        "picture": (
            "FILE",
            {"file": f"http://shop.test/media/ab/ab{'c' * 62}.png", "contentType": "image/png"},
            {"file": {"url": f"http://shop.test/media/ab/ab{'c' * 62}.png"}},
        ),
        "body": (
            "RICH_TEXT",
            {"richText": orjson.dumps(paragraph("Hi <script>x</script>there")).decode()},
            {"name": "Hi there", "richText": orjson.dumps(paragraph("Hi there"), option=_SORTED).decode()},
        ),
    }
    attributes = []
    for slug, (input_type, value, _) in given.items():
        entity = {"entity_type": "PAGE"} if "REFERENCE" in input_type else {}
        attributes.append({"id": await site.attribute(slug, input_type, **entity), **value})
    tags = await site.attribute("tags", "MULTISELECT")
    attributes.append({"id": tags, "multiselect": [{"value": "b"}, {"value": "a"}]})
    made = (await api(CREATE, site.page(*attributes), token=writer)).data["pageCreate"]
    assert made["errors"] == []
    said = {each["attribute"]["slug"]: each["values"] for each in made["page"]["attributes"]}
    for slug, (_, _, expected) in given.items():
        assert [{name: value[name] for name in expected} for value in said[slug]] == [expected], slug
    assert [value["name"] for value in said["tags"]] == ["b", "a"]


async def test_choices_are_shared_and_found_by_each_of_their_names(api: Api, writer: str, site: Site) -> None:
    topic = await site.attribute("topic", "MULTISELECT", external_reference="erp-topic")
    async with api.database.unit() as session:
        attribute = (await session.execute(select(Attribute).where(Attribute.slug == "topic"))).scalar_one()
        choices = [
            await make.attribute_value(
                session, attribute, slug=slug, name=slug.title(), external_reference=f"erp-{slug}"
            )
            for slug in ("one", "two", "three", "four")
        ]
    chosen = [
        {"id": ids.encode("AttributeValue", choices[3].id)},
        {"externalReference": "erp-three"},
        {"value": "two"},
        {"value": "One"},
        {"externalReference": "erp-five", "value": "Five"},
    ]
    made = await api(CREATE, site.page({"externalReference": "erp-topic", "multiselect": chosen}), token=writer)
    values = made.data["pageCreate"]["page"]["attributes"][0]["values"]
    assert [value["slug"] for value in values] == ["four", "three", "two", "one", "five"]
    assert await site.count(Value) == 5
    again = await api(CREATE, site.page({"id": topic, "values": ["Five", "one"]}), token=writer)
    values = again.data["pageCreate"]["page"]["attributes"][0]["values"]
    assert [value["slug"] for value in values] == ["five", "one"]
    assert await site.count(Value) == 5


async def test_what_is_named_changes_and_what_is_not_stays(api: Api, writer: str, site: Site) -> None:
    topic, summary, minutes = (
        await site.attribute("topic", value_required=True),
        await site.attribute("summary", "PLAIN_TEXT"),
        await site.attribute("minutes", "NUMERIC"),
    )
    given: list[dict[str, Any]] = [
        {"id": topic, "dropdown": {"value": "Hair"}},
        {"id": summary, "plainText": "Short"},
        {"id": minutes, "numeric": "3"},
    ]
    page = (await api(CREATE, site.page(*given), token=writer)).data["pageCreate"]["page"]["id"]

    async def write(**change: Any) -> list[list[dict[str, Any]]]:
        updated = (await api(UPDATE, {"id": page, "input": change}, token=writer)).data["pageUpdate"]
        assert updated["errors"] == []
        return [each["values"] for each in updated["page"]["attributes"]]

    before = await write(title="Another title")
    assert [[value["name"] for value in values] for values in before] == [["Hair"], ["Short"], ["3"]]
    after = await write(attributes=[{"id": summary, "plainText": "Long"}])
    assert [[value["name"] for value in values] for values in after] == [["Hair"], ["Long"], ["3"]]
    # A text is the page's own: the same row says another thing, and keeps its translations.
    assert after[1][0]["id"] == before[1][0]["id"]
    emptied = await write(attributes=[{"id": summary}, {"id": minutes, "numeric": ""}])
    assert [[value["name"] for value in values] for values in emptied] == [["Hair"], [], []]
    # Choices are the shop's; the page's own values went with it.
    assert await site.count(Value) == 1
    await api("mutation Gone($id: ID!) { pageDelete(id: $id) { errors { code } } }", {"id": page}, token=writer)
    assert await site.count(Value) == 1


async def test_own_values_go_with_the_page_or_its_type(api: Api, site: Site) -> None:
    token = await api.login("chief@example.com", "MANAGE_PAGES", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES")
    summary = await site.attribute("summary", "PLAIN_TEXT")
    keys = []
    for text in ("one", "two", "three"):
        made = await api(CREATE, site.page({"id": summary, "plainText": text}), token=token)
        keys.append(made.data["pageCreate"]["page"]["id"])
    assert await site.count(Value) == 3
    bulk = "mutation Gone($ids: [ID!]!) { pageBulkDelete(ids: $ids) { count } }"
    assert (await api(bulk, {"ids": keys[:2]}, token=token)).data["pageBulkDelete"] == {"count": 2}
    assert await site.count(Value) == 1
    kind = {"id": ids.encode("PageType", site.kind.id)}
    await api("mutation Gone($id: ID!) { pageTypeDelete(id: $id) { errors { code } } }", kind, token=token)
    assert (await site.count(Page), await site.count(Value), await site.count(PageValue)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("input_type", "given", "code"),
    [
        ("DROPDOWN", {"numeric": "1"}, "INVALID"),
        ("DROPDOWN", {"values": ["a", "b"]}, "INVALID"),
        ("DROPDOWN", {"dropdown": {"id": ids.encode("AttributeValue", 2_000_000_000)}}, "NOT_FOUND"),
        ("DROPDOWN", {"dropdown": {"externalReference": "nobody's"}}, "NOT_FOUND"),
        ("DROPDOWN", {"dropdown": {"externalReference": "taken", "value": "New"}}, "UNIQUE"),
        ("MULTISELECT", {"values": ["a", "a"]}, "DUPLICATED_INPUT_ITEM"),
        ("DROPDOWN", {"dropdown": {"value": " "}}, "REQUIRED"),
        ("NUMERIC", {"numeric": "many"}, "INVALID"),
        ("FILE", {"file": "https://example.com/a.png"}, "INVALID"),
        ("FILE", {"file": f"/media/00/{'0' * 64}.png"}, "INVALID"),
        ("REFERENCE", {"references": [ids.encode("Page", 2_000_000_000)]}, "NOT_FOUND"),
        ("REFERENCE", {"references": [ids.encode("Product", 1)]}, "INVALID"),
        ("REFERENCE", {"references": [ids.encode("Order", 1)]}, "INVALID"),
        ("RICH_TEXT", {"richText": "[]"}, "INVALID"),
    ],
)
async def test_what_a_value_cannot_be(
    api: Api, writer: str, site: Site, input_type: str, given: dict[str, Any], code: str
) -> None:
    entity = {"entity_type": "PAGE"} if input_type == "REFERENCE" else {}
    key = await site.attribute("thing", input_type, **entity)
    async with api.database.unit() as session:
        other = await make.attribute(session, slug="other")
        await make.attribute_value(session, other, slug="taken", external_reference="taken")
    pages, values = await site.count(Page), await site.count(Value)
    made = (await api(CREATE, site.page({"id": key, **given}), token=writer)).data["pageCreate"]
    assert made["page"] is None
    assert [(each["field"], each["code"], each["attributes"]) for each in made["errors"]] == [
        ("attributes", code, [key])
    ]
    assert (await site.count(Page), await site.count(Value)) == (pages, values)


async def test_a_new_page_says_what_is_needed_and_nothing_else(api: Api, writer: str, site: Site) -> None:
    topic = await site.attribute("topic", value_required=True)
    lead = await site.attribute("lead", "PLAIN_TEXT", value_required=True)
    made = (await api(CREATE, site.page(), token=writer)).data["pageCreate"]
    assert made["page"] is None
    assert [(each["field"], each["code"], each["attributes"]) for each in made["errors"]] == [
        ("attributes", "REQUIRED", [topic, lead])
    ]
    # Each thing that is wrong is told, with its attribute.
    said = {"values": ["x"]}
    wrong: list[dict[str, Any]] = [{"id": topic}, {"id": NAMELESS, **said}, said, {"id": topic, **said}]
    made = (await api(CREATE, site.page(*wrong), token=writer)).data["pageCreate"]
    assert [(each["code"], each["attributes"]) for each in made["errors"]] == [
        ("REQUIRED", [topic]),
        ("NOT_FOUND", [NAMELESS]),
        ("REQUIRED", None),
        ("DUPLICATED_INPUT_ITEM", [topic]),
        ("REQUIRED", [lead]),
    ]
    malformed = (await api(CREATE, site.page({"id": "x", "values": ["x"]}), token=writer)).data["pageCreate"]
    assert [(each["field"], each["code"]) for each in malformed["errors"]] == [("attributes", "GRAPHQL_ERROR")]
    many = (await api(CREATE, site.page(*[{"id": topic}] * 101), token=writer)).data["pageCreate"]
    assert [(each["field"], each["code"]) for each in many["errors"]] == [("attributes", "INVALID")]
    assert await site.count(Page) == 1


async def test_an_update_without_them_asks_for_none_but_takes_none_that_is_needed(
    api: Api, writer: str, site: Site
) -> None:
    topic = await site.attribute("topic", value_required=True)
    variables: dict[str, Any] = {"id": ids.encode("Page", site.other.id), "input": {"title": "New"}}
    assert (await api(UPDATE, variables, token=writer)).data["pageUpdate"]["errors"] == []
    variables["input"] = {"title": "Newer", "attributes": [{"id": topic, "values": []}]}
    refused = (await api(UPDATE, variables, token=writer)).data["pageUpdate"]
    assert refused == {"page": None, "errors": [{"field": "attributes", "code": "REQUIRED", "attributes": [topic]}]}
    async with api.database.unit() as session:
        assert await session.scalar(select(Page.title).where(Page.id == site.other.id)) == "New"


async def test_values_are_put_into_another_order(api: Api, writer: str, site: Site) -> None:
    topic, rest = await site.attribute("topic", "MULTISELECT"), await site.attribute("rest")
    made = await api(CREATE, site.page({"id": topic, "values": ["a", "b", "c"]}), token=writer)
    page = made.data["pageCreate"]["page"]["id"]
    async with api.database.unit() as session:
        rows = await session.execute(select(Value.slug, Value.id))
        keys = {row.slug: ids.encode("AttributeValue", row.id) for row in rows}

    async def reorder(attribute: str, *moves: tuple[str, int | None], of: str = page) -> Any:
        variables = {
            "page": of,
            "attribute": attribute,
            "moves": [{"id": key, "sortOrder": places} for key, places in moves],
        }
        return (await api(REORDER_VALUES, variables, token=writer)).data["pageReorderAttributeValues"]

    moved = await reorder(topic, (keys["a"], 2), (keys["c"], -1), (keys["b"], None))
    assert moved["errors"] == []
    assert [value["slug"] for value in moved["page"]["attributes"][0]["values"]] == ["c", "b", "a"]
    nobody = ids.encode("Page", 2_000_000_000)
    for refused, field, code in [
        (await reorder(topic, of=nobody), "pageId", "NOT_FOUND"),
        (await reorder(NAMELESS), "attributeId", "NOT_FOUND"),
        (await reorder(rest, (keys["a"], 1)), "moves", "NOT_FOUND"),
        (await reorder(topic, (page, 1)), "moves", "GRAPHQL_ERROR"),
    ]:
        assert refused == {"page": None, "errors": [{"field": field, "code": code}]}


async def test_attributes_of_a_type_are_put_into_another_order(api: Api, site: Site) -> None:
    chief = await api.login("chief@example.com", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES")
    one, two, three = [await site.attribute(slug) for slug in ("one", "two", "three")]
    kind = ids.encode("PageType", site.kind.id)

    async def reorder(key: str, *moves: tuple[str, int]) -> Any:
        given = {"id": key, "moves": [{"id": each, "sortOrder": places} for each, places in moves]}
        return (await api(REORDER, given, token=chief)).data["pageTypeReorderAttributes"]

    moved = await reorder(kind, (three, -2), (one, 1))
    assert moved == {"pageType": {"attributes": [{"slug": "three"}, {"slug": "two"}, {"slug": "one"}]}, "errors": []}
    for refused, field, code in [
        (await reorder(ids.encode("PageType", 2_000_000_000)), "pageTypeId", "NOT_FOUND"),
        (await reorder(kind, (two, -1), (NAMELESS, 1)), "moves", "NOT_FOUND"),
        (await reorder(kind, ("x", 1)), "moves", "GRAPHQL_ERROR"),
    ]:
        assert refused == {"pageType": None, "errors": [{"field": field, "code": code}]}
    again = await reorder(kind)
    assert [each["slug"] for each in again["pageType"]["attributes"]] == ["three", "two", "one"]


async def test_a_new_choice_is_made_once_however_many_say_it_at_once(committed_api: Api) -> None:
    """4 writers, each over a connection of their own."""
    site = await Site(committed_api).prepare()
    writer = await committed_api.login("writer@example.com", "MANAGE_PAGES")
    topic = await site.attribute("topic")
    given = site.page({"id": topic, "dropdown": {"value": "Hair"}})["input"]
    pages = [{"input": {**given, "slug": f"page-{number}"}} for number in range(4)]
    replies = await asyncio.gather(*(committed_api(CREATE, page, token=writer) for page in pages))
    assert [reply.data["pageCreate"]["errors"] for reply in replies] == [[]] * 4
    values = [reply.data["pageCreate"]["page"]["attributes"][0]["values"] for reply in replies]
    assert [[value["slug"] for value in each] for each in values] == [["hair"]] * 4
    assert (await site.count(Value), await site.count(PageValue)) == (1, 4)
