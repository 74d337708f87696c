"""`shop booking`: looks after appointments."""

import asyncio

import click

from shop.cli.database import note, ready_settings
from shop.kit.settings import Settings


@click.group()
def command() -> None:
    """Appointments: check what governments do to them."""


@command.command("check-timezones")
@click.pass_context
def check_timezones(context: click.Context) -> None:
    """List coming visits that a zone's new rules have moved. Exit code 1 where there are any.

    Run it after an upgrade of tzdata: such a visit is stored at one instant, and its visitor was told another time.
    """
    with ready_settings(note) as settings:
        moved = asyncio.run(_moved(settings))
    for line in moved:
        click.echo(line)
    if moved:
        context.exit(1)
    click.echo("Every coming visit takes place at the time that was told.")


async def _moved(settings: Settings) -> list[str]:
    from shop.booking.queries.timezones import moved_by_zones
    from shop.booking.rules import local_of, tzdata_version
    from shop.kit import clock
    from shop.kit.db import Database

    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1)
    reader = database.reader()
    try:
        found = await moved_by_zones(reader.rows, clock.now())
    finally:
        await reader.close()
        await database.close()
    return [
        f"Booking {visit.number}: {visit.local_start:%Y-%m-%d %H:%M} was told for {visit.timezone} "
        f"(tzdata {visit.tzdata_version}); by tzdata {tzdata_version()} it takes place at "
        f"{local_of(visit.start, visit.timezone):%H:%M}, and what was told is {visit.told_start:%Y-%m-%d %H:%M} UTC."
        for visit in found
    ]
