"""Pages and menus."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, IntPk, Timestamps


class PageType(Base, HasMetadata):
    """A kind of page."""

    __tablename__ = "content_page_type"

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)


class Page(Base, HasMetadata, Timestamps):
    """A page: EditorJS blocks, sanitised when they are written and again when they are rendered."""

    __tablename__ = "content_page"
    __table_args__ = (Index("ix_content_page_search", "search_document", postgresql_using="gin"),)

    id: Mapped[IntPk]
    page_type_id: Mapped[int] = mapped_column(ForeignKey("content_page_type.id"), index=True)
    title: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, Any] | None]
    seo_title: Mapped[str | None]
    seo_description: Mapped[str | None]
    is_published: Mapped[bool] = mapped_column(server_default="false")
    published_at: Mapped[datetime | None]
    search_document: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', title), 'A') || "
            "setweight(to_tsvector('english', left(coalesce(content_block_texts(content), ''), 100000)), 'C')",
            persisted=True,
        ),
    )


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
