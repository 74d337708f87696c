"""Pages and menus over GraphQL."""

from datetime import timedelta

import pytest

from shop.kit import clock
from tests import factories as make
from tests.api.client import Api

PAGE = """
query Page($slug: String, $id: ID) {
  page(slug: $slug, id: $id) {
    id title slug content contentHtml isPublished seoTitle pageType { slug name } metadata { key value }
    translation(languageCode: DE) { title }
  }
}
"""
PAGES = """
query Pages($first: Int, $after: String, $last: Int, $before: String, $where: PageWhereInput) {
  pages(first: $first, after: $after, last: $last, before: $before, where: $where) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { slug } }
  }
}
"""
MENU = """
query Menu($slug: String!, $channel: String) {
  menu(slug: $slug, channel: $channel) {
    name
    items {
      name level url category { slug } collection { slug } page { slug }
      children { name level page { slug } children { name url } }
    }
  }
}
"""
BLOCKS = {
    "blocks": [
        {"type": "header", "data": {"text": "Why", "level": 2}},
        {"type": "paragraph", "data": {"text": 'Because<script>alert("x")</script>'}},
    ]
}


async def test_a_page_is_read_by_its_slug_and_its_id(api: Api) -> None:
    async with api.database.unit() as session:
        await make.page(session, slug="why", title="Why", content=BLOCKS, metadata={"b": "2", "a": "1"})
    found = (await api(PAGE, {"slug": "why"})).data["page"]
    assert found["title"] == "Why"
    assert found["contentHtml"] == '<h2 id="why">Why</h2>\n<p>Because</p>'
    assert '"blocks"' in found["content"]
    assert found["metadata"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    assert found["translation"] is None
    assert (await api(PAGE, {"id": found["id"]})).data["page"] == found
    assert (await api(PAGE, {"slug": "other"})).data["page"] is None
    # Newer clients name their channel; pages are the same in all of them.
    assert (await api('{ page(slug: "why", channel: "anywhere") { title } }')).data == {"page": {"title": "Why"}}


@pytest.mark.parametrize("variables", [{}, {"slug": "a", "id": "UGFnZTox"}])
async def test_exactly_one_key_is_needed(api: Api, variables: dict[str, str]) -> None:
    reply = await api(PAGE, variables)
    assert reply.errors[0]["message"] == "Exactly one of the arguments `id` and `slug` is required."


async def test_drafts_and_future_pages_are_for_who_writes_pages(api: Api) -> None:
    now = clock.now()
    async with api.database.unit() as session:
        await make.page(session, slug="draft", is_published=False)
        await make.page(session, slug="tomorrow", published_at=now + timedelta(days=1))
        await make.page(session, slug="yesterday", published_at=now - timedelta(days=1))
    customer = await api.login()
    staff = await api.login("staff@example.com", "MANAGE_ORDERS")
    writer = await api.login("writer@example.com", "MANAGE_PAGES")
    for slug, public in (("draft", False), ("tomorrow", False), ("yesterday", True)):
        for token, may in ((None, public), (customer, public), (staff, public), (writer, True)):
            assert ((await api(PAGE, {"slug": slug}, token=token)).data["page"] is not None) is may
    public_list = (await api(PAGES, {"first": 10})).data["pages"]
    assert [edge["node"]["slug"] for edge in public_list["edges"]] == ["yesterday"]
    assert public_list["totalCount"] == 1
    assert (await api(PAGES, {"first": 10}, token=writer)).data["pages"]["totalCount"] == 3


async def test_private_metadata_is_for_staff(api: Api) -> None:
    async with api.database.unit() as session:
        await make.page(session, slug="why", private_metadata={"secret": "1"})
    query = '{ page(slug: "why") { title privateMetadata { key value } privateMetafield(key: "secret") } }'
    refused = await api(query)
    assert refused.partial == {"page": None}
    assert refused.errors[0]["message"] == (
        "To access this path, you need one of the following permissions: MANAGE_PAGES"
    )
    assert refused.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    writer = await api.login("writer@example.com", "MANAGE_PAGES")
    assert (await api(query, token=writer)).data["page"]["privateMetafield"] == "1"


async def test_pages_are_listed_both_ways_by_title(api: Api) -> None:
    async with api.database.unit() as session:
        for letter in "cabed":
            await make.page(session, slug=letter, title=f"Title {letter}")
    first = (await api(PAGES, {"first": 2})).data["pages"]
    assert [edge["node"]["slug"] for edge in first["edges"]] == ["a", "b"]
    assert first["totalCount"] == 5
    assert first["pageInfo"]["hasNextPage"] is True
    then = (await api(PAGES, {"first": 3, "after": first["pageInfo"]["endCursor"]})).data["pages"]
    assert [edge["node"]["slug"] for edge in then["edges"]] == ["c", "d", "e"]
    assert then["pageInfo"]["hasNextPage"] is False
    back = (await api(PAGES, {"last": 1, "before": then["pageInfo"]["startCursor"]})).data["pages"]
    assert [edge["node"]["slug"] for edge in back["edges"]] == ["b"]
    chosen = (await api(PAGES, {"first": 9, "where": {"slug": {"oneOf": ["e", "a", "x"]}}})).data["pages"]
    assert [edge["node"]["slug"] for edge in chosen["edges"]] == ["a", "e"]


async def test_a_list_costs_the_same_for_one_page_and_for_twenty(api: Api) -> None:
    query = "{ pages(first: 50) { totalCount edges { node { title contentHtml pageType { slug } } } } }"
    async with api.database.unit() as session:
        await make.page(session, slug="first")
    one = await api(query)
    async with api.database.unit() as session:
        for number in range(19):
            await make.page(session, slug=f"page-{number}")
    twenty = await api(query)
    assert twenty.data["pages"]["totalCount"] == 20
    assert one.statements == twenty.statements == 3


async def test_a_menu_is_a_tree_whose_targets_are_read_once(api: Api) -> None:
    async with api.database.unit() as session:
        about = await make.page(session, slug="about")
        draft = await make.page(session, slug="draft", is_published=False)
        category = await make.category(session, slug="care")
        menu = await make.menu(session, slug="navbar", name="Navigation")
        top = await make.menu_item(session, menu, name="Care", category_id=category.id)
        await make.menu_item(session, menu, name="Web", url="https://example.com")
        child = await make.menu_item(session, menu, name="About", page_id=about.id, parent=top)
        await make.menu_item(session, menu, name="Draft", page_id=draft.id, parent=top)
        await make.menu_item(session, menu, name="Deep", url="/deep", parent=child)
        await make.menu_item(session, menu, name="Top", page_id=about.id)
    reply = await api(MENU, {"slug": "navbar", "channel": "default-channel"})
    assert reply.data["menu"] == {
        "name": "Navigation",
        "items": [
            {
                "name": "Care",
                "level": 0,
                "url": None,
                "category": {"slug": "care"},
                "collection": None,
                "page": None,
                "children": [
                    {
                        "name": "About",
                        "level": 1,
                        "page": {"slug": "about"},
                        "children": [{"name": "Deep", "url": "/deep"}],
                    },
                    {"name": "Draft", "level": 1, "page": None, "children": []},
                ],
            },
            {
                "name": "Web",
                "level": 0,
                "url": "https://example.com",
                "category": None,
                "collection": None,
                "page": None,
                "children": [],
            },
            {
                "name": "Top",
                "level": 0,
                "url": None,
                "category": None,
                "collection": None,
                "page": {"slug": "about"},
                "children": [],
            },
        ],
    }
    before = reply.statements
    async with api.database.unit() as session:
        for number in range(20):
            await make.menu_item(session, menu, name=f"More {number}", page_id=about.id)
    assert (await api(MENU, {"slug": "navbar"})).statements == before
    assert (await api(MENU, {"slug": "nothing"})).data["menu"] is None
