"""Staff writes menus: entries under entries, moved as a tree that stays one, and leading nowhere unsafe."""

import asyncio
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

STAFF = ("MANAGE_MENUS",)
TREE = "name level url children { name level url children { name level children { name } } }"
DOCUMENTS = {
    "menuCreate": ("$input: MenuCreateInput!", "input: $input", f"menu {{ id name slug items {{ {TREE} }} }}"),
    "menuUpdate": ("$id: ID!, $input: MenuInput!", "id: $id, input: $input", "menu { name slug }"),
    "menuDelete": ("$id: ID!", "id: $id", "menu { name }"),
    "menuBulkDelete": ("$ids: [ID!]!", "ids: $ids", "count"),
    "menuItemCreate": (
        "$input: MenuItemCreateInput!",
        "input: $input",
        "menuItem { id name level url menu { slug } parent { name children { name } } page { slug } }",
    ),
    "menuItemUpdate": (
        "$id: ID!, $input: MenuItemInput!",
        "id: $id, input: $input",
        "menuItem { name url page { slug } children { name } }",
    ),
    "menuItemDelete": ("$id: ID!", "id: $id", "menuItem { name children { name } }"),
    "menuItemBulkDelete": ("$ids: [ID!]!", "ids: $ids", "count"),
    "menuItemMove": (
        "$menu: ID!, $moves: [MenuItemMoveInput!]!",
        "menu: $menu, moves: $moves",
        f"menu {{ items {{ {TREE} }} }}",
    ),
}


class Desk:
    """Sends a mutation as staff; the answer is what it made, or its errors as pairs."""

    def __init__(self, api: Api, token: str) -> None:
        self.api, self.token = api, token

    async def __call__(self, name: str, **variables: Any) -> Any:
        declared, passed, result = DOCUMENTS[name]
        document = f"mutation M({declared}) {{ {name}({passed}) {{ {result} errors {{ field code }} }} }}"
        payload = (await self.api(document, variables, token=self.token)).data[name]
        errors = [(error["field"], error["code"]) for error in payload.pop("errors")]
        (made,) = payload.values()
        return errors or made

    async def item(self, menu: str, name: str, **values: Any) -> str:
        return str((await self("menuItemCreate", input={"menu": menu, "name": name, **values}))["id"])


@pytest.fixture
async def desk(api: Api) -> Desk:
    return Desk(api, await api.login("editor@example.com", *STAFF))


async def tree(api: Api, slug: str) -> Any:
    """The names of a menu's entries, each with those below it."""
    answer = await api(f'{{ menu(slug: "{slug}") {{ items {{ {TREE} }} }} }}')
    return _names(answer.data["menu"]["items"])


def _names(entries: list[dict[str, Any]]) -> list[Any]:
    return [(entry["name"], _names(entry["children"])) if entry.get("children") else entry["name"] for entry in entries]


async def test_a_menu_is_made_with_its_entries(api: Api, desk: Desk) -> None:
    made = await desk("menuCreate", input={"name": "Près de vous", "items": [{"name": "Shop", "url": "/products"}]})
    again = await desk("menuCreate", input={"name": "Près de vous"})
    assert (made["slug"], again["slug"]) == ("pres-de-vous", "pres-de-vous-2")
    assert made["items"] == [{"name": "Shop", "level": 0, "url": "/products", "children": []}]


async def test_entries_are_added_under_others(api: Api, desk: Desk) -> None:
    page = await api.database.run(lambda session: make.page(session, slug="about", is_published=True))
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    above = await desk.item(menu, "About us")
    target = ids.encode("Page", page.id)
    made = await desk("menuItemCreate", input={"menu": menu, "parent": above, "name": "Team", "page": target})
    assert made.pop("id")
    assert made == {
        "name": "Team",
        "level": 1,
        "url": None,
        "menu": {"slug": "top"},
        "parent": {"name": "About us", "children": [{"name": "Team"}]},
        "page": {"slug": "about"},
    }
    asked = await api("query Q($id: ID!) { menuItem(id: $id) { name children { name } } }", {"id": above})
    assert asked.data["menuItem"] == {"name": "About us", "children": [{"name": "Team"}]}


