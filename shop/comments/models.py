"""Comments, and who wants to be told of answers to theirs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from shop.kit.db.models import Base, IntPk, Timestamps, UuidPk, one_of

STATUSES = ("PENDING", "APPROVED", "SPAM", "REJECTED", "DELETED")


class Comment(Base, Timestamps):
    """What somebody said under a page, or answered to a comment of the same page, five levels deep at most.

    `path` holds the comments above it, from the top; everything else about its place is derived from that. The foreign
    key says that the last of them exists on the same page under the others: so, from one to the next, the whole path
    is right. One that is deleted keeps its place, for the answers below it, and nothing of its author.
    """

    __tablename__ = "comment_comment"
    __table_args__ = (
        one_of("status", *STATUSES),
        CheckConstraint("cardinality(path) <= 4", name="five_levels"),
        CheckConstraint("(cardinality(path) = 0) = (path[cardinality(path)] IS NULL)", name="path_without_gaps"),
        CheckConstraint("(status = 'DELETED') = (body = '')", name="body"),
        CheckConstraint("(status = 'DELETED') = (author_name = '')", name="author_name"),
        CheckConstraint(
            "status <> 'DELETED' OR num_nonnulls(user_id, email, website, address, agent, digest) = 0",
            name="deleted_is_nobodys",
        ),
        CheckConstraint("char_length(author_name) <= 80", name="author_name_length"),
        CheckConstraint("char_length(body) <= 40000", name="body_length"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("website ~ '^https?://'", name="website_is_http"),
        UniqueConstraint("id", "page_id", "path", name="uq_comment_comment_place"),
        ForeignKeyConstraint(
            ["parent_id", "page_id", "parent_path"],
            ["comment_comment.id", "comment_comment.page_id", "comment_comment.path"],
            name="fk_comment_comment_place",
            ondelete="CASCADE",
        ),
        # The same words at the same place are one comment, however often they are sent.
        Index(
            "uq_comment_comment_said_once",
            "page_id",
            "email",
            "parent_id",
            "digest",
            unique=True,
            postgresql_where=text("digest IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_comment_comment_page", "page_id", "created_at", "id"),
        Index("ix_comment_comment_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_comment_comment_root_id", "root_id"),
        Index("ix_comment_comment_queue", "status", "created_at", "id"),
        Index("ix_comment_comment_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index(
            "ix_comment_comment_moderated_by_id",
            "moderated_by_id",
            postgresql_where=text("moderated_by_id IS NOT NULL"),
        ),
        Index("ix_comment_comment_email", "email", postgresql_where=text("email IS NOT NULL")),
        Index("ix_comment_comment_digest", "digest", postgresql_where=text("digest IS NOT NULL")),
        Index(
            "ix_comment_comment_traces",
            "created_at",
            postgresql_where=text("num_nonnulls(address, agent) > 0"),
        ),
    )

    id: Mapped[IntPk]
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"))
    path: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    parent_id: Mapped[int | None] = mapped_column(Computed("path[cardinality(path)]", persisted=True))
    parent_path: Mapped[list[int]] = mapped_column(
        ARRAY(Integer), Computed("path[1:cardinality(path) - 1]", persisted=True)
    )
    root_id: Mapped[int] = mapped_column(Computed("coalesce(path[1], id)", persisted=True))
    depth: Mapped[int] = mapped_column(Computed("cardinality(path)", persisted=True))
    status: Mapped[str]
    # Who moderates it learns why it was held: codes of `rules.Reason`.
    reasons: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    author_name: Mapped[str]
    is_staff: Mapped[bool] = mapped_column(server_default="false")
    # Never shown to anybody but who moderates; null once its owner's account is gone.
    email: Mapped[str | None]
    website: Mapped[str | None]
    # Sanitised lines with the few tags that are allowed; see `rules.cleaned`.
    body: Mapped[str]
    # What the words are recognised by when they come again.
    digest: Mapped[str | None]
    # Where it came from, shortened so that it is nobody's alone, and with which program; forgotten after some weeks.
    address: Mapped[str | None]
    agent: Mapped[str | None]
    # When those who moderate were told that it waits.
    told_at: Mapped[datetime | None]
    moderated_at: Mapped[datetime | None]
    moderated_by_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))


class Subscription(Base):
    """An e-mail that wants to be told of answers to its comments under a page; mailed once its owner has agreed.

    Who wants it no more has no row.
    """

    __tablename__ = "comment_subscription"
    __table_args__ = (
        UniqueConstraint("page_id", "email"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index("ix_comment_subscription_email", "email"),
        Index("ix_comment_subscription_waiting", "asked_at", postgresql_where=text("confirmed_at IS NULL")),
    )

    id: Mapped[UuidPk]
    page_id: Mapped[int] = mapped_column(ForeignKey("content_page.id", ondelete="CASCADE"))
    email: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
