"""Flat rates. A rate without a class is the country's default."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, IntPk


class TaxClass(Base, HasMetadata):
    """A group of things taxed alike."""

    __tablename__ = "tax_class"

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)


class TaxRate(Base):
    """Percent of the net price, for a class in a country; `tax_class_id` null: everything without a rate of its own."""

    __tablename__ = "tax_rate"
    __table_args__ = (
        CheckConstraint("rate >= 0 AND rate <= 100", name="rate"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        Index("uq_tax_rate_class_country", "tax_class_id", "country", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: Mapped[IntPk]
    tax_class_id: Mapped[int | None] = mapped_column(ForeignKey("tax_class.id", ondelete="CASCADE"))
    country: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(6, 3))


class TaxConfiguration(Base, HasMetadata):
    """How a channel taxes: a channel without a row charges no tax and shows gross prices."""

    __tablename__ = "tax_configuration"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("channel_channel.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    charge_taxes: Mapped[bool] = mapped_column(server_default=text("true"))
    prices_entered_with_tax: Mapped[bool] = mapped_column(server_default=text("true"))
    display_gross_prices: Mapped[bool] = mapped_column(server_default=text("true"))
