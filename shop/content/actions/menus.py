"""Menus and their entries. Whoever changes the entries of a menu holds its row, so that its tree stays a tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Category, Collection
from shop.content.errors import (
    CannotMoveThere,
    MenuItemNotFound,
    MenuNotFound,
    NoTarget,
    SeveralTargets,
    SlugTaken,
    TargetNotFound,
)
from shop.content.models import Menu, MenuItem, Navigation, Page
from shop.content.rules.links import is_safe_target
from shop.kit.errors import Invalid
from shop.kit.slugs import free_slug, is_slug, slugified
from shop.translations.models import Translation

MOST_ENTRIES: Final = 500
DEEPEST_LEVEL: Final = 7
_LONGEST_NAME: Final = 128
_LONGEST_URL: Final = 256
_TARGETS: Final[dict[str, Any]] = {"category_id": Category, "collection_id": Collection, "page_id": Page}


@dataclass(frozen=True, slots=True)
class Move:
    """Where an entry goes: under which parent, and so many places down (or up, when negative) among its siblings."""

    item_id: int
    parent_id: int | None = None
    places: int = 0


async def create_menu(session: AsyncSession, name: str, slug: str | None, entries: Sequence[Mapping[str, Any]]) -> int:
    """There is a menu with these entries at its top. Raises: Invalid, SlugTaken, NoTarget, and as `create_item`."""
    checked = [await _checked(session, entry, field="items") for entry in entries]
    for entry in checked:
        if not any(entry.get(target) for target in ("url", *_TARGETS)):
            raise NoTarget(field="items")
    if len(checked) > MOST_ENTRIES:
        raise Invalid(f"A menu has at most {MOST_ENTRIES} entries.", field="items")
    values = {"name": _name(name), "slug": await (_checked_slug(session, slug) if slug else _free_slug(session, name))}
    menu_id = int((await session.execute(insert(Menu).values(**values).returning(Menu.id))).scalar_one())
    for place, entry in enumerate(checked):
        await session.execute(insert(MenuItem).values(menu_id=menu_id, sort_order=place, **entry))
    return menu_id


async def update_menu(session: AsyncSession, menu_id: int, values: Mapping[str, Any]) -> None:
    """The menu has this name and slug. Raises: MenuNotFound, Invalid, SlugTaken."""
    await _held(session, menu_id)
    changed = {}
    if "name" in values:
        changed["name"] = _name(values["name"])
    if "slug" in values:
        changed["slug"] = await _checked_slug(session, values["slug"] or "", but=menu_id)
    if changed:
        await session.execute(update(Menu).where(Menu.id == menu_id).values(**changed))


async def delete_menus(session: AsyncSession, menu_ids: Iterable[int]) -> int:
    """The menus are gone with their entries; says how many there were."""
    found = await session.execute(delete(Menu).where(Menu.id.in_(sorted(menu_ids))).returning(Menu.id))
    return len(found.all())


async def create_item(session: AsyncSession, menu_id: int, parent_id: int | None, values: Mapping[str, Any]) -> int:
    """The menu has one more entry, the last under its parent. One without a target is a heading.

    Raises: MenuNotFound, MenuItemNotFound, SeveralTargets, TargetNotFound, Invalid.
    """
    await _held(session, menu_id)
    tree = await _tree(session, menu_id)
    if len(tree) >= MOST_ENTRIES:
        raise Invalid(f"A menu has at most {MOST_ENTRIES} entries.", field="menu")
    level = 0
    if parent_id is not None:
        if parent_id not in tree:
            raise MenuItemNotFound(field="parent")
        level = tree[parent_id].level + 1
        _check_level(level, field="parent")
    checked = await _checked(session, values)
    if "name" not in checked:
        raise Invalid("An entry needs a name.", field="name", code="REQUIRED")
    place = 1 + max((item.sort_order for item in tree.values() if item.parent_id == parent_id), default=-1)
    made = await session.execute(
        insert(MenuItem)
        .values(menu_id=menu_id, parent_id=parent_id, level=level, sort_order=place, **checked)
        .returning(MenuItem.id)
    )
    return int(made.scalar_one())


async def update_item(session: AsyncSession, item_id: int, values: Mapping[str, Any]) -> None:
    """The entry has these values; a new target takes the place of the old one.

    Raises: MenuItemNotFound, SeveralTargets, TargetNotFound, Invalid.
    """
    checked = await _checked(session, values)
    if any(checked.get(target) for target in ("url", *_TARGETS)):
        checked = {"url": None, "category_id": None, "collection_id": None, "page_id": None} | checked
    found = await session.execute(
        update(MenuItem).where(MenuItem.id == item_id).values(id=MenuItem.id, **checked).returning(MenuItem.id)
    )
    if found.first() is None:
        raise MenuItemNotFound


async def delete_items(session: AsyncSession, item_ids: Iterable[int]) -> int:
    """The entries are gone with those below them; says how many of the named ones there were."""
    found = await session.execute(delete(MenuItem).where(MenuItem.id.in_(sorted(item_ids))).returning(MenuItem.id))
    return len(found.all())


async def move_items(session: AsyncSession, menu_id: int, moves: Sequence[Move]) -> None:
    """The entries are where the moves, one after the other, put them.

    Raises: MenuNotFound, MenuItemNotFound, CannotMoveThere, Invalid.
    """
    await _held(session, menu_id)
    tree = await _tree(session, menu_id)
    siblings: dict[int | None, list[int]] = {}
    for item in tree.values():
        siblings.setdefault(item.parent_id, []).append(item.id)
    parents = {item.id: item.parent_id for item in tree.values()}
    for move in moves:
        _move(parents, siblings, move)
    levels = {item_id: _depth(parents, item_id) for item_id in parents}
    _check_level(max(levels.values(), default=0), field="moves")
    for parent_id, order in siblings.items():
        for place, item_id in enumerate(order):
            now = (parent_id, place, levels[item_id])
            before = tree[item_id]
            if now != (before.parent_id, before.sort_order, before.level):
                await session.execute(
                    update(MenuItem)
                    .where(MenuItem.id == item_id)
                    .values(parent_id=parent_id, sort_order=place, level=levels[item_id])
                )


async def translate_item(session: AsyncSession, item_id: int, language: str, given: Mapping[str, str | None]) -> None:
    """The entry says this `name` in the language; without a text it is not translated, left out it stays.

    Raises: MenuItemNotFound, Invalid.
    """
    if await session.scalar(select(MenuItem.id).where(MenuItem.id == item_id).with_for_update()) is None:
        raise MenuItemNotFound
    if "name" not in given:
        return
    row: dict[str, Any] = {"kind": "menu_item", "row_id": item_id, "language": language}
    if not (given["name"] or "").strip():
        await session.execute(delete(Translation).filter_by(**row))
        return
    texts = {"name": _name(given["name"])}
    said = upsert(Translation).values(**row, texts=texts)
    await session.execute(said.on_conflict_do_update(index_elements=list(row), set_={"texts": texts}))


async def assign(session: AsyncSession, place: str, menu_id: int | None) -> None:
    """The place shows this menu, or its usual one where there is none. Raises: MenuNotFound."""
    if menu_id is None:
        await session.execute(delete(Navigation).where(Navigation.place == place))
        return
    await _held(session, menu_id, field="menu")
    chosen = upsert(Navigation).values(place=place, menu_id=menu_id)
    await session.execute(chosen.on_conflict_do_update(index_elements=["place"], set_={"menu_id": menu_id}))


def _move(parents: dict[int, int | None], siblings: dict[int | None, list[int]], move: Move) -> None:
    if move.item_id not in parents:
        raise MenuItemNotFound(field="item")
    if move.parent_id != parents[move.item_id]:
        above = move.parent_id
        if above is not None and above not in parents:
            raise MenuItemNotFound(field="parent")
        while above is not None:
            if above == move.item_id:
                raise CannotMoveThere
            above = parents[above]
        siblings[parents[move.item_id]].remove(move.item_id)
        siblings.setdefault(move.parent_id, []).append(move.item_id)
        parents[move.item_id] = move.parent_id
    if move.places:
        order = siblings[parents[move.item_id]]
        place = order.index(move.item_id)
        order.insert(max(place + move.places, 0), order.pop(place))


def _depth(parents: Mapping[int, int | None], item_id: int) -> int:
    depth, above = 0, parents[item_id]
    while above is not None:
        depth, above = depth + 1, parents[above]
    return depth


def _check_level(level: int, *, field: str) -> None:
    if level > DEEPEST_LEVEL:
        raise Invalid(f"A menu is at most {DEEPEST_LEVEL + 1} levels deep.", field=field)


async def _held(session: AsyncSession, menu_id: int, *, field: str = "id") -> None:
    found = await session.execute(select(Menu.id).where(Menu.id == menu_id).with_for_update())
    if found.first() is None:
        raise MenuNotFound(field=field)


async def _tree(session: AsyncSession, menu_id: int) -> dict[int, Any]:
    """The menu's entries by their keys, in order."""
    columns = (MenuItem.id, MenuItem.parent_id, MenuItem.level, MenuItem.sort_order)
    found = await session.execute(
        select(*columns).where(MenuItem.menu_id == menu_id).order_by(MenuItem.sort_order, MenuItem.id)
    )
    return {row.id: row for row in found}


