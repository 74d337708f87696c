"""Runs migrations: over psycopg, one transaction a revision, one migrating process at a time.

The address comes from the caller (`config.attributes["url"]`) or from the settings.
"""

from alembic import context
from sqlalchemy import create_engine, pool, text

from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings
from shop.tables import metadata

# Any number, the same for ever: two deployments that start at once migrate one after the other.
LOCK = 7_236_102


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    """The queue's tables are the library's: its own SQL is frozen beside a migration."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


def configured_url() -> str:
    """The database to migrate."""
    url = context.config.attributes.get("url") or Settings().database_url
    if not url:
        raise SystemExit("No database: set SHOP_DATABASE_URL, or use `shop migrate`, which knows the embedded one.")
    return str(DatabaseUrl.parse(url)).replace("postgresql://", "postgresql+psycopg://", 1)


def run() -> None:
    """Every revision in a transaction of its own, under one advisory lock."""
    engine = create_engine(configured_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        # Before the timeout is set: another deployment's migration may take longer than any lock on a table should.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_name=include_name,
            transaction_per_migration=True,
            compare_server_default=False,
            # `shop migrate` tells each step as it is made.
            on_version_apply=context.config.attributes.get("on_version_apply"),
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    context.configure(url=configured_url(), target_metadata=metadata, literal_binds=True, include_name=include_name)
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
