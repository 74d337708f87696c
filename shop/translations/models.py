"""One table for the texts of all slices in other languages."""

from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from shop.kit.db.models import Base, IntPk, one_of
from shop.translations.rules import KINDS


class Translation(Base):
    """What a row says in a language. It goes with its row: a trigger of each table sees to that."""

    __tablename__ = "translation_translation"
    __table_args__ = (
        one_of("kind", *KINDS),
        UniqueConstraint("kind", "row_id", "language"),
        UniqueConstraint("kind", "language", "slug"),
        CheckConstraint("language = lower(language) AND language <> ''", name="language_is_a_tag"),
    )

    id: Mapped[IntPk]
    kind: Mapped[str]
    row_id: Mapped[int]
    # A BCP 47 tag in lower case: `de`, `pt-br`.
    language: Mapped[str]
    slug: Mapped[str | None]
    # The row's translated columns by their names; what is missing is not translated.
    texts: Mapped[dict[str, Any]]