async def _checked(session: AsyncSession, values: Mapping[str, Any], field: str | None = None) -> dict[str, Any]:
    """The entry's values as they are stored. `field`: what errors name instead of the value's own field."""
    checked = dict(values)
    if "name" in checked:
        checked["name"] = _name(checked["name"], field=field or "name")
    given = [target for target in ("url", *_TARGETS) if checked.get(target)]
    if len(given) > 1:
        raise SeveralTargets(field=field)
    url = checked.get("url")
    if url and (len(url) > _LONGEST_URL or not is_safe_target(url)):
        raise Invalid(
            "Must be a path of this shop, or an address with http, https, mailto or tel.", field=field or "url"
        )
    for target, model in _TARGETS.items():
        key = checked.get(target)
        if key is not None and await session.scalar(select(model.id).where(model.id == key)) is None:
            raise TargetNotFound(field=field or target.removesuffix("_id"))
    return checked


def _name(text: str | None, field: str = "name") -> str:
    name = (text or "").strip()
    if not name:
        raise Invalid("A name is needed.", field=field, code="REQUIRED")
    if len(name) > _LONGEST_NAME:
        raise Invalid(f"A name has at most {_LONGEST_NAME} characters.", field=field)
    return name


async def _checked_slug(session: AsyncSession, given: str, but: int = 0) -> str:
    if not is_slug(given):
        raise Invalid("A slug has lower-case letters, digits and single hyphens.", field="slug")
    if await session.scalar(select(Menu.id).where(Menu.slug == given, Menu.id != but)) is not None:
        raise SlugTaken
    return given


async def _free_slug(session: AsyncSession, name: str) -> str:
    base = slugified(name) or "menu"
    taken = await session.scalars(select(Menu.slug).where(Menu.slug.startswith(base, autoescape=True)))
    return free_slug(base, set(taken))
