"""Reads of pages and menus."""

from sqlalchemy import ARRAY, DateTime, Integer, String, and_, any_, bindparam, column, func, or_, select, true

from shop.accounts.models import User
from shop.attributes.queries import said_of_page
from shop.content.models import (
    Menu,
    MenuItem,
    Navigation,
    Page,
    PageAddress,
    PageDraft,
    PageLanguageSlug,
    PageRevision,
    PageSlug,
    PageType,
    Widget,
    WidgetArea,
)
from shop.kit.db.moments import next_moment

PAGE_COLUMNS = (
    Page.id.label("pk"),
    Page.page_type_id,
    Page.title,
    Page.slug,
    Page.content.label("blocks"),
    Page.seo_title,
    Page.seo_description,
    Page.is_published,
    Page.published_at,
    Page.unpublished_at,
    Page.created_at.label("created"),
    Page.updated_at,
    Page.author_name,
    Page.author_is_organization,
    Page.reviewer_name,
    Page.reviewer_credentials,
    Page.last_reviewed,
    Page.review_due,
    Page.review_note,
    Page.regulatory_status,
    Page.conflict_of_interest,
    select(PageType.policy).where(PageType.id == Page.page_type_id).scalar_subquery().label("policy"),
    Page.metadata_public.label("metadata_public"),
    Page.metadata_private.label("metadata_private"),
)

_NOW = bindparam("now", type_=DateTime(True))
# Published, its time has come and is not over: what `rules.pages.is_visible` says.
PAGE_IS_VISIBLE = and_(
    Page.is_published,
    or_(Page.published_at.is_(None), Page.published_at <= _NOW),
    or_(Page.unpublished_at.is_(None), Page.unpublished_at > _NOW),
)
# When the clock alone shows another page, or takes one away.
NEXT_PAGE = next_moment(Page.published_at, Page.unpublished_at)