async def test_a_new_target_takes_the_old_ones_place(api: Api, desk: Desk) -> None:
    page = await api.database.run(lambda session: make.page(session, slug="about", is_published=True))
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    entry = await desk.item(menu, "About", url="https://example.com/about")
    changed = await desk("menuItemUpdate", id=entry, input={"page": ids.encode("Page", page.id)})
    assert changed == {"name": "About", "url": None, "page": {"slug": "about"}, "children": []}
    assert (await desk("menuItemUpdate", id=entry, input={"name": "We"}))["page"] == {"slug": "about"}


async def test_entries_are_moved_in_order(api: Api, desk: Desk) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    a, b, c, d = [await desk.item(menu, name) for name in "abcd"]
    await desk("menuItemMove", menu=menu, moves=[{"itemId": d, "sortOrder": -2}, {"itemId": a, "sortOrder": 99}])
    assert await tree(api, "top") == ["d", "b", "c", "a"]
    moves = [{"itemId": b, "parentId": d}, {"itemId": c, "parentId": b}, {"itemId": a, "parentId": d, "sortOrder": -1}]
    moved = await desk("menuItemMove", menu=menu, moves=moves)
    assert _names(moved["items"]) == [("d", ["a", ("b", ["c"])])]
    assert moved["items"][0]["children"][1]["children"][0]["level"] == 2
    await desk("menuItemMove", menu=menu, moves=[{"itemId": b}])
    assert await tree(api, "top") == [("d", ["a"]), ("b", ["c"])]


async def test_a_tree_stays_one(api: Api, desk: Desk) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    other = (await desk("menuCreate", input={"name": "Other"}))["id"]
    a = await desk.item(menu, "a")
    b = await desk.item(menu, "b", parent=a)
    stranger = await desk.item(other, "stranger")
    before = await tree(api, "top")
    for moves, error in (
        (
            [{"itemId": b}, {"itemId": b, "parentId": a}, {"itemId": a, "parentId": b}],
            ("parentId", "CANNOT_ASSIGN_NODE"),
        ),
        ([{"itemId": a, "parentId": a}], ("parentId", "CANNOT_ASSIGN_NODE")),
        ([{"itemId": a, "parentId": stranger}], ("parent", "NOT_FOUND")),
        ([{"itemId": stranger}], ("item", "NOT_FOUND")),
    ):
        assert await desk("menuItemMove", menu=menu, moves=moves) == [error]
        assert await tree(api, "top") == before
    assert await desk("menuItemCreate", input={"menu": menu, "name": "x", "parent": stranger}) == [
        ("parent", "NOT_FOUND")
    ]


async def test_moves_at_the_same_time_make_no_circle(committed_api: Api) -> None:
    desk = Desk(committed_api, await committed_api.login("editor@example.com", *STAFF))
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    a, b = [await desk.item(menu, name) for name in "ab"]
    for _ in range(5):
        await asyncio.gather(
            desk("menuItemMove", menu=menu, moves=[{"itemId": a, "parentId": b}]),
            desk("menuItemMove", menu=menu, moves=[{"itemId": b, "parentId": a}]),
        )
        assert await tree(committed_api, "top") in ([("a", ["b"])], [("b", ["a"])])
        await desk("menuItemMove", menu=menu, moves=[{"itemId": a}, {"itemId": b}])


async def test_a_menu_is_eight_levels_deep_at_most(desk: Desk) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    above = await desk.item(menu, "0")
    for level in range(1, 8):
        above = await desk.item(menu, str(level), parent=above)
    too_deep = {"menu": menu, "name": "8", "parent": above}
    assert await desk("menuItemCreate", input=too_deep) == [("parent", "INVALID")]
    top = await desk.item(menu, "top")
    assert await desk("menuItemMove", menu=menu, moves=[{"itemId": top, "parentId": above}]) == [("moves", "INVALID")]


