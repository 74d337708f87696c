"""Pages and menus."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shop.content.rules.policy import POLICIES
from shop.kit.db.models import Base, HasMetadata, IntPk, Timestamps, one_of

NAVIGATION_PLACES: Final = ("main", "secondary")
WIDGET_KINDS: Final = ("text", "menu", "pages", "products", "booking", "mini_cart")


class PageType(Base, HasMetadata):
    """A kind of page."""

    __tablename__ = "content_page_type"
    __table_args__ = (one_of("policy", *POLICIES),)

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    # What its pages must hold to be published; null: nothing in particular.
    policy: Mapped[str | None]


class Page(Base, HasMetadata, Timestamps):
    """A page: EditorJS blocks, sanitised when they are written and again when they are rendered."""

    __tablename__ = "content_page"
    __table_args__ = (
        Index("ix_content_page_search", "search_document", postgresql_using="gin"),
        CheckConstraint("unpublished_at > published_at", name="published_before_unpublished"),
        CheckConstraint(
            "reviewer_credentials IS NULL OR reviewer_name IS NOT NULL", name="credentials_are_a_reviewer_s"
        ),
        CheckConstraint("review_due > last_reviewed", name="reviewed_before_due"),
    )

    id: Mapped[IntPk]
    page_type_id: Mapped[int] = mapped_column(ForeignKey("content_page_type.id"), index=True)
    title: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, Any] | None]
    seo_title: Mapped[str | None]
    seo_description: Mapped[str | None]
    is_published: Mapped[bool] = mapped_column(server_default="false")
    published_at: Mapped[datetime | None]
    # From then on visitors may not read it any more.
    unpublished_at: Mapped[datetime | None]
    # Who wrote it; an editorial team is an organization.
    author_name: Mapped[str | None]
    author_is_organization: Mapped[bool] = mapped_column(server_default="false")
    # Who checked it, and with which training.
    reviewer_name: Mapped[str | None]
    reviewer_credentials: Mapped[str | None]
    last_reviewed: Mapped[date | None]
    review_due: Mapped[date | None]
    # What stands beside the badge: why nobody reviewed it, say.
    review_note: Mapped[str | None]
    # Whether what it writes about is approved, and where.
    regulatory_status: Mapped[str | None]
    # What the site earns by what it writes about.
    conflict_of_interest: Mapped[str | None]
    search_document: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', title), 'A') || "
            "setweight(to_tsvector('english', left(coalesce(content_block_texts(content), ''), 100000)), 'C')",
            persisted=True,
        ),
    )


class PageSlug(Base):
    """A slug that a page had before: whoever still asks for it is sent to the page."""

    __tablename__ = "content_page_slug"

    slug: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class PageAddress(Base):
    """Where a page was found on the site that it came from, as `rules.former_address` writes it."""

    __tablename__ = "content_page_address"
    __table_args__ = (CheckConstraint("address ~ '^/[^/]' AND char_length(address) <= 500", name="address_is_a_path"),)

    address: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"), index=True)


class PageLanguageSlug(Base):
    """A slug that a page had in another language before."""

    __tablename__ = "content_page_language_slug"
    __table_args__ = (CheckConstraint("language = lower(language) AND language <> ''", name="language_is_a_tag"),)

    # A BCP 47 tag in lower case, as translations have it.
    language: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class PageRevision(Base):
    """A page as it was after a write. Rows are added; nothing but a newer sanitiser changes them."""

    __tablename__ = "content_page_revision"
    __table_args__ = (
        UniqueConstraint("page_id", "number"),
        CheckConstraint(
            "override_reason IS NULL OR (is_published AND jsonb_array_length(findings) > 0)",
            name="overrides_let_something_pass",
        ),
    )

    id: Mapped[IntPk]
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"))
    # 1, 2, 3 … within the page.
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    # Who wrote it; null for a shop file, an import, and somebody who is gone.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"), index=True)
    slug: Mapped[str]
    is_published: Mapped[bool]
    # The page's columns that a restored revision brings back.
    fields: Mapped[dict[str, Any]]
    # What its attributes said, as `attributes.rules.keeping` writes it; null: that was not kept then.
    attributes: Mapped[dict[str, Any] | None]
    # What the policy found, and why it was published all the same.
    findings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    override_reason: Mapped[str | None]


class PageDraft(Base, Timestamps):
    """Changes of a page that only staff sees until they are published; a page has one draft at most."""

    __tablename__ = "content_page_draft"
    __table_args__ = (
        ForeignKeyConstraint(
            ["page_id", "base_number"],
            ["content_page_revision.page_id", "content_page_revision.number"],
            ondelete="CASCADE",
        ),
        CheckConstraint("jsonb_typeof(fields) = 'object'", name="fields_are_an_object"),
        CheckConstraint("jsonb_typeof(attributes) = 'object'", name="attributes_are_an_object"),
    )

    page_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # The page's last revision when the draft was begun.
    base_number: Mapped[int]
    # Who changed it last.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"), index=True)
    # The page's columns that the draft changes.
    fields: Mapped[dict[str, Any]]
    # The attributes of which it says something else, as `attributes.rules.keeping` writes them.
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class Menu(Base, HasMetadata):
    """A named tree of links."""

    __tablename__ = "content_menu"

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)


class MenuItem(Base, HasMetadata):
    """A link of a menu: to an address, a category, a collection or a page, or a heading over its children."""

    __tablename__ = "content_menu_item"
    __table_args__ = (
        Index("ix_content_menu_item_menu_sort", "menu_id", "parent_id", "sort_order"),
        CheckConstraint("num_nonnulls(url, category_id, collection_id, page_id) <= 1", name="one_target"),
    )

    id: Mapped[IntPk]
    menu_id: Mapped[int] = mapped_column(ForeignKey("content_menu.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("content_menu_item.id", ondelete="CASCADE"), index=True)
    sort_order: Mapped[int] = mapped_column(server_default="0")
    level: Mapped[int] = mapped_column(server_default="0")
    name: Mapped[str]
    url: Mapped[str | None]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_category.id", ondelete="CASCADE"))
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_collection.id", ondelete="CASCADE"))
    page_id: Mapped[int | None] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"))


class Navigation(Base):
    """The menu that staff chose for a place on every page."""

    __tablename__ = "content_navigation"
    __table_args__ = (one_of("place", *NAVIGATION_PLACES),)

    place: Mapped[str] = mapped_column(primary_key=True)
    menu_id: Mapped[int] = mapped_column(ForeignKey("content_menu.id", ondelete="CASCADE"), index=True)


class WidgetArea(Base):
    """A place on the storefront's pages that staff fills with widgets, such as the drawer at the side."""

    __tablename__ = "content_widget_area"

    id: Mapped[IntPk]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # What staff reads there while it is empty; visitors see nothing then.
    hint: Mapped[str | None]