PAGES_BY_ID = select(*PAGE_COLUMNS).where(Page.id == any_(bindparam("ids", type_=ARRAY(Integer))))
PAGES_BY_SLUG = select(*PAGE_COLUMNS).where(Page.slug == any_(bindparam("slugs", type_=ARRAY(String))))
# The page that had this slug before.
PAGE_BY_FORMER_SLUG = (
    select(*PAGE_COLUMNS)
    .join(PageSlug, PageSlug.page_id == Page.id)
    .where(PageSlug.slug == bindparam("slug", type_=String))
)
# The page that was found there on the site that it came from.
PAGE_BY_FORMER_ADDRESS = (
    select(*PAGE_COLUMNS)
    .join(PageAddress, PageAddress.page_id == Page.id)
    .where(PageAddress.address == bindparam("address", type_=String))
)
PAGE_BY_FORMER_SLUG_IN_LANGUAGE = (
    select(*PAGE_COLUMNS)
    .join(PageLanguageSlug, PageLanguageSlug.page_id == Page.id)
    .where(
        PageLanguageSlug.language == bindparam("language", type_=String),
        PageLanguageSlug.slug == bindparam("slug", type_=String),
    )
)
# What a page says of its attributes now.
SAID_BY_PAGE = said_of_page(Page.__table__.c.id, Page.__table__.c.page_type_id)
# Of each page the latest revisions, so many, from the last one on; their content is read apart.
_revision = (
    select(
        PageRevision.id.label("pk"),
        PageRevision.page_id,
        PageRevision.number,
        PageRevision.created_at,
        User.email.label("user_email"),
        PageRevision.slug,
        PageRevision.is_published,
        PageRevision.fields["title"].astext.label("title"),
        PageRevision.findings,
        PageRevision.override_reason,
    )
    .outerjoin(User, User.id == PageRevision.user_id)
    .where(PageRevision.page_id == Page.id)
    .order_by(PageRevision.number.desc())
    .limit(bindparam("first", type_=Integer))
    .lateral("revision")
)
REVISIONS_BY_PAGE = (
    select(*_revision.c)
    .select_from(Page)
    .join(_revision, true())
    .where(Page.id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(_revision.c.page_id, _revision.c.number.desc())
)
# With what the page said when the draft was begun, and what it says of its attributes now.
DRAFTS_BY_PAGE = (
    select(
        PageDraft.page_id,
        PageDraft.created_at,
        PageDraft.updated_at,
        User.email.label("user_email"),
        PageDraft.fields.label("changes"),
        PageRevision.fields.label("base"),
        PageDraft.attributes,
        PageRevision.attributes.label("base_attributes"),
        SAID_BY_PAGE.label("attributes_now"),
    )
    .join(Page, Page.id == PageDraft.page_id)
    .join(PageRevision, and_(PageRevision.page_id == PageDraft.page_id, PageRevision.number == PageDraft.base_number))
    .outerjoin(User, User.id == PageDraft.user_id)
    .where(PageDraft.page_id == any_(bindparam("ids", type_=ARRAY(Integer))))
)
REVISION_CONTENTS = select(PageRevision.id.label("pk"), PageRevision.fields["content"].label("content")).where(
    PageRevision.id == any_(bindparam("ids", type_=ARRAY(Integer)))
)
REVISION_ATTRIBUTES = select(PageRevision.id.label("pk"), PageRevision.attributes).where(
    PageRevision.id == any_(bindparam("ids", type_=ARRAY(Integer)))
)
TYPES_WITH_PAGES = (
    select(Page.page_type_id.label("pk"))
    .where(Page.page_type_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .distinct()
)

PAGE_TYPE_COLUMNS = (
    PageType.id.label("pk"),
    PageType.name,
    PageType.slug,
    PageType.policy.label("policy_name"),
    PageType.metadata_public.label("metadata_public"),
    PageType.metadata_private.label("metadata_private"),
)
PAGE_TYPES_BY_ID = select(*PAGE_TYPE_COLUMNS).where(PageType.id == any_(bindparam("ids", type_=ARRAY(Integer))))

MENU_COLUMNS = (
    Menu.id.label("pk"),
    Menu.name,
    Menu.slug,
    Menu.metadata_public.label("metadata_public"),
    Menu.metadata_private.label("metadata_private"),
)
_MENU = select(*MENU_COLUMNS)
MENU_BY_ID = _MENU.where(Menu.id == bindparam("id", type_=Integer))
MENUS_BY_ID = _MENU.where(Menu.id == any_(bindparam("ids", type_=ARRAY(Integer))))
MENU_BY_SLUG = _MENU.where(Menu.slug == bindparam("slug", type_=String))
MENU_BY_NAME = _MENU.where(Menu.name == bindparam("name", type_=String)).order_by(Menu.id).limit(1)
# The menu that staff chose for the place; until then, and only then, the one that has the slug.
MENU_AT = (
    _MENU.outerjoin(
        Navigation, and_(Navigation.menu_id == Menu.id, Navigation.place == bindparam("place", type_=String))
    )
    .where(or_(Navigation.place.is_not(None), Menu.slug == bindparam("slug", type_=String)))
    .order_by(Navigation.place.nulls_last())
    .limit(1)
)

ITEM_COLUMNS = (
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
_ITEMS = select(*ITEM_COLUMNS)
# The whole tree of a menu at once: menus are small, and levels would otherwise be a statement each.
ITEMS_BY_MENU = _ITEMS.where(MenuItem.menu_id == any_(bindparam("ids", type_=ARRAY(Integer)))).order_by(
    MenuItem.menu_id, MenuItem.sort_order, MenuItem.id
)
MENUS_OF_ITEMS = select(MenuItem.menu_id).where(MenuItem.id == any_(bindparam("ids", type_=ARRAY(Integer)))).distinct()
ITEMS_BY_ID = _ITEMS.where(MenuItem.id == any_(bindparam("ids", type_=ARRAY(Integer))))

AREA_BY_SLUG = select(WidgetArea.id.label("pk"), WidgetArea.slug, WidgetArea.name, WidgetArea.hint.label("note")).where(
    WidgetArea.slug == bindparam("slug", type_=String)
)
WIDGETS_BY_AREA = (
    select(
        Widget.id.label("pk"),
        Widget.area_id,
        Widget.kind,
        Widget.title,
        Widget.content.label("blocks"),
        Widget.menu_id,
        Widget.page_type_id,
        Widget.collection_id,
        Widget.category_id,
        Widget.product_id,
        Widget.size,
    )
    .where(Widget.area_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(Widget.area_id, Widget.sort_order)
)
# Of each type the pages that visitors may read, the newest first, so many at most; type 0 stands for all.
_kinds = func.unnest(bindparam("ids", type_=ARRAY(Integer))).table_valued(column("id", Integer)).render_derived("kind")
_newest = (
    select(*PAGE_COLUMNS)
    .where(PAGE_IS_VISIBLE, or_(_kinds.c.id == 0, Page.page_type_id == _kinds.c.id))
    .order_by(Page.published_at.desc().nulls_last(), Page.id.desc())
    .limit(bindparam("most", type_=Integer))
    .lateral("newest")
)
NEWEST_PAGES = select(*_newest.c, _kinds.c.id.label("kind")).select_from(_kinds.join(_newest, true()))
