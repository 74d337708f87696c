"""What products are searched by, and sorted by where that is an attribute. Triggers of the tables that say so write it.

Their functions: `browse_write_texts`, `browse_keep_sorts`.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base


class ProductText(Base):
    """A product's words, weighted by where they stand: A name, B variants and attributes, C description.

    Translated texts are among them. A table of its own, since a row of a product is many times as wide.
    """

    __tablename__ = "browse_product_text"
    __table_args__ = (Index("ix_browse_product_text_document", "document", postgresql_using="gin"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[str] = mapped_column(TSVECTOR)


class Word(Base):
    """A word that some product had once: what a mistyped one may have meant."""

    __tablename__ = "browse_word"
    __table_args__ = (
        Index("ix_browse_word_alike", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: Mapped[str] = mapped_column(primary_key=True)


def _order(column: str) -> Index:
    """The products of an attribute in their order, and nothing else."""
    return Index(
        f"ix_browse_attribute_sort_{column}",
        "attribute_id",
        column,
        "product_id",
        postgresql_where=text(f"{column} IS NOT NULL"),
    )


class AttributeSort(Base):
    """What a product is sorted by in lists that an attribute orders: a row for each attribute of its type.

    The least of its values, in the one column that attributes of this kind are sorted by; none without a value.
    """

    __tablename__ = "browse_attribute_sort"
    __table_args__ = (
        CheckConstraint("num_nonnulls(number, moment, place, name) <= 1", name="one_kind"),
        _order("number"),
        _order("moment"),
        _order("place"),
        _order("name"),
        Index(
            "ix_browse_attribute_sort_nothing",
            "attribute_id",
            "product_id",
            postgresql_where=text("num_nonnulls(number, moment, place, name) = 0"),
        ),
    )

    attribute_id: Mapped[int] = mapped_column(
        ForeignKey("attribute_attribute.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    number: Mapped[Decimal | None] = mapped_column(Numeric)
    moment: Mapped[datetime | None]
    # Of a choice, in the owner's order.
    place: Mapped[int | None]
    name: Mapped[str | None]
