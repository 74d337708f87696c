"""Values of attributes in drafts and in revisions: kept aside, and given again as far as there are any."""

from typing import Any, Final

import orjson
import pytest
from sqlalchemy import delete, func, null, select, update

from shop.attributes.models import Attribute, OfPageType, PageValue, Value
from shop.content.models import Page, PageRevision
from shop.kit import ids
from shop.media.models import Asset
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import paragraph

SAVE: Final = """
mutation Save($id: ID!, $input: PageDraftInput!, $revision: ID) {
  pageDraftSave(id: $id, input: $input, revision: $revision) {
    page { ...Said draft { isOutdated page { ...Said } } } errors { field code attributes }
  }
}
fragment Said on Page {
  title attributes { attribute { slug inputType } values {
    id name slug value reference richText plainText boolean date dateTime file { url } inputType
  } }
}
"""
PUBLISH: Final = """
mutation Publish($id: ID!, $overwrite: Boolean! = false) {
  pageDraftPublish(id: $id, overwrite: $overwrite) {
    page { title attributes { attribute { slug } values { name } } }
    lostValues { attribute value } errors { field code message }
  }
}
"""
UPDATE: Final = """
mutation Update($id: ID!, $input: PageInput!) { pageUpdate(id: $id, input: $input) { errors { field code } } }
"""
RESTORE: Final = """
mutation Restore($id: ID!) {
  pageRevisionRestore(id: $id) {
    page { title attributes { attribute { slug } values { name } } } lostValues { attribute value } errors { code }
  }
}
"""
HISTORY: Final = """
query History($id: ID!) { page(id: $id) { revisions { id number attributes { name values } } } }
"""
REORDER: Final = """
mutation Reorder($page: ID!, $attribute: ID!, $moves: [ReorderInput!]!) {
  pageReorderAttributeValues(pageId: $page, attributeId: $attribute, moves: $moves) { errors { field code } }
}
"""
READ: Final = """
query Read($id: ID!, $token: String) {
  page(id: $id, previewToken: $token) {
    attributes { attribute { slug } values { name } }
    assignedAttributes { attribute { slug } ... on AssignedSingleChoiceAttribute { value { name } } }
  }
}
"""
PREVIEW: Final = "mutation Preview($id: ID!) { pagePreviewTokenCreate(id: $id) { token } }"
PICTURE: Final = f"ab/ab{'c' * 62}.png"


@pytest.fixture
async def writer(api: Api) -> str:
    return await api.login("writer@example.com", "MANAGE_PAGES")


