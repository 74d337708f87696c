"""Comments of a shop file."""

from collections.abc import Sequence
from datetime import datetime

from shop.blueprint import format as form
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.table import Row, Sync
from shop.blueprint.format.comments import Answer
from shop.comments.models import Comment
from shop.comments.rules import cleaned, digest, name_of


async def apply_comments(sync: Sync, names: Names, shop: form.ShopFile, now: datetime) -> None:
    """Comments are there, one level after the other: an answer needs the ids of those above it.

    One is known on its page by its author and its words, and left as moderators have it.
    """
    level: list[tuple[int, list[int], Sequence[Answer]]] = [
        (names.id("page", comment.page), [], [comment]) for comment in shop.comments
    ]
    while level:
        rows = [(_row(page_id, path, answer, now), answer) for page_id, path, answers in level for answer in answers]
        ids = await sync.table(Comment, "comment", ["page_id", "author_name", "digest"], [row for row, _ in rows])
        level = [
            (row.key[0], [*row.initial["path"], ids[row.key]], answer.answers) for row, answer in rows if answer.answers
        ]


def _row(page_id: int, path: list[int], answer: Answer, now: datetime) -> Row:
    author, body = name_of(answer.author), cleaned(answer.text)
    return Row(
        (page_id, author, digest(body)),
        author,
        initial={"path": path, "status": "APPROVED", "body": body, "is_staff": answer.staff, "created_at": now},
    )
