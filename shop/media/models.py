"""Stored files. The path is derived from the content, so the same picture is stored once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, IntPk


class Asset(Base):
    """A file in the media folder: checked by its magic bytes, measured once."""

    __tablename__ = "media_asset"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="size"),)

    id: Mapped[IntPk]
    path: Mapped[str] = mapped_column(unique=True)
    mime_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
