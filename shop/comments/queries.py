"""Reads of comments. What visitors read never holds an e-mail, an address, or a word of what was taken down."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from shop.comments.models import Comment
from shop.content.models import Page, PageType
from shop.content.queries import PAGE_IS_VISIBLE
from shop.site.models import SiteSettings

_Below: Final = aliased(Comment)
_ids: Final = bindparam("ids", type_=ARRAY(Integer))


def _is_shown(of: Any, *, waiting: bool) -> ColumnElement[bool]:
    return or_(of.status == "APPROVED", of.status == "PENDING") if waiting else of.status == "APPROVED"


def has_place(*, waiting: bool) -> ColumnElement[bool]:
    """The comment is shown, or one below it is: then its place is kept. `waiting`: to who may see what waits."""
    below = exists().where(
        _Below.root_id == Comment.root_id, _is_shown(_Below, waiting=waiting), Comment.id == any_(_Below.path)
    )
    return or_(_is_shown(Comment, waiting=waiting), below.correlate(Comment))


def shown_columns(*, waiting: bool) -> tuple[ColumnElement[Any], ...]:
    """What is read of a comment; of one that only keeps its place, that it is gone."""
    shown = _is_shown(Comment, waiting=waiting)
    return (
        Comment.id.label("pk"),
        Comment.page_id.label("page_id"),
        Comment.parent_id.label("parent_id"),
        Comment.root_id.label("root_id"),
        Comment.path.label("path"),
        Comment.depth.label("depth"),
        case((shown, Comment.status), else_=literal("DELETED")).label("state"),
        case((shown, Comment.author_name), else_=literal("")).label("author_name"),
        case((shown, Comment.website), else_=null()).label("author_website"),
        case((shown, Comment.body), else_=literal("")).label("body"),
        (Comment.is_staff & shown).label("is_staff"),
        Comment.created_at.label("created_at"),
    )


def _by_waiting(make: Callable[[bool], Select[Any]]) -> dict[bool, Select[Any]]:
    return {waiting: make(waiting) for waiting in (False, True)}


COMMENTS_BY_ID: Final = _by_waiting(
    lambda waiting: select(*shown_columns(waiting=waiting)).where(Comment.id == any_(_ids), has_place(waiting=waiting))
)
# Everything below the tops of threads, as it is read: an answer after what it answers, older ones first.
ANSWERS_BY_ROOT: Final = _by_waiting(
    lambda waiting: (
        select(*shown_columns(waiting=waiting))
        .where(Comment.root_id == any_(_ids), Comment.depth > 0, has_place(waiting=waiting))
        .order_by(Comment.root_id, func.array_append(Comment.path, Comment.id))
    )
)

COUNTS_BY_PAGE: Final = (
    select(Comment.page_id, func.count().label("total"))
    .where(Comment.page_id == any_(_ids), Comment.status == "APPROVED")
    .group_by(Comment.page_id)
)
LATEST: Final = (
    select(*shown_columns(waiting=False))
    .join(Page, Page.id == Comment.page_id)
    .where(Comment.status == "APPROVED", PAGE_IS_VISIBLE)
    .order_by(Comment.created_at.desc(), Comment.id.desc())
    .limit(bindparam("size", type_=Integer))
)
LATEST_OF_PAGE: Final = LATEST.where(Page.slug == bindparam("slug", type_=String))

# What decides whether a page takes comments.
DISCUSSIONS: Final = (
    select(
        Page.id,
        Page.published_at,
        Page.metadata_public.label("metadata"),
        PageType.slug.label("page_type"),
        PAGE_IS_VISIBLE.label("is_visible"),
    )
    .join(PageType, PageType.id == Page.page_type_id)
    .where(Page.id == any_(_ids))
)

CONTACT: Final = select(SiteSettings.contact_email).where(SiteSettings.contact_email != "")

# What staff wait for to be told of.
UNTOLD: Final = (
    select(Comment.id, Comment.author_name, Comment.body, Page.title)
    .join(Page, Page.id == Comment.page_id)
    .where(Comment.status == "PENDING", Comment.told_at.is_(None))
    .order_by(Comment.created_at, Comment.id)
    .with_for_update(of=Comment, skip_locked=True)
)
