"""What was brought in from elsewhere, so that a second time finds the rows of the first."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, IntPk, Timestamps, one_of

KINDS = ("page", "menu", "comment", "media")


class Imported(Base, Timestamps):
    """A thing of another system by its key there, and the row that it became; without a row once that was deleted."""

    __tablename__ = "exchange_imported"
    __table_args__ = (
        UniqueConstraint("source", "kind", "key"),
        one_of("kind", *KINDS),
        *(CheckConstraint(f"kind = '{kind}' OR {kind}_id IS NULL", name=f"{kind}_only") for kind in KINDS),
        *(
            Index(f"ix_exchange_imported_{kind}_id", f"{kind}_id", postgresql_where=text(f"{kind}_id IS NOT NULL"))
            for kind in KINDS
        ),
    )

    id: Mapped[IntPk]
    # Where it came from: the address of another system, or the files of this kind.
    source: Mapped[str]
    kind: Mapped[str]
    key: Mapped[str]
    page_id: Mapped[int | None] = mapped_column(ForeignKey("content_page.id", ondelete="SET NULL"))
    menu_id: Mapped[int | None] = mapped_column(ForeignKey("content_menu.id", ondelete="SET NULL"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment_comment.id", ondelete="SET NULL"))
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"))
    # What the row looked like when it was written: where it looks different, it was edited here since.
    digest: Mapped[str | None]
