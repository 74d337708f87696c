"""Users, their addresses, permissions and refresh tokens."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, HasExternalReference, HasMetadata, IntPk, Timestamps


class Address(Base, HasMetadata):
    """A postal address. With a `user_id` it stands in that user's address book; without one it is somebody's copy
    (a checkout's, an order's, a warehouse's) and nobody edits it.
    """

    __tablename__ = "account_address"
    __table_args__ = (CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),)

    id: Mapped[IntPk]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="CASCADE"), index=True)
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    company_name: Mapped[str] = mapped_column(server_default="")
    street_address_1: Mapped[str] = mapped_column(server_default="")
    street_address_2: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    city_area: Mapped[str] = mapped_column(server_default="")
    postal_code: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str]
    country_area: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")


class User(Base, HasMetadata, HasExternalReference, Timestamps):
    """A customer or a member of staff. The e-mail is stored in lower case and is the name to log in with."""

    __tablename__ = "account_user"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        # Removing an address asks who refers to it.
        Index(
            "ix_account_user_default_shipping",
            "default_shipping_address_id",
            postgresql_where=text("default_shipping_address_id IS NOT NULL"),
        ),
        Index(
            "ix_account_user_default_billing",
            "default_billing_address_id",
            postgresql_where=text("default_billing_address_id IS NOT NULL"),
        ),
        # So does removing a picture.
        Index("ix_account_user_avatar", "avatar_asset_id", postgresql_where=text("avatar_asset_id IS NOT NULL")),
    )

    id: Mapped[IntPk]
    email: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    is_staff: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    is_confirmed: Mapped[bool] = mapped_column(server_default="false")
    # Argon2id; null: nobody can log in with a password.
    password_hash: Mapped[str | None]
    language_code: Mapped[str] = mapped_column(server_default="EN")
    # Part of every access token: a new value ends all of the user's sessions.
    token_key: Mapped[str] = mapped_column(server_default=text("replace(gen_random_uuid()::text, '-', '')"))
    last_login: Mapped[datetime | None]
    default_shipping_address_id: Mapped[int | None] = mapped_column(
        ForeignKey("account_address.id", ondelete="SET NULL", use_alter=True)
    )
    default_billing_address_id: Mapped[int | None] = mapped_column(
        ForeignKey("account_address.id", ondelete="SET NULL", use_alter=True)
    )
    avatar_asset_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"))


class UserPermission(Base):
    """One permission that a member of staff holds, by Saleor's code (`MANAGE_ORDERS`)."""

    __tablename__ = "account_user_permission"

    user_id: Mapped[int] = mapped_column(ForeignKey("account_user.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)


class RefreshToken(Base):
    """A refresh token that was given out: its hash only, so that the table opens no session to who reads it."""

    __tablename__ = "account_refresh_token"
    __table_args__ = (Index("ix_account_refresh_token_expires_at", "expires_at"),)

    id: Mapped[BigPk]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account_user.id", ondelete="CASCADE"), index=True)
    family: Mapped[uuid.UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Attempt(Base):
    """How often something was tried lately that must not be tried too often; keys are hashes, see `attempts.py`.

    And, without failures, where an account is known.
    """

    __tablename__ = "account_attempt"
    __table_args__ = (Index("ix_account_attempt_last_at", "last_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())
    blocked_until: Mapped[datetime | None]
