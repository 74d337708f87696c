"""Reads of the outbox."""

from sqlalchemy import bindparam, select

from shop.mail.models import Message

LATEST = (
    select(
        Message.id,
        Message.recipient,
        Message.subject,
        Message.text,
        Message.html,
        Message.created_at,
        Message.sent_at,
        Message.last_error,
    )
    .order_by(Message.created_at.desc())
    .limit(bindparam("limit"))
)
