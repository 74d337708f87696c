"""One row for each key that somebody sent with a request."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, one_of


class KeyedRequest(Base):
    """RUNNING until what it asked for is done, which is stored in one transaction with it; then the answer follows."""

    __tablename__ = "idempotency_request"
    __table_args__ = (
        one_of("status", "RUNNING", "DONE"),
        CheckConstraint("sealed IS NULL OR status = 'DONE'", name="answer_when_done"),
        Index("ix_idempotency_request_claimed_at", "claimed_at"),
    )

    # A digest of caller and key: neither can be read here.
    id: Mapped[str] = mapped_column(primary_key=True)
    # A digest of document and variables.
    fingerprint: Mapped[str]
    # Whose attempt it is: one that took too long loses the row to the next.
    attempt: Mapped[uuid.UUID]
    status: Mapped[str] = mapped_column(server_default=text("'RUNNING'"))
    # The answer, encrypted: it holds what the caller may see.
    sealed: Mapped[str | None]
    claimed_at: Mapped[datetime] = mapped_column(server_default=func.now())