async def test_what_goes_takes_what_is_below_with_it(api: Api, desk: Desk) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    a = await desk.item(menu, "a")
    await desk.item(menu, "b", parent=a)
    c = await desk.item(menu, "c")
    assert await desk("menuItemDelete", id=a) == {"name": "a", "children": [{"name": "b"}]}
    assert await tree(api, "top") == ["c"]
    assert await desk("menuItemBulkDelete", ids=[c, a]) == 1
    assert await desk("menuDelete", id=menu) == {"name": "Top"}
    assert await desk("menuBulkDelete", ids=[menu]) == 0
    assert (await api('{ menu(slug: "top") { id } }')).data["menu"] is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:x",
        "data:text/html,x",
        "//evil.test",
        "/\\evil.test",
        "vbscript:x",
        "x",
    ],
)
async def test_no_entry_leads_to_a_program(desk: Desk, url: str) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    assert await desk("menuItemCreate", input={"menu": menu, "name": "x", "url": url}) == [("url", "INVALID")]


@pytest.mark.parametrize(
    ("name", "variables", "error"),
    [
        ("menuCreate", {"input": {"name": " "}}, ("name", "REQUIRED")),
        ("menuCreate", {"input": {"name": "n" * 129}}, ("name", "INVALID")),
        ("menuCreate", {"input": {"name": "x", "slug": "taken"}}, ("slug", "UNIQUE")),
        ("menuCreate", {"input": {"name": "x", "slug": "No Slug"}}, ("slug", "INVALID")),
        ("menuCreate", {"input": {"name": "x", "items": [{"name": "y"}]}}, ("items", "NO_MENU_ITEM_PROVIDED")),
        ("menuUpdate", {"id": "TWVudTo5OTk=", "input": {}}, ("id", "NOT_FOUND")),
        ("menuDelete", {"id": "TWVudTo5OTk="}, ("id", "NOT_FOUND")),
        ("menuDelete", {"id": "UGFnZTox"}, ("id", "GRAPHQL_ERROR")),
        ("menuBulkDelete", {"ids": ["TWVudTox"] * 101}, ("ids", "INVALID")),
        ("menuItemCreate", {"input": {"menu": "TWVudTo5OTk=", "name": "x"}}, ("id", "NOT_FOUND")),
        ("menuItemDelete", {"id": "TWVudUl0ZW06OTk5"}, ("id", "NOT_FOUND")),
        ("menuItemUpdate", {"id": "TWVudUl0ZW06OTk5", "input": {}}, ("id", "NOT_FOUND")),
        ("menuItemMove", {"menu": "TWVudTo5OTk=", "moves": []}, ("id", "NOT_FOUND")),
    ],
)
async def test_what_is_refused(desk: Desk, name: str, variables: dict[str, Any], error: tuple[str, str]) -> None:
    await desk("menuCreate", input={"name": "Taken"})
    assert await desk(name, **variables) == [error]


async def test_an_entry_leads_to_one_place_that_exists(desk: Desk) -> None:
    menu = (await desk("menuCreate", input={"name": "Top"}))["id"]
    entry = {"menu": menu, "name": "x", "url": "/x"}
    nowhere = ids.encode("Category", 2_000_000_000)
    assert await desk("menuItemCreate", input={**entry, "category": nowhere}) == [(None, "TOO_MANY_MENU_ITEMS")]
    assert await desk("menuItemCreate", input={"menu": menu, "name": "x", "category": nowhere}) == [
        ("category", "NOT_FOUND")
    ]


async def test_only_who_manages_menus_writes_them(api: Api) -> None:
    document = 'mutation { menuCreate(input: {name: "x"}) { errors { code } } }'
    for token in (None, await api.login("customer@example.com"), await api.login("s@example.com", "MANAGE_PAGES")):
        answer = await api(document, token=token)
        assert answer.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert (await api('{ menu(slug: "x") { id } }')).data["menu"] is None
