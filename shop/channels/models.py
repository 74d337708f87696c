"""Channels. A channel has one currency for its whole life."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, IntPk, one_of


class Channel(Base, HasMetadata):
    """A place to sell: its currency, its default country, and how its payments flow."""

    __tablename__ = "channel_channel"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("default_country ~ '^[A-Z]{2}$'", name="default_country"),
        one_of("transaction_flow_strategy", "CHARGE", "AUTHORIZATION"),
    )

    id: Mapped[IntPk]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    currency: Mapped[str]
    default_country: Mapped[str]
    transaction_flow_strategy: Mapped[str] = mapped_column(server_default="CHARGE")
    # Whether a checkout may become an order before it is paid.
    allow_unpaid_orders: Mapped[bool] = mapped_column(server_default="false")
    # Whether new orders may be fulfilled at once; otherwise a person confirms each.
    automatically_confirm_new_orders: Mapped[bool] = mapped_column(server_default="true")
