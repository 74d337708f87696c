"""Entries of all menus in one list, their names in other languages, and which menus every page shows."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

LIST = """query Q($filter: MenuItemFilterInput, $sort: MenuItemSortingInput, $first: Int, $after: String, $last: Int) {
  menuItems(filter: $filter, sortBy: $sort, first: $first, after: $after, last: $last, channel: "default-channel") {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { name menu { slug } parent { name } children { name children { name } } } } } }"""
TRANSLATE = """mutation M($id: ID!, $input: NameTranslationInput!, $language: LanguageCodeEnum = DE) {
  menuItemTranslate(id: $id, input: $input, languageCode: $language) {
    menuItem { name translation(languageCode: DE) {
      name language { code }
      translatableContent {
        id menuItemId name menuItem { name } translation(languageCode: DE) { name }
      }
    } }
    errors { field code } translationErrors { code }
  }
}"""
ASSIGN = """mutation M($place: NavigationType!, $menu: ID) {
  assignNavigation(navigationType: $place, menu: $menu) { menu { slug } errors { field code } menuErrors { code } } }"""
SHOWN = "{ shop { navigation { main { slug items { name } } secondary { slug } } } }"


@pytest.fixture
async def menus(api: Api) -> dict[str, str]:
    """A menu of three levels and one beside it; IDs by what they are called."""

    async def work(session: AsyncSession) -> dict[str, str]:
        top = await make.menu(session, slug="top")
        care = await make.menu_item(session, top, name="Care")
        hair = await make.menu_item(session, top, name="Hair", parent=care)
        await make.menu_item(session, top, name="Ends", parent=hair, url="/ends")
        foot = await make.menu(session, slug="foot")
        about = await make.menu_item(session, foot, name="About", url="/about")
        about.metadata_public = {"icon": "i"}
        entries = {item.name: ids.encode("MenuItem", item.id) for item in (care, hair, about)}
        return entries | {menu.slug: ids.encode("Menu", menu.id) for menu in (top, foot)}

    return await api.database.run(work)


async def names(api: Api, **asked: Any) -> list[str]:
    answer = await api(LIST, {"first": 10, **asked})
    return [edge["node"]["name"] for edge in answer.data["menuItems"]["edges"]]


@pytest.mark.usefixtures("menus")
async def test_entries_of_all_menus_are_listed_with_what_is_around_them(api: Api) -> None:
    answer = await api(LIST, {"first": 2, "sort": {"field": "NAME", "direction": "DESC"}})
    page = answer.data["menuItems"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    assert [edge["node"] for edge in page["edges"]] == [
        {
            "name": "Hair",
            "menu": {"slug": "top"},
            "parent": {"name": "Care"},
            "children": [{"name": "Ends", "children": []}],
        },
        {"name": "Ends", "menu": {"slug": "top"}, "parent": {"name": "Hair"}, "children": []},
    ]
    rest = await api(
        LIST, {"first": 2, "after": page["pageInfo"]["endCursor"], "sort": {"field": "NAME", "direction": "DESC"}}
    )
    assert [edge["node"]["name"] for edge in rest.data["menuItems"]["edges"]] == ["Care", "About"]
    assert await names(api) == ["About", "Care", "Ends", "Hair"]
    assert await names(api, first=None, last=1) == ["Hair"]


@pytest.mark.usefixtures("menus")
@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"search": "A"}, ["About", "Care", "Hair"]),
        ({"search": " "}, ["About", "Care", "Ends", "Hair"]),
        ({"search": "_"}, []),
        ({"metadata": [{"key": "icon", "value": "i"}]}, ["About"]),
        ({"metadata": [{"key": "icon"}], "search": "care"}, []),
    ],
)
async def test_entries_are_filtered(api: Api, filter: dict[str, Any], found: list[str]) -> None:
    assert await names(api, filter=filter) == found


@pytest.mark.usefixtures("menus")
async def test_entries_cost_the_same_statements_however_many(api: Api) -> None:
    one, all_of_them = await api(LIST, {"first": 1}), await api(LIST, {"first": 10})
    assert len(all_of_them.data["menuItems"]["edges"]) == 4
    # About has no parent: what is above the others is two statements more, for one and for many.
    two = await api(LIST, {"last": 1})
    assert two.statements == all_of_them.statements
    assert one.statements < two.statements
    bare = await api("{ menuItems(first: 10) { edges { node { name } } } }")
    assert bare.statements == 1


async def test_an_entry_is_translated_and_taken_back(api: Api, menus: dict[str, str]) -> None:
    token = await api.login("translator@example.com", "MANAGE_TRANSLATIONS")

    async def say(id: str, given: dict[str, Any]) -> Any:
        return (await api(TRANSLATE, {"id": id, "input": given}, token=token)).data["menuItemTranslate"]

    made = await say(menus["Care"], {"name": " Pflege "})
    assert made["errors"] == made["translationErrors"] == []
    german = made["menuItem"]["translation"]
    content = german["translatableContent"]
    assert (made["menuItem"]["name"], german["name"], german["language"]) == ("Care", "Pflege", {"code": "DE"})
    assert content.pop("id") == ids.encode("MenuItemTranslatableContent", ids.decode_int(menus["Care"], "MenuItem"))
    assert content == {
        "menuItemId": menus["Care"],
        "name": "Care",
        "menuItem": {"name": "Care"},
        "translation": {"name": "Pflege"},
    }
    by_content = ids.encode("MenuItemTranslatableContent", ids.decode_int(menus["Care"], "MenuItem"))
    assert (await say(by_content, {"name": "Sorge"}))["menuItem"]["translation"]["name"] == "Sorge"
    assert (await say(menus["Care"], {}))["menuItem"]["translation"]["name"] == "Sorge"
    assert (await say(menus["Hair"], {}))["menuItem"]["translation"] is None
    assert (await say(menus["Care"], {"name": None}))["menuItem"] == {"name": "Care", "translation": None}


@pytest.mark.parametrize(
    ("id", "name", "error"),
    [
        ("Care", "n" * 129, ("name", "INVALID")),
        ("TWVudUl0ZW06OTk5OTk5", "x", ("id", "NOT_FOUND")),
        ("top", "x", ("id", "GRAPHQL_ERROR")),
        ("nonsense", "x", ("id", "GRAPHQL_ERROR")),
    ],
)
async def test_what_is_no_translation_is_refused(
    api: Api, menus: dict[str, str], id: str, name: str, error: tuple[str, str]
) -> None:
    token = await api.login("translator@example.com", "MANAGE_TRANSLATIONS")
    asked = {"id": menus.get(id, id), "input": {"name": name}}
    answer = (await api(TRANSLATE, asked, token=token)).data["menuItemTranslate"]
    assert [(each["field"], each["code"]) for each in answer["errors"]] == [error]
    assert answer["menuItem"] is None
    after = await api('{ menu(slug: "top") { items { translation(languageCode: DE) { name } } } }')
    assert after.data["menu"]["items"] == [{"translation": None}]


async def test_translators_translate_and_nobody_else(api: Api, menus: dict[str, str]) -> None:
    asked = {"id": menus["Care"], "input": {"name": "x"}}
    for token in (None, await api.login("customer@example.com"), await api.login("s@example.com", "MANAGE_MENUS")):
        answer = await api(TRANSLATE, asked, token=token)
        assert answer.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    shown = await api('{ menu(slug: "top") { items { translation(languageCode: DE) { name } } } }')
    assert shown.data["menu"]["items"] == [{"translation": None}]


async def test_a_place_shows_the_menu_that_was_chosen_for_it(api: Api, menus: dict[str, str]) -> None:
    nothing: dict[str, Any] = {"main": None, "secondary": None}
    assert (await api(SHOWN)).data["shop"]["navigation"] == nothing
    for permission in ("MANAGE_MENUS", "MANAGE_SETTINGS"):
        token = await api.login(f"{permission.lower()}@example.com", permission)
        chosen = (await api(ASSIGN, {"place": "MAIN", "menu": menus["top"]}, token=token)).data["assignNavigation"]
        assert chosen == {"menu": {"slug": "top"}, "errors": [], "menuErrors": []}
        assert (await api(SHOWN)).data["shop"]["navigation"] == {
            "main": {"slug": "top", "items": [{"name": "Care"}]},
            "secondary": None,
        }
        another = await api(ASSIGN, {"place": "MAIN", "menu": menus["foot"]}, token=token)
        assert another.data["assignNavigation"]["menu"] == {"slug": "foot"}
        assert (await api(SHOWN)).data["shop"]["navigation"]["main"]["slug"] == "foot"
        none = await api(ASSIGN, {"place": "MAIN"}, token=token)
        assert none.data["assignNavigation"] == {"menu": None, "errors": [], "menuErrors": []}
        assert (await api(SHOWN)).data["shop"]["navigation"] == nothing


async def test_until_staff_chooses_a_place_shows_its_usual_menu(api: Api, menus: dict[str, str]) -> None:
    async def usual(session: AsyncSession) -> None:
        for slug in ("navbar", "footer"):
            await make.menu(session, slug=slug)

    await api.database.run(usual)
    assert (await api(SHOWN)).data["shop"]["navigation"] == {
        "main": {"slug": "navbar", "items": []},
        "secondary": {"slug": "footer"},
    }
    token = await api.login("editor@example.com", "MANAGE_MENUS")
    await api(ASSIGN, {"place": "SECONDARY", "menu": menus["foot"]}, token=token)
    chosen = await api(SHOWN)
    assert chosen.data["shop"]["navigation"]["secondary"] == {"slug": "foot"}
    # A menu that is gone leaves its place to the usual one.
    await api("mutation M($id: ID!) { menuDelete(id: $id) { errors { code } } }", {"id": menus["foot"]}, token=token)
    assert (await api(SHOWN)).data["shop"]["navigation"]["secondary"] == {"slug": "footer"}


async def test_no_place_shows_a_menu_that_is_none(api: Api, menus: dict[str, str]) -> None:
    token = await api.login("editor@example.com", "MANAGE_MENUS")
    for menu, code in (("TWVudTo5OTk5OTk=", "NOT_FOUND"), (menus["Care"], "GRAPHQL_ERROR"), ("x", "GRAPHQL_ERROR")):
        answer = (await api(ASSIGN, {"place": "MAIN", "menu": menu}, token=token)).data["assignNavigation"]
        assert (answer["menu"], answer["errors"]) == (None, [{"field": "menu", "code": code}])
    for stranger in (None, await api.login("customer@example.com"), await api.login("s@example.com", "MANAGE_PAGES")):
        refused = await api(ASSIGN, {"place": "MAIN", "menu": menus["top"]}, token=stranger)
        assert refused.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert (await api(SHOWN)).data["shop"]["navigation"]["main"] is None
