"""The base of all models, the naming convention of their constraints, and the columns that many tables share.

They say what may be stored. `relationship()` is rare, points downwards and is `lazy="raise"`; foreign keys are text.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Integer, MetaData, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

IntPk = Annotated[int, mapped_column(Integer, Identity(), primary_key=True)]
BigPk = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
# Random and made by the database where the caller gives none: the id of a checkout is a guest's key to it.
UuidPk = Annotated[
    uuid.UUID, mapped_column(UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()"))
]
# Three places for the currencies that have them (KWD); rules round to the currency's own exponent.
Amount = Annotated[Decimal, mapped_column(Numeric(14, 3))]
Currency = Annotated[str, mapped_column(Text)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Base(DeclarativeBase):
    """Every table of the shop."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text(),
        datetime: DateTime(timezone=True),
        Decimal: Numeric(14, 3),
        uuid.UUID: UUID(as_uuid=True),
        dict[str, Any]: JSONB(),
        dict[str, str]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[int]: ARRAY(Integer()),
    }


class HasMetadata:
    """Saleor's public and private metadata: string keys to string values."""

    metadata_public: Mapped[dict[str, str]] = mapped_column("metadata", server_default=text("'{}'::jsonb"))
    metadata_private: Mapped[dict[str, str]] = mapped_column("private_metadata", server_default=text("'{}'::jsonb"))


class Timestamps:
    """When the row was made and last changed; `updated_at` is set by whoever changes it."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class HasExternalReference:
    """The row's name in another system, unique where given."""

    external_reference: Mapped[str | None] = mapped_column(Text, unique=True)


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of the values: a check, not an enum type, so that a migration can add one under traffic."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(column: str) -> CheckConstraint:
    """The column is zero or more."""
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")
