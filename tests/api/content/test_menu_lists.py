"""Menus are listed by name or by how many entries they have, and found by slug, words and metadata."""

from typing import Any

import pytest

from tests import factories as make
from tests.api.client import Api

LIST = """query Q($filter: MenuFilterInput, $sort: MenuSortingInput, $first: Int, $after: String, $last: Int) {
  menus(filter: $filter, sortBy: $sort, first: $first, after: $after, last: $last) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { slug items { name } } } } }"""


@pytest.fixture
async def menus(api: Api) -> None:
    async def work(session: Any) -> None:
        for name, entries in (("Top", 2), ("Footer", 3), ("Help", 0)):
            menu = await make.menu(session, slug=name.lower(), name=name)
            menu.metadata_public = {"place": name}
            for number in range(entries):
                await make.menu_item(session, menu, name=f"{name} {number}", url="/")

    await api.database.run(work)


async def slugs(api: Api, **asked: Any) -> list[str]:
    answer = await api(LIST, {"first": 10, **asked})
    return [edge["node"]["slug"] for edge in answer.data["menus"]["edges"]]


@pytest.mark.usefixtures("menus")
async def test_menus_are_sorted(api: Api) -> None:
    assert await slugs(api) == ["footer", "help", "top"]
    assert await slugs(api, sort={"field": "NAME", "direction": "DESC"}) == ["top", "help", "footer"]
    assert await slugs(api, sort={"field": "ITEMS_COUNT", "direction": "ASC"}) == ["help", "top", "footer"]


@pytest.mark.usefixtures("menus")
@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"search": "OO"}, ["footer"]),
        ({"search": "%"}, []),
        ({"slugs": ["top", "help"]}, ["help", "top"]),
        ({"slug": ["top"]}, ["top"]),
        ({"slugs": []}, ["footer", "help", "top"]),
        ({"metadata": [{"key": "place", "value": "Help"}]}, ["help"]),
        ({"metadata": [{"key": "none"}]}, []),
        ({"search": "t", "slugs": ["top"]}, ["top"]),
    ],
)
async def test_menus_are_filtered(api: Api, filter: dict[str, Any], found: list[str]) -> None:
    assert await slugs(api, filter=filter) == found


@pytest.mark.usefixtures("menus")
async def test_menus_are_paged_with_constant_statements(api: Api) -> None:
    one = await api(LIST, {"first": 1})
    page = one.data["menus"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    assert [item["name"] for item in page["edges"][0]["node"]["items"]] == ["Footer 0", "Footer 1", "Footer 2"]
    rest = await api(LIST, {"first": 2, "after": page["pageInfo"]["endCursor"]})
    assert [edge["node"]["slug"] for edge in rest.data["menus"]["edges"]] == ["help", "top"]
    assert rest.statements == one.statements
    assert await slugs(api, first=None, last=1) == ["top"]