class Scene:
    """A page whose type has attributes, as one who writes pages sees it."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.token = token
        self.attributes: dict[str, str] = {}

    async def prepare(self) -> "Scene":
        async with self.api.database.unit() as session:
            self.kind = await make.page_type(session)
            self.other = await make.page(session, kind=self.kind, slug="other", title="The other page")
            self.row = await make.page(session, kind=self.kind, slug="hair", title="Hair", content=paragraph("One"))
            session.add(Asset(path=PICTURE, mime_type="image/png", width=1, height=1, size_bytes=1))
        self.page = ids.encode("Page", self.row.id)
        return self

    async def attribute(self, slug: str, input_type: str = "DROPDOWN", **columns: Any) -> str:
        async with self.api.database.unit() as session:
            made = await make.attribute(session, self.kind, slug=slug, input_type=input_type, **columns)
        self.attributes[slug] = ids.encode("Attribute", made.id)
        return self.attributes[slug]

    async def ask(self, document: str, **variables: Any) -> Any:
        """The only field of the answer."""
        data = (await self.api(document, {"id": self.page, **variables}, token=self.token)).data
        return next(iter(data.values()))

    async def update(self, **attributes: dict[str, Any]) -> None:
        assert await self.ask(UPDATE, input=self.given(**attributes)) == {"errors": []}

    def given(self, **attributes: dict[str, Any]) -> dict[str, Any]:
        return {"attributes": [{"id": self.attributes[slug], **said} for slug, said in attributes.items()]}

    async def drop(self, attribute: str, name: str) -> None:
        """Staff deletes a choice."""
        async with self.api.database.unit() as session:
            await session.execute(
                delete(Value).where(
                    Value.attribute_id == ids.decode_int(self.attributes[attribute], "Attribute"), Value.name == name
                )
            )

    async def count(self, model: Any) -> int:
        async with self.api.database.unit() as session:
            return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


@pytest.fixture
async def scene(api: Api, writer: str) -> Scene:
    return await Scene(api, writer).prepare()


def _names(page: Any) -> dict[str, list[str]]:
    return {each["attribute"]["slug"]: [value["name"] for value in each["values"]] for each in page["attributes"]}


def dropdown(value: str) -> dict[str, Any]:
    return {"dropdown": {"value": value}}


def tags(*values: str) -> dict[str, Any]:
    return {"multiselect": [{"value": value} for value in values]}


async def test_a_draft_keeps_values_of_every_kind_aside_until_it_is_published(api: Api, scene: Scene) -> None:
    other = ids.encode("Page", scene.other.id)
    url = f"http://shop.test/media/{PICTURE}"
    rich = orjson.dumps({"blocks": [{"data": {"text": "Hi there"}, "type": "paragraph"}]}).decode()
    given: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "topic": ("DROPDOWN", dropdown("Hair loss"), {"name": "Hair loss"}),
        "shade": ("SWATCH", {"swatch": {"value": "Red"}}, {"name": "Red", "value": ""}),
        "minutes": ("NUMERIC", {"numeric": "12345678901234567890.5"}, {"name": "12345678901234567890.5"}),
        "summary": ("PLAIN_TEXT", {"plainText": " Short. "}, {"name": "Short.", "plainText": "Short."}),
        "featured": ("BOOLEAN", {"boolean": False}, {"name": "Featured: No", "boolean": False}),
        "since": ("DATE", {"date": "2026-11-23"}, {"date": "2026-11-23", "dateTime": None}),
        "at": ("DATE_TIME", {"dateTime": "2026-11-23T12:00:00Z"}, {"dateTime": "2026-11-23T12:00:00+00:00"}),
        "next": ("SINGLE_REFERENCE", {"reference": other}, {"name": "The other page", "reference": other}),
        "related": ("REFERENCE", {"references": [other]}, {"name": "The other page", "reference": other}),
        "picture": ("FILE", {"file": url}, {"name": f"ab{'c' * 62}.png", "file": {"url": url}}),
        "body": ("RICH_TEXT", {"richText": rich}, {"name": "Hi there", "richText": rich}),
        "tags": ("MULTISELECT", tags("b"), {"name": "b"}),
    }
    for slug, (input_type, _, _) in given.items():
        await scene.attribute(slug, input_type, **({"entity_type": "PAGE"} if "REFERENCE" in input_type else {}))
    values = scene.given(**{slug: said for slug, (_, said, _) in given.items()})
    before = [await scene.count(model) for model in (Value, PageValue)]
    saved = await scene.ask(SAVE, input=values)
    assert saved["errors"] == []
    # The page, and what is chosen from, are as they were.
    assert _names(saved["page"]) == {slug: [] for slug in given}
    assert [await scene.count(model) for model in (Value, PageValue)] == before
    in_draft = {each["attribute"]["slug"]: each["values"] for each in saved["page"]["draft"]["page"]["attributes"]}
    for slug, (input_type, _, expected) in given.items():
        assert [{name: value[name] for name in expected} for value in in_draft[slug]] == [expected], slug
        assert in_draft[slug][0]["inputType"] == input_type
    assert len({value["id"] for values in in_draft.values() for value in values}) == len(given)
    published = await scene.ask(PUBLISH)
    assert (published["errors"], published["lostValues"]) == ([], [])
    read = (await scene.ask(SAVE, input={}))["page"]
    said = {each["attribute"]["slug"]: each["values"] for each in read["attributes"]}
    for slug, (_, _, expected) in given.items():
        assert [{name: value[name] for name in expected} for value in said[slug]] == [expected], slug


async def test_a_draft_grows_by_values_and_a_preview_shows_them(api: Api, scene: Scene) -> None:
    await scene.attribute("topic")
    await scene.attribute("tags", "MULTISELECT")
    await scene.update(topic=dropdown("Hair"), tags=tags("a", "b"))
    await scene.ask(SAVE, input=scene.given(topic=dropdown("Skin")))
    saved = await scene.ask(SAVE, input={"title": "Draft", **scene.given(tags=tags())})
    assert (_names(saved["page"]), saved["page"]["title"]) == ({"topic": ["Hair"], "tags": ["a", "b"]}, "Hair")
    draft = saved["page"]["draft"]
    assert (_names(draft["page"]), draft["page"]["title"]) == ({"topic": ["Skin"], "tags": []}, "Draft")
    assert draft["isOutdated"] is False
    token = (await scene.ask(PREVIEW))["token"]
    preview = (await api(READ, {"id": scene.page, "token": token})).data["page"]
    assert _names(preview) == {"topic": ["Skin"], "tags": []}
    assert preview["assignedAttributes"][0] == {"attribute": {"slug": "topic"}, "value": {"name": "Skin"}}
    assert _names((await api(READ, {"id": scene.page})).data["page"]) == {"topic": ["Hair"], "tags": ["a", "b"]}
    assert _names((await scene.ask(PUBLISH))["page"]) == {"topic": ["Skin"], "tags": []}


@pytest.mark.parametrize(
    ("given", "code"),
    [({"numeric": "1"}, "INVALID"), ({"dropdown": {"id": ids.encode("AttributeValue", 2_000_000_000)}}, "NOT_FOUND")],
)
async def test_what_is_no_value_is_not_saved(scene: Scene, given: dict[str, Any], code: str) -> None:
    topic = await scene.attribute("topic")
    refused = await scene.ask(SAVE, input={"title": "Draft", **scene.given(topic=given)})
    assert refused == {"page": None, "errors": [{"field": "attributes", "code": code, "attributes": [topic]}]}
    assert (await scene.ask(SAVE, input={}))["page"]["draft"]["page"]["title"] == "Hair"


async def test_values_written_since_make_a_draft_outdated(scene: Scene) -> None:
    await scene.attribute("topic", name="Topic")
    await scene.attribute("minutes", "NUMERIC", name="Minutes")
    await scene.update(topic=dropdown("Hair"), minutes={"numeric": "1"})
    await scene.ask(SAVE, input=scene.given(topic=dropdown("Skin")))
    async with scene.api.database.unit() as session:
        # Another name of a choice or of an attribute is no other value.
        await session.execute(update(Value).where(Value.name == "Hair").values(name="Hairs"))
        await session.execute(update(Attribute).where(Attribute.slug == "topic").values(name="Theme"))
    assert (await scene.ask(SAVE, input={}))["page"]["draft"]["isOutdated"] is False
    await scene.update(minutes={"numeric": "2"})
    assert (await scene.ask(SAVE, input={}))["page"]["draft"]["isOutdated"] is True
    refused = await scene.ask(PUBLISH)
    assert refused["page"] is None
    assert [(each["field"], each["code"], each["message"].partition(".")[0]) for each in refused["errors"]] == [
        ("overwrite", "DRAFT_OUTDATED", "The page was changed since the draft was begun: Minutes")
    ]
    # What the draft does not change stays as it was written since.
    assert _names((await scene.ask(PUBLISH, overwrite=True))["page"]) == {"topic": ["Skin"], "minutes": ["2"]}


async def test_a_revision_brings_back_the_values_of_its_time(scene: Scene) -> None:
    await scene.attribute("topic", name="Topic")
    await scene.attribute("tags", "MULTISELECT", name="Tags")
    await scene.attribute("body", "RICH_TEXT", name="Body")
    rich = orjson.dumps(paragraph("Hi")).decode()
    await scene.update(topic=dropdown("Hair"), tags=tags("b", "a"), body={"richText": rich})
    await scene.update(topic={}, tags=tags("c"), body={})
    # One that its type has only since stays as it is.
    await scene.attribute("later")
    await scene.update(later=dropdown("New"))
    history = {each["number"]: each for each in (await scene.ask(HISTORY))["revisions"]}
    assert [history[number]["attributes"] for number in (1, 2, 3)] == [
        [{"name": "Body", "values": []}, {"name": "Tags", "values": []}, {"name": "Topic", "values": []}],
        [
            {"name": "Body", "values": ["Hi"]},
            {"name": "Tags", "values": ["b", "a"]},
            {"name": "Topic", "values": ["Hair"]},
        ],
        [{"name": "Body", "values": []}, {"name": "Tags", "values": ["c"]}, {"name": "Topic", "values": []}],
    ]
    restored = await scene.ask(RESTORE, id=history[2]["id"])
    assert (restored["errors"], restored["lostValues"]) == ([], [])
    assert _names(restored["page"]) == {"topic": ["Hair"], "tags": ["b", "a"], "body": ["Hi"], "later": ["New"]}
    # That is a write like any other; once more, nothing is changed.
    written = await scene.count(PageRevision)
    assert (await scene.ask(RESTORE, id=history[2]["id"]))["errors"] == []
    assert await scene.count(PageRevision) == written == 5


async def test_values_that_are_gone_are_told_and_nothing_else_is_lost(scene: Scene) -> None:
    await scene.attribute("topic", name="Topic")
    await scene.attribute("tags", "MULTISELECT", name="Tags")
    await scene.attribute("next", "SINGLE_REFERENCE", entity_type="PAGE", name="Next")
    await scene.attribute("picture", "FILE", name="Picture")
    await scene.attribute("dropped", name="Dropped")
    await scene.update(
        topic=dropdown("Hair"),
        tags=tags("a", "b", "c"),
        next={"reference": ids.encode("Page", scene.other.id)},
        picture={"file": f"/media/{PICTURE}"},
        dropped=dropdown("Lost"),
    )
    async with scene.api.database.unit() as session:
        await session.execute(update(Page).where(Page.id == scene.row.id).values(title="Written since"))
    await scene.ask(UPDATE, input={"title": "Another", **scene.given(topic={}, tags=tags("c"), next={}, picture={})})
    await scene.drop("tags", "a")
    # Deleted, and made anew.
    await scene.drop("topic", "Hair")
    await scene.update(topic=dropdown("Hair"))
    await scene.update(topic={})
    async with scene.api.database.unit() as session:
        await session.execute(delete(Asset).where(Asset.path == PICTURE))
        await session.execute(delete(Page).where(Page.id == scene.other.id))
        await session.execute(
            delete(OfPageType).where(
                OfPageType.attribute_id == ids.decode_int(scene.attributes["dropped"], "Attribute")
            )
        )
    second = next(each["id"] for each in (await scene.ask(HISTORY))["revisions"] if each["number"] == 2)
    lost = [
        {"attribute": "Dropped", "value": "Lost"},
        {"attribute": "Next", "value": "The other page"},
        {"attribute": "Picture", "value": f"ab{'c' * 62}.png"},
        {"attribute": "Tags", "value": "a"},
    ]
    said = {"topic": ["Hair"], "tags": ["b", "c"], "next": [], "picture": []}
    # A draft of it shows what is left, and says so when it is published.
    await scene.ask(SAVE, input={}, revision=second)
    published = await scene.ask(PUBLISH)
    assert sorted(published["lostValues"], key=lambda each: each["attribute"]) == lost
    assert (published["errors"], _names(published["page"]), published["page"]["title"]) == ([], said, "Hair")
    await scene.update(topic={}, tags=tags())
    restored = await scene.ask(RESTORE, id=second)
    assert sorted(restored["lostValues"], key=lambda each: each["attribute"]) == lost
    assert (restored["errors"], _names(restored["page"]), restored["page"]["title"]) == ([], said, "Hair")


async def test_an_order_of_values_is_a_revision(scene: Scene) -> None:
    attribute = await scene.attribute("tags", "MULTISELECT", name="Tags")
    await scene.update(tags=tags("a", "b"))
    read = (await scene.ask(SAVE, input={}))["page"]["attributes"][0]["values"]
    moves = [{"id": read[1]["id"], "sortOrder": -1}]
    assert await scene.ask(REORDER, page=scene.page, attribute=attribute, moves=moves) == {"errors": []}
    history = (await scene.ask(HISTORY))["revisions"]
    assert [each["attributes"] for each in history[:2]] == [
        [{"name": "Tags", "values": ["b", "a"]}],
        [{"name": "Tags", "values": ["a", "b"]}],
    ]


async def test_revisions_from_before_values_were_kept_leave_them_as_they_are(scene: Scene) -> None:
    await scene.attribute("topic", name="Topic")
    await scene.update(topic=dropdown("Hair"))
    async with scene.api.database.unit() as session:
        await session.execute(delete(PageRevision).where(PageRevision.number > 1))
        await session.execute(update(PageRevision).values(attributes=null()))
    await scene.update(topic=dropdown("Skin"))
    history = (await scene.ask(HISTORY))["revisions"]
    # The next write kept what the page said before it.
    assert [each["attributes"] for each in history] == [
        [{"name": "Topic", "values": ["Skin"]}],
        [{"name": "Topic", "values": ["Hair"]}],
        None,
    ]
    restored = await scene.ask(RESTORE, id=history[-1]["id"])
    assert (restored["errors"], _names(restored["page"])) == ([], {"topic": ["Skin"]})


async def test_drafts_with_values_cost_the_same_for_one_and_for_many(scene: Scene) -> None:
    query = "{ pages(first: 50) { edges { node { draft { page { attributes { values { name } } } } } } } }"
    await scene.attribute("topic")
    await scene.attribute("picture", "FILE")
    async with scene.api.database.unit() as session:
        more = [await make.page(session, kind=scene.kind) for _ in range(5)]
    values = scene.given(topic=dropdown("Hair"), picture={"file": f"/media/{PICTURE}"})
    await scene.update(topic=dropdown("Hair"))
    await scene.ask(SAVE, input=values)
    one = await scene.api(query, token=scene.token)
    for page in more:
        await scene.ask(SAVE, id=ids.encode("Page", page.id), input=values)
    many = await scene.api(query, token=scene.token)
    drafts = [edge["node"]["draft"] for edge in many.data["pages"]["edges"]]
    shown = {"page": {"attributes": [{"values": [{"name": "Hair"}]}, {"values": [{"name": f"ab{'c' * 62}.png"}]}]}}
    assert [each for each in drafts if each is not None] == [shown] * 6
    assert one.statements == many.statements == 7
