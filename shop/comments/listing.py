"""Lists of comments: threads of pages for who reads them, and the queue for who moderates."""

from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, Select, Text, any_, func, or_

from shop.browse.criteria import Criterion
from shop.browse.listing import Listing
from shop.comments.models import Comment
from shop.comments.queries import has_place, shown_columns
from shop.kit.pagination import PARENTS


def _threads(*, waiting: bool) -> Listing:
    def see(statement: Select[Any], _view: object) -> Select[Any]:
        return statement.where(has_place(waiting=waiting))

    return Listing(
        entity=Comment,
        columns=shown_columns(waiting=waiting),
        criteria={},
        sorts={"CREATED_AT": (Comment.created_at, False)},
        see=see,
        within={"page": lambda found: found.where(Comment.page_id == PARENTS.c.id, Comment.depth == 0)},
    )


# The comments that answer nothing, by whether the reader sees those that wait.
THREADS: Final = {waiting: _threads(waiting=waiting) for waiting in (False, True)}


def _found(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Part of what was said, or of the name or e-mail of who said it; no sign of the value means anything else."""
    texts = (Comment.body, Comment.author_name, func.coalesce(Comment.email, ""))
    return or_(*(func.strpos(func.lower(text), func.lower(value)) > 0 for text in texts))


QUEUE: Final = Listing(
    entity=Comment,
    columns=(
        Comment.id.label("pk"),
        Comment.page_id.label("page_id"),
        Comment.parent_id.label("parent_id"),
        Comment.root_id.label("root_id"),
        Comment.path.label("path"),
        Comment.depth.label("depth"),
        Comment.status.label("state"),
        Comment.author_name.label("author_name"),
        Comment.website.label("author_website"),
        Comment.body.label("body"),
        Comment.is_staff.label("is_staff"),
        Comment.created_at.label("created_at"),
        Comment.email.label("email"),
        Comment.address.label("network"),
        Comment.agent.label("user_agent"),
        Comment.reasons.label("held_for"),
        Comment.user_id.label("user_id"),
        Comment.moderated_at.label("moderated_at"),
        Comment.moderated_by_id.label("moderated_by_id"),
    ),
    criteria={
        "ids": Criterion(ARRAY(Integer), lambda value: Comment.id == any_(value)),
        "statuses": Criterion(ARRAY(Text), lambda value: Comment.status == any_(value)),
        "pages": Criterion(ARRAY(Integer), lambda value: Comment.page_id == any_(value)),
        "created_from": Criterion(DateTime(timezone=True), lambda value: Comment.created_at >= value),
        "created_to": Criterion(DateTime(timezone=True), lambda value: Comment.created_at <= value),
        "search": Criterion(Text(), _found),
    },
    sorts={"CREATED_AT": (Comment.created_at, False)},
    see=lambda statement, _view: statement,
    within={},
)
