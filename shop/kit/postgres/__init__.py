"""A PostgreSQL of our own for `make run` and the tests: found, started, shared between processes and stopped again.

Nothing here knows the shop or opens a session; production sets SHOP_DATABASE_URL and never comes near this room.
"""

from shop.kit.postgres.cluster import Cluster, remove, start
from shop.kit.postgres.failure import PostgresFailure

__all__ = ["Cluster", "PostgresFailure", "remove", "start"]