class Widget(Base):
    """A piece of a widget area; its kind says which of the other columns it has."""

    __tablename__ = "content_widget"
    __table_args__ = (
        UniqueConstraint("area_id", "sort_order"),
        one_of("kind", *WIDGET_KINDS),
        CheckConstraint("size BETWEEN 1 AND 24", name="size_is_shown"),
        CheckConstraint(
            "CASE kind"
            " WHEN 'text' THEN content IS NOT NULL"
            " AND num_nonnulls(menu_id, page_type_id, collection_id, category_id, product_id, size) = 0"
            " WHEN 'menu' THEN menu_id IS NOT NULL"
            " AND num_nonnulls(content, page_type_id, collection_id, category_id, product_id, size) = 0"
            " WHEN 'pages' THEN size IS NOT NULL"
            " AND num_nonnulls(content, menu_id, collection_id, category_id, product_id) = 0"
            " WHEN 'products' THEN size IS NOT NULL AND num_nonnulls(collection_id, category_id) = 1"
            " AND num_nonnulls(content, menu_id, page_type_id, product_id) = 0"
            " WHEN 'booking' THEN product_id IS NOT NULL"
            " AND num_nonnulls(content, menu_id, page_type_id, collection_id, category_id, size) = 0"
            " ELSE num_nonnulls(content, menu_id, page_type_id, collection_id, category_id, product_id, size) = 0 END",
            name="has_what_its_kind_shows",
        ),
    )

    id: Mapped[IntPk]
    area_id: Mapped[int] = mapped_column(ForeignKey("content_widget_area.id", ondelete="CASCADE"))
    sort_order: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str | None]
    content: Mapped[dict[str, Any] | None]
    menu_id: Mapped[int | None] = mapped_column(ForeignKey("content_menu.id", ondelete="CASCADE"), index=True)
    page_type_id: Mapped[int | None] = mapped_column(ForeignKey("content_page_type.id", ondelete="CASCADE"), index=True)
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_collection.id", ondelete="CASCADE"), index=True
    )
    category_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_category.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"), index=True)
    # How many pages or products are shown.
    size: Mapped[int | None]
