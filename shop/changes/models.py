"""One row for each transaction and followed table, so that writers never wait for each other."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base


class Change(Base):
    """That a transaction changed rows of a table. Triggers write it.

    A table is followed when the function `change_follow` was called with its name, as the migration that makes it does.
    With a second argument, a topic, it is told of by that: what a hold or a sale changes together is one row.
    """

    __tablename__ = "change_change"

    # PostgreSQL's own number of the transaction, of 64 bits: it says in which snapshots the change is seen.
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # Or the topic's.
    table_name: Mapped[str] = mapped_column(primary_key=True)
    # When the sweeper met it: some time later every process has seen it, or forgets everything.
    met_at: Mapped[datetime | None]
