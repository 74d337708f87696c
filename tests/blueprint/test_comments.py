"""Comments in shop files: made once, with the answers to them, and left to moderators from then on."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, text

from shop.blueprint.apply import Report, apply_file
from shop.blueprint.errors import ShopFileError
from shop.blueprint.format.comments import Answer
from shop.blueprint.load import DEMO, load
from shop.comments.models import Comment
from tests.database import OneConnectionDatabase

FILE = """
page_types: [{slug: article, name: Article}]
pages: [{slug: hair, title: Hair, type: article}]
comments:
  - page: hair
    author: Example reader A
    text: What does it <b>cost</b>?
    answers:
      - author: Example practice
        staff: true
        text: See the price list.
        answers: [{author: Example reader A, text: Oh.}]
  - {page: hair, author: Example reader B, text: Thank you.}
"""


async def _apply(database: OneConnectionDatabase, folder: Path, content: str = FILE) -> Report:
    path = folder / "shop.yaml"
    path.write_text(content)
    return await apply_file(database, path, media_folder=folder / "media")


async def test_threads_are_made_once(database: OneConnectionDatabase, tmp_path: Path) -> None:
    report = await _apply(database, tmp_path)
    assert report.count("create", "comment") == 4
    statement = select(
        Comment.depth, Comment.author_name, Comment.body, Comment.is_staff, Comment.status, Comment.email
    )
    async with database.unit() as session:
        rows = (await session.execute(statement.order_by(Comment.root_id, Comment.depth))).all()
        assert [tuple(row) for row in rows] == [
            (0, "Example reader A", "What does it <b>cost</b>?", False, "APPROVED", None),
            (1, "Example practice", "See the price list.", True, "APPROVED", None),
            (2, "Example reader A", "Oh.", False, "APPROVED", None),
            (0, "Example reader B", "Thank you.", False, "APPROVED", None),
        ]
        await session.execute(text("UPDATE comment_comment SET status = 'REJECTED' WHERE body = 'Thank you.'"))
    again = await _apply(database, tmp_path)
    assert not again.changed
    async with database.unit() as session:
        assert (await session.execute(statement.where(Comment.status == "REJECTED"))).all()


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("{page: nowhere, author: A, text: x}", "There is no page 'nowhere' in this file or in the shop."),
        ("{page: hair, author: <b></b>, text: x}", "An author and a text must hold something to be read."),
        ("{page: hair, author: A, text: <i> </i>}", "An author and a text must hold something to be read."),
        (
            f"{{page: hair, author: A, text: x{', answers: [{author: A, text: x' * 5}{'}]' * 5}}}",
            "A thread has 5 levels at most.",
        ),
    ],
)
async def test_what_cannot_be(database: OneConnectionDatabase, tmp_path: Path, comment: str, problem: str) -> None:
    with pytest.raises(ShopFileError) as caught:
        await _apply(database, tmp_path, f"{FILE}  - {comment}\n")
    assert problem in str(caught.value)


def test_the_demo_s_readers_are_examples() -> None:
    def authors(comments: Sequence[Answer]) -> set[str]:
        return {one.author for one in comments} | {name for one in comments for name in authors(one.answers)}

    comments = load(DEMO).shop.comments
    assert len(comments) >= 2
    assert {name.split()[0] for name in authors(comments)} == {"Example"}
    assert any(answer.staff for comment in comments for answer in comment.answers)
