"""Comments that a shop begins with, such as a demo's."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shop.blueprint.format.base import Section, Slug
from shop.comments.rules import DEEPEST, LONGEST_BODY, LONGEST_NAME, cleaned, name_of

Author = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_BODY)]


class Answer(Section):
    """What somebody said, with the answers to it. Once it is there it is the moderators', and never changed again."""

    author: Author
    text: Words
    staff: bool = Field(False, description="Whether somebody who works here said it")
    answers: "list[Answer]" = []

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if not name_of(self.author) or not cleaned(self.text):
            raise ValueError("an author and a text must hold something to be read")
        return self

    @property
    def levels(self) -> int:
        """How many comments stand below each other, this one among them."""
        return 1 + max((answer.levels for answer in self.answers), default=0)


class Comment(Answer):
    """A comment that begins a thread."""

    page: Annotated[Slug, Field(description="Slug of the page that it is about")]

    @model_validator(mode="after")
    def _not_too_deep(self) -> Self:
        if self.levels > DEEPEST + 1:
            raise ValueError(f"a thread has {DEEPEST + 1} levels at most")
        return self
