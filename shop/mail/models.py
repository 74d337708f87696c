"""The outbox of mails: a row in the unit of its cause, sent by a job, kept for the mailbox page and for support."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, UuidPk


class Message(Base):
    """One mail. `dedupe_key` names its cause (`order-confirmation:<order>`): a cause mails once."""

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_created_at", "created_at"),)

    id: Mapped[UuidPk]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    # An appointment as iCalendar text, sent along for the recipient's calendar.
    calendar: Mapped[str | None]
    # Where a mail program ends such mails with one click, for mails that were asked for and are asked for no more.
    unsubscribe_url: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
