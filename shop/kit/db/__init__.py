"""The database: one engine a process, units of work for writes, one AUTOCOMMIT reader a request for reads."""

from shop.kit.db.database import BorrowedUnits, Database, Units
from shop.kit.db.locks import lock_purchase
from shop.kit.db.models import Base
from shop.kit.db.reader import Reader
from shop.kit.db.unit import new_values, send
from shop.kit.db.url import DatabaseUrl

__all__ = ["Base", "BorrowedUnits", "Database", "DatabaseUrl", "Reader", "Units", "lock_purchase", "new_values", "send"]
