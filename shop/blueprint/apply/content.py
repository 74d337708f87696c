"""Page types, pages, menus and staff of a shop file."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from shop.accounts.actions import PERMISSIONS
from shop.accounts.models import User, UserPermission
from shop.blueprint import format as form
from shop.blueprint.apply.assets import Assets
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere, slug_of
from shop.blueprint.apply.table import Row, Scope, Sync
from shop.blueprint.errors import Problem, ShopFileError
from shop.blueprint.format.content import editorjs
from shop.content.actions.revisions import keep, keep_first
from shop.content.models import Menu, MenuItem, Page, PageSlug, PageType
from shop.content.rules.policy import Article, Duty, Finding, findings


async def apply_pages(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile, now: datetime) -> None:
    """Page types and pages are stored, with a revision of each page that changed.

    Raises: ShopFileError for a page that its type's policy keeps from being published, and that has no `override`.
    """
    types = [
        Row(
            (page_type.slug,),
            page_type.slug,
            {"name": page_type.name, "policy": page_type.stored_policy, "metadata": page_type.metadata},
        )
        for page_type in shop.page_types
    ]
    scope = everywhere(shop, "page_types")
    names.learn("page type", await sync.table(PageType, "page type", ["slug"], types, scope=scope, label=slug_of))
    pages = [
        Row(
            (page.slug,),
            page.slug,
            _page_values(names, assets, page),
            fill={"published_at": now} if page.published else {},
        )
        for page in shop.pages
    ]
    passed = await _let_pass(sync, names, assets, shop, pages, now)
    slugs = [page.slug for page in shop.pages]
    await keep_first(sync.session, (await sync.columns(Page, "slug", slugs, "id")).values())
    # A page of the file takes an address that another page had.
    await sync.session.execute(delete(PageSlug).where(PageSlug.slug.in_(slugs)))
    scope = everywhere(shop, "pages")
    names.learn("page", await sync.table(Page, "page", ["slug"], pages, scope=scope, label=slug_of))
    await keep(sync.session, [names.id("page", page.slug) for page in shop.pages if page.slug not in passed])
    for page in shop.pages:
        if page.slug in passed:
            found = passed[page.slug]
            await keep(sync.session, [names.id("page", page.slug)], findings=found, override_reason=page.override)


def _page_values(names: Names, assets: Assets, page: form.Page) -> dict[str, Any]:
    author, reviewer = page.author, page.reviewer
    return {
        "page_type_id": names.id("page type", page.type),
        "title": page.title,
        "content": editorjs(page.content, assets.images, names.ids["product"]),
        "seo_title": page.seo_title or None,
        "seo_description": page.seo_description or None,
        "is_published": page.published,
        "unpublished_at": page.unpublished_at,
        "author_name": author.name if author else None,
        "author_is_organization": author.organization if author else False,
        "reviewer_name": reviewer.name if reviewer else None,
        "reviewer_credentials": reviewer.credentials if reviewer else None,
        "last_reviewed": page.last_reviewed,
        "review_due": page.review_due,
        "review_note": page.review_note or None,
        "regulatory_status": page.regulatory_status or None,
        "conflict_of_interest": page.conflict_of_interest or None,
        "metadata": page.metadata,
    }


async def _let_pass(
    sync: Sync, names: Names, assets: Assets, shop: form.ShopFile, rows: list[Row], now: datetime
) -> dict[str, list[Finding]]:
    """What the policies find in pages that are published by an override, by their slugs. Raises: ShopFileError."""
    policies = await sync.columns(PageType, "id", [row.values["page_type_id"] for row in rows], "policy")
    passed: dict[str, list[Finding]] = {}
    problems: list[Problem] = []
    for at, (page, row) in enumerate(zip(shop.pages, rows, strict=True)):
        if not page.published:
            continue
        article = Article(**{field.name: row.values[field.name] for field in fields(Article)})
        # A review that has become overdue shows on the page; it does not stop everything else that a file says.
        found = [
            each
            for each in findings(policies[row.values["page_type_id"]], article, now.date())
            if each.duty is not Duty.REVIEW_OVERDUE
        ]
        if found and page.override:
            passed[page.slug] = found
        else:
            problems += [
                assets.loaded.source.problem(
                    ("pages", at), f"{each.message} An `override` with a reason publishes the page all the same."
                )
                for each in found
            ]
    if problems:
        raise ShopFileError(problems)
    return passed


async def apply_menus(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Menus are stored, entry by entry: an entry is known by its name under its parent."""
    rows = [Row((menu.slug,), menu.slug, {"name": menu.name, "metadata": menu.metadata}) for menu in shop.menus]
    scope = everywhere(shop, "menus")
    names.learn("menu", await sync.table(Menu, "menu", ["slug"], rows, scope=scope, label=slug_of))
    menu_ids = {names.id("menu", menu.slug) for menu in shop.menus}
    level = 0
    found = [(names.id("menu", menu.slug), None, menu.slug, menu.items) for menu in shop.menus]
    # One level at a time: an entry needs its parent's id. The level below the last one is visited to prune it.
    while found:
        items = [
            (
                Row(
                    (menu_id, parent_id, item.name),
                    f"{where} / {item.name}",
                    {
                        "level": level,
                        "sort_order": at,
                        "url": item.url,
                        "category_id": names.optional("category", item.category),
                        "collection_id": names.optional("collection", item.collection),
                        "page_id": names.optional("page", item.page),
                    },
                ),
                item,
            )
            for menu_id, parent_id, where, entries in found
            for at, item in enumerate(entries)
        ]
        ids = await sync.table(
            MenuItem,
            "menu entry",
            ["menu_id", "parent_id", "name"],
            [row for row, _ in items],
            scope=Scope({"menu_id": menu_ids, "level": {level}}),
            label=lambda row: f"{names.name('menu', row['menu_id'])} / … / {row['name']}",
        )
        names.learn("menu entry", {(row.name,): ids[row.key] for row, _ in items})
        found = [(row.key[0], ids[row.key], row.name, item.items) for row, item in items]
        level += 1


async def apply_staff(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Staff users exist with their permissions. Passwords are set elsewhere; nobody is deleted."""
    rows = [
        Row(
            (user.email.lower(),),
            user.email.lower(),
            {
                "first_name": user.first_name,
                "last_name": user.last_name,
                "is_staff": True,
                "is_active": user.active,
            },
            {"is_confirmed": True},
        )
        for user in shop.staff
    ]
    names.learn("user", await sync.table(User, "staff user", ["email"], rows))
    granted = [
        Row((names.id("user", user.email.lower()), code), f"{code} for {user.email.lower()}")
        for user in shop.staff
        for code in (sorted(PERMISSIONS) if user.permissions == "all" else user.permissions)
    ]
    await sync.table(
        UserPermission,
        "permission",
        ["user_id", "code"],
        granted,
        scope=Scope({"user_id": {names.id("user", user.email.lower()) for user in shop.staff}}),
        label=lambda row: f"{row['code']} for {names.name('user', row['user_id'])}",
    )
