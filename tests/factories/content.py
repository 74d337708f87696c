"""Pages and menus."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.models import Menu, MenuItem, Page, PageType, WidgetArea
from tests.factories.catalogue import serial


async def page_type(
    session: AsyncSession, *, slug: str | None = None, name: str = "Article", policy: str | None = None
) -> PageType:
    """A kind of page."""
    row = PageType(slug=slug or f"page-type-{serial()}", name=name, policy=policy)
    session.add(row)
    await session.flush()
    return row


async def page(
    session: AsyncSession,
    *,
    slug: str | None = None,
    title: str | None = None,
    content: dict[str, Any] | None = None,
    kind: PageType | None = None,
    is_published: bool = True,
    published_at: datetime | None = None,
    metadata: dict[str, str] | None = None,
    private_metadata: dict[str, str] | None = None,
) -> Page:
    """A published page."""
    slug = slug or f"page-{serial()}"
    row = Page(
        page_type_id=(kind or await page_type(session)).id,
        slug=slug,
        title=title or slug.title(),
        content=content,
        is_published=is_published,
        published_at=published_at,
        metadata_public=metadata or {},
        metadata_private=private_metadata or {},
    )
    session.add(row)
    await session.flush()
    return row


async def menu(session: AsyncSession, *, slug: str | None = None, name: str = "Menu") -> Menu:
    """An empty menu."""
    row = Menu(slug=slug or f"menu-{serial()}", name=name)
    session.add(row)
    await session.flush()
    return row


async def menu_item(
    session: AsyncSession,
    menu: Menu,
    *,
    name: str = "Entry",
    parent: MenuItem | None = None,
    url: str | None = None,
    category_id: int | None = None,
    collection_id: int | None = None,
    page_id: int | None = None,
) -> MenuItem:
    """An entry after the others of its parent."""
    row = MenuItem(
        menu_id=menu.id,
        parent_id=parent.id if parent else None,
        level=parent.level + 1 if parent else 0,
        sort_order=serial(),
        name=name,
        url=url,
        category_id=category_id,
        collection_id=collection_id,
        page_id=page_id,
    )
    session.add(row)
    await session.flush()
    return row


async def widget_area(session: AsyncSession, *, slug: str | None = None, name: str = "Area") -> WidgetArea:
    """An area without widgets."""
    row = WidgetArea(slug=slug or f"area-{serial()}", name=name)
    session.add(row)
    await session.flush()
    return row
