"""Brings the shop to what a shop file says: one transaction, nothing deleted unless asked, nothing written twice."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.blueprint.apply import (
    assets,
    booking,
    catalogue,
    comments,
    content,
    describing,
    discounts,
    giftcards,
    names,
    selling,
    widgets,
)
from shop.blueprint.apply.report import Change, Report
from shop.blueprint.apply.table import Sync
from shop.blueprint.load import Loaded, load
from shop.discounts.actions import settle
from shop.kit import clock
from shop.kit.db import Units
from shop.kit.db.database import sqlstate
from shop.kit.errors import Conflict

__all__ = ["Change", "Report", "apply", "apply_file"]

# One apply at a time: two of them would each find the other's rows missing.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('shop apply'))")
_LOCK_NOT_AVAILABLE = "55P03"
_NO_SUCH_TABLE_OR_COLUMN = ("42P01", "42703")


class _DryRun(Exception):
    """Leaves the unit of work, so that nothing of it remains."""


async def apply_file(
    database: Units, path: Path, *, media_folder: Path, prune: bool = False, dry_run: bool = False
) -> Report:
    """The shop holds what the file at `path` says; the report names every change.

    Things that the file does not mention stay, unless `prune` is given: then, of every section that the file has, what
    it does not mention is deleted (staff users never). A dry run changes nothing and reports what would change.
    Pictures go to `media_folder`.
    Raises: ShopFileError with file, line and path of every problem; Conflict where something cannot be deleted.
    """
    return await apply(database, load(path), prune=prune, dry_run=dry_run, media_folder=media_folder)


async def apply(
    database: Units, loaded: Loaded, *, media_folder: Path, prune: bool = False, dry_run: bool = False
) -> Report:
    """As `apply_file`, for a file that has been loaded.

    Locks: one advisory lock for all applies, then rows in the order of the sections.
    """
    # Drawing takes longer than everything else; no transaction waits for it.
    pictures = assets.gather(loaded, dry_run=dry_run, folder=media_folder)
    try:
        await database.run(pictures.find_stored)
    except DBAPIError as error:
        if sqlstate(error) in _NO_SUCH_TABLE_OR_COLUMN:
            raise Conflict("The database lacks tables of this version; 'shop migrate' makes them.") from error
        raise
    await pictures.draw()
    report = Report(dry_run)

    async def work(session: AsyncSession) -> None:
        # The unit may run again after a deadlock: nothing of the first attempt is left.
        report.changes.clear()
        pictures.begin()
        await session.execute(_LOCK)
        await _apply(session, loaded, pictures, report, prune=prune)
        if dry_run:
            raise _DryRun

    try:
        await database.run(work)
    except _DryRun:
        pass
    except IntegrityError as error:
        raise Conflict(_explain(error)) from error
    except DBAPIError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise Conflict("Something else is changing the shop at this moment; nothing was changed.") from error
        raise
    return report


async def _apply(
    session: AsyncSession, loaded: Loaded, pictures: assets.Assets, report: Report, *, prune: bool
) -> None:
    shop = loaded.shop
    now = clock.now()
    known = await names.resolve(session, loaded, prune=prune)
    sync = Sync(session, report, prune=prune)
    await pictures.place_images(session)
    await selling.apply_site(sync, shop)
    await selling.apply_taxes(sync, known, shop)
    await selling.apply_warehouses(sync, known, shop)
    await selling.apply_channels(sync, known, shop)
    await selling.apply_shipping(sync, known, pictures, shop)
    await catalogue.apply_product_types(sync, known, shop)
    await catalogue.apply_categories(sync, known, pictures, shop)
    await catalogue.apply_products(sync, known, pictures, shop, now)
    await catalogue.apply_collections(sync, known, pictures, shop, now)
    await content.apply_pages(sync, known, pictures, shop, now)
    await comments.apply_comments(sync, known, shop, now)
    await content.apply_menus(sync, known, shop)
    await widgets.apply_widget_areas(sync, known, pictures, shop)
    await describing.apply_attributes(sync, known, shop)
    await describing.apply_translations(sync, known, pictures, shop)
    await discounts.apply_vouchers(sync, known, shop, now)
    await discounts.apply_promotions(sync, known, shop, now)
    await giftcards.apply_gift_cards(sync, shop)
    await booking.apply_booking(sync, known, shop)
    await content.apply_staff(sync, known, shop)
    await sync.delete_pruned()
    if report.changed:
        await catalogue.finish_products(sync, known, shop)
        await settle(session, now=now)


def _explain(error: IntegrityError) -> str:
    """What a person can do about a constraint that stopped the apply."""
    cause = error.orig.__cause__ if error.orig is not None else None
    detail = getattr(cause, "detail", None) or str(error.orig)
    if "still referenced" in detail:
        return f"Something that would be deleted is still in use, so nothing was changed. {detail}"
    if "allocated_within_quantity" in str(error.orig):
        return f"A stock would fall below what is promised to orders, so nothing was changed. {detail}"
    return f"The database refused a change, so nothing was changed. {detail}"
