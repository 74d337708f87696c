"""The reconciler: finds what a lost webhook, a killed process or a silent provider left behind."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from shop.kit.db import Units
from shop.payments import actions
from shop.payments.flows.calls import run_call
from shop.payments.flows.refresh import refresh
from shop.payments.flows.staff import cancel
from shop.payments.provider import Provider, ProviderUnreachable

_log = structlog.get_logger(__name__)
_BATCH: Final = 100
AUDIT_DAYS: Final = 3
_ABANDONED_AFTER: Final = timedelta(days=1)


async def sweep(units: Units, provider: Provider, now: datetime) -> None:
    """Every open payment and every unfinished wish whose turn has come was looked at once."""
    transactions = await units.run(lambda session: actions.due_transactions(session, now, limit=_BATCH))
    await _each(transactions, lambda key: refresh(units, provider, key), "transaction")
    calls = await units.run(lambda session: actions.due_calls(session, now, limit=_BATCH))
    await _each(calls, lambda key: run_call(units, provider, key), "call")


async def wake(units: Units, now: datetime) -> None:
    """Every open payment and every unfinished wish is due at the next sweep."""
    await units.run(lambda session: actions.wake_all(session, now))


async def audit(units: Units, provider: Provider, now: datetime) -> None:
    """Every payment of the last days says what the provider says: refunds and disputes that nobody told us included.

    PaymentIntents that nobody paid within a day are ended: they would stay open, and be looked at, for ever.
    """
    since = now - timedelta(days=AUDIT_DAYS)
    last: uuid.UUID | None = None
    while page := await units.run(partial(actions.recent_transactions, since=since, after=last, limit=_BATCH)):
        if not await _each(page, lambda key: refresh(units, provider, key), "transaction"):
            return
        last = page[-1]
    left = await units.run(partial(actions.abandoned_transactions, before=now - _ABANDONED_AFTER, limit=_BATCH))
    await _each(left, lambda key: cancel(units, provider, key, reason="abandoned"), "transaction")


async def _each(keys: list[uuid.UUID], act: Callable[[uuid.UUID], Awaitable[Any]], what: str) -> bool:
    """All were tried; False when the provider stopped answering. One that fails does not keep the others waiting."""
    for key in keys:
        try:
            await act(key)
        except ProviderUnreachable as error:
            _log.warning("payment provider unreachable", error=error.message)
            return False
        except Exception:  # noqa: BLE001 - one broken row must not stop the reconciler; its next turn comes by itself
            _log.exception("payment not reconciled", what=what, key=str(key))
    return True
