"""Before `shop dev` serves: tables and demo, in a process of its own (`python -m shop.cli.preparation`).

Migrating and seeding import a third of the product that serving does not need; here that memory ends with the process.
Prints one JSON object for each thing done.
"""

import asyncio
import json
import sys
import time

from sqlalchemy import text

from shop.accounts import actions as accounts
from shop.blueprint.apply import apply_file
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import DEMO
from shop.cli import migrations
from shop.kit.db import Database
from shop.kit.errors import ShopError
from shop.kit.settings import Settings

DEMO_STAFF = "admin@example.com"


def report(name: str, detail: str, started: float) -> None:
    """One thing is done; the parent prints it."""
    print(json.dumps({"name": name, "detail": detail, "seconds": time.monotonic() - started}), flush=True)


async def seed(settings: Settings, *, again: bool) -> str:
    """The demo clinic is in the shop. Without `again`, a shop that has a channel already is left as it is."""
    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1, statement_timeout_seconds=60)
    try:
        if not again:
            async with database.unit() as session:
                if await session.scalar(text("SELECT EXISTS (SELECT FROM channel_channel)")):
                    return "in place"
        changes = await apply_file(database, DEMO, media_folder=settings.media_path)
        if settings.demo_password is not None:
            password = settings.demo_password.get_secret_value()
            password_hash = await accounts.hash_password(password)
            await database.run(
                lambda session: accounts.set_password(
                    session, email=DEMO_STAFF, password=password, password_hash=password_hash
                )
            )
        return changes.headline()
    finally:
        await database.close()


def main() -> None:
    """The database of SHOP_DATABASE_URL has all tables and, where it was empty, the demo."""
    settings = Settings()
    started = time.monotonic()
    steps = migrations.main("head", quiet=True)
    report("tables", f"{steps} steps" if steps else "up to date", started)
    started = time.monotonic()
    try:
        report("demo", asyncio.run(seed(settings, again=False)), started)
    except (ShopFileError, ShopError) as error:
        sys.exit(f"The demo could not be applied: {error}")


if __name__ == "__main__":
    main()
