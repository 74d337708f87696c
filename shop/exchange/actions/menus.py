"""Menus that were read, written by the actions of content."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Category, Collection
from shop.content.actions import menus
from shop.content.models import Menu, MenuItem, Page
from shop.content.rules.links import is_safe_target
from shop.exchange.actions.records import known, remember
from shop.exchange.drafts import MenuDraft, MenuEntry
from shop.exchange.report import Entry, Fate

_EDITED: Final = "was edited here since; --overwrite takes the imported entries"
_TARGETS: Final[dict[str, Any]] = {"category": Category, "collection": Collection, "page": Page}


async def write_menu(session: AsyncSession, source: str, draft: MenuDraft, *, overwrite: bool) -> Entry:
    """The menu has the entries that were read, unless somebody changed it here; what became of it.

    Locks: the menu.
    """
    record = (await known(session, source, "menu", [draft.key])).get(draft.key)
    if record is not None and record.id is None and not overwrite:
        return Entry("menu", draft.slug, Fate.SKIPPED, ("was deleted here; --overwrite brings it back",))
    here = Menu.id == record.id if record is not None and record.id is not None else Menu.slug == draft.slug
    menu_id = await session.scalar(select(Menu.id).where(here).with_for_update())
    lost: list[str] = []
    wanted = [entry for item in draft.items if (entry := await _resolved(session, source, item, 0, lost)) is not None]
    notes = tuple(lost)
    if menu_id is None:
        menu_id = await menus.create_menu(session, draft.name, draft.slug, [])
        await _add(session, menu_id, None, wanted)
        await remember(session, source, "menu", [(draft.key, menu_id, await _digest(session, menu_id))])
        return Entry("menu", draft.slug, Fate.CREATED, notes)
    now = await _digest(session, menu_id)
    if now == _shortened(wanted):
        await remember(session, source, "menu", [(draft.key, menu_id, now)])
        return Entry("menu", draft.slug, Fate.UNCHANGED, notes)
    if not overwrite and (record is None or record.digest != now):
        return Entry("menu", draft.slug, Fate.SKIPPED, (_EDITED, *notes))
    items = await session.scalars(select(MenuItem.id).where(MenuItem.menu_id == menu_id, MenuItem.parent_id.is_(None)))
    await menus.delete_items(session, items.all())
    await _add(session, menu_id, None, wanted)
    await remember(session, source, "menu", [(draft.key, menu_id, await _digest(session, menu_id))])
    return Entry("menu", draft.slug, Fate.UPDATED, notes)


async def _resolved(
    session: AsyncSession, source: str, entry: MenuEntry, level: int, lost: list[str]
) -> dict[str, Any] | None:
    """The entry with ids in the place of slugs; None where it leads nowhere and holds nothing."""
    values: dict[str, Any] = {"name": entry.name.strip()[:128], "url": None}
    for target, model in _TARGETS.items():
        slug = getattr(entry, target)
        values[f"{target}_id"] = None
        if slug is None:
            continue
        found = await _target(session, source, model, slug, is_key=entry.is_key)
        if found is None:
            lost.append(f"the entry {entry.name!r} led to a {target} that is not here: {slug}")
        else:
            values[f"{target}_id"], name = found
            values["name"] = values["name"] or name[:128]
    if entry.url is not None:
        if is_safe_target(entry.url) and len(entry.url) <= 256:
            values["url"] = entry.url
        else:
            lost.append(f"the entry {entry.name!r} led to an address that no menu may hold: {entry.url[:200]}")
    values["items"] = []
    if level >= menus.DEEPEST_LEVEL and entry.items:
        lost.append(f"what is below the entry {entry.name!r} is too deep for a menu")
    elif entry.items:
        below = [await _resolved(session, source, item, level + 1, lost) for item in entry.items]
        values["items"] = [item for item in below if item is not None]
    is_lost = not any(values[name] for name in ("url", "category_id", "collection_id", "page_id"))
    had_target = any(getattr(entry, name) is not None for name in ("url", *_TARGETS))
    if not values["name"] or (is_lost and had_target and not values["items"]):
        return None
    return values


async def _target(session: AsyncSession, source: str, model: Any, slug: str, *, is_key: bool) -> Any:
    label = model.title if model is Page else model.name
    if is_key and model is Page:
        record = (await known(session, source, "page", [slug])).get(slug)
        where = model.id == (record.id if record is not None else None)
    else:
        where = model.slug == slug
    return (await session.execute(select(model.id, label).where(where))).one_or_none()


async def _add(session: AsyncSession, menu_id: int, parent_id: int | None, items: Iterable[Mapping[str, Any]]) -> None:
    for item in items:
        values = {name: value for name, value in item.items() if name != "items" and value is not None}
        item_id = await menus.create_item(session, menu_id, parent_id, values)
        await _add(session, menu_id, item_id, item["items"])


async def _digest(session: AsyncSession, menu_id: int) -> str:
    columns = (
        MenuItem.id,
        MenuItem.parent_id,
        MenuItem.name,
        MenuItem.url,
        MenuItem.category_id,
        MenuItem.collection_id,
        MenuItem.page_id,
    )
    found = await session.execute(
        select(*columns).where(MenuItem.menu_id == menu_id).order_by(MenuItem.sort_order, MenuItem.id)
    )
    below: dict[int | None, list[Any]] = {}
    for row in found:
        below.setdefault(row.parent_id, []).append(row)

    def tree(parent_id: int | None) -> list[dict[str, Any]]:
        return [
            {
                "name": row.name,
                "url": row.url,
                "category_id": row.category_id,
                "collection_id": row.collection_id,
                "page_id": row.page_id,
                "items": tree(row.id),
            }
            for row in below.get(parent_id, [])
        ]

    return _shortened(tree(None))


def _shortened(items: list[dict[str, Any]]) -> str:
    return sha256(orjson.dumps(items, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
