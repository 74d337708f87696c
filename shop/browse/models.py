"""What products are searched by. Triggers of the tables that hold their texts write it: `browse_write_texts`."""

from sqlalchemy import ForeignKey, Index
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
