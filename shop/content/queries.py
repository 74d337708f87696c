"""Reads of pages and menus."""

from sqlalchemy import ARRAY, DateTime, Integer, String, and_, any_, bindparam, or_, select

from shop.content.models import Menu, MenuItem, Page, PageType

PAGE_COLUMNS = (
    Page.id.label("pk"),
    Page.page_type_id,
    Page.title,
    Page.slug,
    Page.content.label("content_blocks"),
    Page.seo_title,
    Page.seo_description,
    Page.is_published,
    Page.published_at,
    Page.created_at.label("created"),
    Page.metadata_public.label("metadata_public"),
    Page.metadata_private.label("metadata_private"),
)

# Published, and its time has come.
PAGE_IS_VISIBLE = and_(
    Page.is_published, or_(Page.published_at.is_(None), Page.published_at <= bindparam("now", type_=DateTime(True)))
)

PAGES_BY_ID = select(*PAGE_COLUMNS).where(Page.id == any_(bindparam("ids", type_=ARRAY(Integer))))
PAGES_BY_SLUG = select(*PAGE_COLUMNS).where(Page.slug == any_(bindparam("slugs", type_=ARRAY(String))))

PAGE_TYPES_BY_ID = select(
    PageType.id.label("pk"),
    PageType.name,
    PageType.slug,
    PageType.metadata_public.label("metadata_public"),
    PageType.metadata_private.label("metadata_private"),
).where(PageType.id == any_(bindparam("ids", type_=ARRAY(Integer))))

_MENU = select(
    Menu.id.label("pk"),
    Menu.name,
    Menu.slug,
    Menu.metadata_public.label("metadata_public"),
    Menu.metadata_private.label("metadata_private"),
)
MENU_BY_ID = _MENU.where(Menu.id == bindparam("id", type_=Integer))
MENUS_BY_ID = _MENU.where(Menu.id == any_(bindparam("ids", type_=ARRAY(Integer))))
MENU_BY_SLUG = _MENU.where(Menu.slug == bindparam("slug", type_=String))
MENU_BY_NAME = _MENU.where(Menu.name == bindparam("name", type_=String)).order_by(Menu.id).limit(1)

_ITEMS = select(
    MenuItem.id.label("pk"),
    MenuItem.menu_id,
    MenuItem.parent_id,
    MenuItem.level,
    MenuItem.name,
    MenuItem.url,
    MenuItem.category_id,
    MenuItem.collection_id,
    MenuItem.page_id,
    MenuItem.metadata_public.label("metadata_public"),
    MenuItem.metadata_private.label("metadata_private"),
)
# The whole tree of a menu at once: menus are small, and levels would otherwise be a statement each.
ITEMS_BY_MENU = _ITEMS.where(MenuItem.menu_id == any_(bindparam("ids", type_=ARRAY(Integer)))).order_by(
    MenuItem.menu_id, MenuItem.sort_order, MenuItem.id
)
MENUS_OF_ITEMS = (
    select(MenuItem.menu_id).where(MenuItem.id == any_(bindparam("ids", type_=ARRAY(Integer)))).distinct()
)
ITEMS_BY_ID = _ITEMS.where(MenuItem.id == any_(bindparam("ids", type_=ARRAY(Integer))))
