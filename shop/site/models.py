"""The shop's own row: one, and only one."""

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata


class SiteSettings(Base, HasMetadata):
    """Name and wording of the shop; the row with id 1 is made by the first migration."""

    __tablename__ = "site_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("limit_quantity_per_checkout BETWEEN 1 AND 1000000", name="limit_quantity_per_checkout"),
        CheckConstraint("reserve_minutes_guest BETWEEN 0 AND 10080", name="reserve_minutes_guest"),
        CheckConstraint("reserve_minutes_user BETWEEN 0 AND 10080", name="reserve_minutes_user"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, server_default=text("1"))
    name: Mapped[str] = mapped_column(server_default="Shop")
    description: Mapped[str] = mapped_column(server_default="")
    header_text: Mapped[str] = mapped_column(server_default="")
    contact_email: Mapped[str] = mapped_column(server_default="")
    # Who sells: what invoices name.
    company_address_id: Mapped[int | None] = mapped_column(
        ForeignKey("account_address.id", ondelete="SET NULL"), index=True
    )
    company_vat_number: Mapped[str] = mapped_column(server_default="")
    # How many of a variant one order may hold, unless the variant says otherwise.
    limit_quantity_per_checkout: Mapped[int] = mapped_column(server_default=text("50"))
    # Whether parcels may leave before an order is paid whole.
    fulfillment_allow_unpaid: Mapped[bool] = mapped_column(server_default="true")
    # How long a cart's lines keep their stock; 0: not at all.
    reserve_minutes_guest: Mapped[int] = mapped_column(server_default=text("0"))
    reserve_minutes_user: Mapped[int] = mapped_column(server_default=text("0"))
