"""What the database tells: itself, its tables, the queue, open alerts, and whether its rows agree with each other."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

import shop
from shop.cli.doctor.finding import Finding, fail, ok, warn
from shop.kit.db import DatabaseUrl
from shop.kit.resources import migrations_folder
from shop.kit.settings import Settings
from shop.web.health import newest_migration

OLDEST_MAJOR = 15
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
HEARTBEAT_SECONDS = 60
LATE_SECONDS = 300


def check_database(settings: Settings, *, verify: bool) -> Iterator[Finding]:
    """One finding for each thing; the first failure that makes the rest pointless is the last."""
    assert settings.database_url is not None
    url = DatabaseUrl.parse(settings.database_url)
    started = time.monotonic()
    try:
        connection = psycopg.connect(url.psycopg(), autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        yield fail("database", f"{url.safe()}: {reason}", "Start that server, or correct SHOP_DATABASE_URL.")
        return
    with connection:
        milliseconds = (time.monotonic() - started) * 1000
        major = connection.info.server_version // 10_000
        if major < OLDEST_MAJOR:
            yield fail("database", f"PostgreSQL {major} is older than {OLDEST_MAJOR}", "Upgrade the server.")
            return
        yield ok("database", f"PostgreSQL {major}, connected in {milliseconds:.0f} ms, {url.safe()}")
        yield extensions(connection)
        migrated = migrations(connection)
        yield migrated
        if migrated.state != "OK":
            return
        yield webhook_secret(connection, settings)
        yield worker(connection, settings)
        yield queue(connection)
        yield alerts(connection)
        if verify:
            yield from invariants(connection)


def extensions(connection: psycopg.Connection) -> Finding:
    """Whether the server has what the tables need."""
    rows = connection.execute(
        "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", (list(EXTENSIONS),)
    ).fetchall()
    missing = sorted(set(EXTENSIONS) - {row[0] for row in rows})
    if missing:
        return fail("extensions", f"missing: {', '.join(missing)}", "Install the server's contrib package.")
    return ok("extensions", ", ".join(EXTENSIONS))


def migrations(connection: psycopg.Connection) -> Finding:
    """Whether the tables are those of this version."""
    newest = newest_migration(migrations_folder())
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None:
        return fail("migrations", "the database has no tables yet", "shop migrate")
    if row[0] != newest:
        return fail("migrations", f"at {row[0]}, this version needs {newest}", "shop migrate")
    return ok("migrations", f"up to date ({newest})")


def webhook_secret(connection: psycopg.Connection, settings: Settings) -> Finding:
    """Whether Stripe's messages can be told from forged ones."""
    if settings.stripe_webhook_secret is not None:
        return ok("webhook secret", "set in the environment")
    stored = connection.execute("SELECT 1 FROM payment_provider_secret LIMIT 1").fetchone()
    if stored:
        return ok("webhook secret", "kept in the database")
    if settings.stripe_secret_key is None:
        return ok("webhook secret", "made by 'shop dev' for its sandbox")
    return warn(
        "webhook secret",
        "none: payments are only noticed by asking Stripe again and again",
        f"shop stripe setup {settings.public_url or 'https://your.shop'}",
    )


def worker(connection: psycopg.Connection, settings: Settings) -> Finding:
    """Whether somebody works the queue."""
    row = connection.execute(
        "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
    ).fetchone()
    seconds = row[0] if row else None
    if seconds is not None and seconds <= HEARTBEAT_SECONDS:
        return ok("worker", f"last sign of life {float(seconds):.0f} s ago")
    message = "never seen" if seconds is None else f"last sign of life {float(seconds):.0f} s ago"
    fix = "Start 'shop worker' beside 'shop serve' ('shop dev' has one inside)."
    return fail("worker", message, fix) if settings.production else warn("worker", message, fix)


def queue(connection: psycopg.Connection) -> Finding:
    """Whether jobs wait too long, or were given up."""
    row = connection.execute(
        """
        SELECT count(*) FILTER (WHERE status = 'todo'),
               count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) < now() - %s * interval '1 s'),
               count(*) FILTER (WHERE status IN ('failed', 'aborted'))
        FROM procrastinate_jobs
        """,
        (LATE_SECONDS,),
    ).fetchone()
    waiting, late, failed = row or (0, 0, 0)
    if failed or late:
        return warn(
            "queue",
            f"{waiting} waiting, {late} late, {failed} given up",
            "Read the worker's log; given-up jobs stand in procrastinate_jobs with status 'failed'.",
        )
    return ok("queue", f"{waiting} waiting, none late or given up")


def alerts(connection: psycopg.Connection) -> Finding:
    """Whether money waits for a person."""
    row = connection.execute("SELECT count(*), min(detail) FROM payment_alert WHERE resolved_at IS NULL").fetchone()
    count, first = row or (0, None)
    if count:
        return warn(
            "alerts", f"{count} open; the first: {first}", "Look into each (table payment_alert) and resolve it."
        )
    return ok("alerts", "none open")


@dataclass(frozen=True)
class Invariants:
    """What must hold for all rows of a slice; the query returns invariant, subject and detail of what disagrees."""

    slice: str
    query: str

    @property
    def names(self) -> str:
        """Their numbers, as the comments give them: `I2, I3`."""
        return ", ".join(sorted(set(re.findall(r"\bI\d+\b", self.query)), key=lambda name: int(name[1:])))


def all_invariants() -> list[Invariants]:
    """Every `invariants.sql` of the product: one query each."""
    folder = Path(shop.__file__).parent
    return [
        Invariants(path.parent.name, path.read_text(encoding="utf-8").strip())
        for path in sorted(folder.rglob("invariants.sql"))
    ]


def invariants(connection: psycopg.Connection) -> Iterator[Finding]:
    """One finding for each slice that has invariants, and one for each invariant that does not hold."""
    for checked in all_invariants():
        cursor = connection.execute(checked.query.encode())
        rows = cursor.fetchmany(1000)
        while cursor.nextset():  # a file may hold several queries
            rows += cursor.fetchmany(1000)
        for name in sorted({row[0] for row in rows}):
            broken = [row for row in rows if row[0] == name]
            _, subject, detail = broken[0]
            message = f"{name}: {len(broken)} rows of {checked.slice}; the first is {subject}: {detail}"
            yield fail("verify", message, "Save a copy of the database before anything else, then look at these rows.")
        if not rows:
            yield ok("verify", f"{checked.slice}: {checked.names} hold")
