"""Everything that an export writes, page by page, menus and comments whole."""

from typing import Final

from sqlalchemy import ARRAY, Integer, Text, bindparam, func, literal, select, union

from shop.catalogue.models import Category, Collection
from shop.comments.models import Comment
from shop.content.models import Menu, MenuItem, Page, PageAddress, PageSlug, PageType
from shop.exchange.rules import SHOWN, TOLD
from shop.media.models import Asset

# Where pages were found before, on another site or here.
_former = union(
    select(PageAddress.address).where(PageAddress.page_id == Page.id).correlate(Page),
    select(literal("/pages/") + PageSlug.slug).where(PageSlug.page_id == Page.id).correlate(Page),
).subquery()
# The next pages after one, in the order in which they were made.
PAGES_AFTER: Final = (
    select(
        Page.id,
        PageType.slug.label("type"),
        Page.content,
        Page.metadata_public.label("metadata"),
        func.array(select(_former.c.address).order_by(_former.c.address).scalar_subquery(), type_=ARRAY(Text)).label(
            "addresses"
        ),
        *(getattr(Page, name) for name in (*TOLD, *SHOWN)),
    )
    .join(PageType, PageType.id == Page.page_type_id)
    .where(Page.id > bindparam("after", type_=Integer))
    .order_by(Page.id)
    .limit(bindparam("size", type_=Integer))
)

MENUS: Final = select(Menu.id, Menu.slug, Menu.name).order_by(Menu.id)
MENU_ITEMS: Final = (
    select(
        MenuItem.id,
        MenuItem.menu_id,
        MenuItem.parent_id,
        MenuItem.name,
        MenuItem.url,
        Category.slug.label("category"),
        Collection.slug.label("collection"),
        Page.slug.label("page"),
    )
    .outerjoin(Category, Category.id == MenuItem.category_id)
    .outerjoin(Collection, Collection.id == MenuItem.collection_id)
    .outerjoin(Page, Page.id == MenuItem.page_id)
    .order_by(MenuItem.menu_id, MenuItem.sort_order, MenuItem.id)
)

# What was said, without spam and without what was taken down.
COMMENTS_AFTER: Final = (
    select(
        Comment.id,
        Page.slug.label("page"),
        Comment.parent_id.label("parent"),
        Comment.author_name,
        Comment.is_staff,
        Comment.website,
        Comment.body,
        Comment.status,
        Comment.created_at,
        Comment.email,
        Comment.address,
        Comment.agent,
    )
    .join(Page, Page.id == Comment.page_id)
    .where(Comment.id > bindparam("after", type_=Integer), Comment.status != "SPAM", Comment.status != "DELETED")
    .order_by(Comment.id)
    .limit(bindparam("size", type_=Integer))
)

ASSETS_BY_PATH: Final = select(Asset.path, Asset.mime_type, Asset.width, Asset.height, Asset.size_bytes)
