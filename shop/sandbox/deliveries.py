"""Sends what is owed: each pending delivery is posted, signed, until the endpoint answers 2xx; and lets time pass.

Deliveries are rows written with their event, so a killed process goes on where it stopped. Nothing here decides what
is owed; see `events`.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from shop.sandbox.clock import catch_up
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Store, Unit

_LOG = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 10.0
_AT_ONCE = 16
_IDLE_SECONDS = 1.0
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.5, 300.0
_GIVE_UP_SECONDS = 3 * 86_400
# Older than any verifier's tolerance (300 s by default).
_OLD_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to send."""

    id: int
    url: str
    secret: str
    body: str
    attempts: int
    signature: str
    timestamp: int


def signature_header(body: str, secret: str, timestamp: int) -> str:
    """The value of `Stripe-Signature` for a body. Source: https://docs.stripe.com/webhooks#verify-manually"""
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliverer:
    """The background task of one process."""

    def __init__(self, store: Store, settings: SandboxSettings) -> None:
        self._store = store
        self._settings = settings
        self._wake = asyncio.Event()
        self._sending: dict[int, asyncio.Task[Any]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None

    def wake(self) -> None:
        """Something may be due: the task looks at once."""
        self._wake.set()

    def start(self) -> None:
        """Deliveries are on their way from now on."""
        # No environment proxies: endpoints are usually on this machine.
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)
        self._loop = asyncio.create_task(self._run(), name="sandbox deliveries")

    async def stop(self) -> None:
        """Nothing is sent any more; what was under way is still owed."""
        tasks = [task for task in (self._loop, *self._sending.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                wait = self._look()
            except sqlite3.Error:
                # A full disk, say: what is owed stays owed, and the next look may succeed.
                _LOG.exception("The sandbox could not read its deliveries.")
                wait = _IDLE_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _look(self) -> float:
        """Starts what is due; seconds until the next look."""
        with self._store.unit() as unit:
            catch_up(unit, self._settings)
            free = _AT_ONCE - len(self._sending)
            rows = unit.db.execute(
                "SELECT id FROM delivery WHERE state = 'pending' AND next_at <= ? ORDER BY next_at, id LIMIT ?",
                (unit.time, _AT_ONCE * 2),
            ).fetchall()
            ready = [row[0] for row in rows if row[0] not in self._sending][: max(free, 0)]
            parcels = [parcel for key in ready if (parcel := _parcel(unit, key)) is not None]
            coming = unit.db.execute(
                "SELECT min(next_at) FROM delivery WHERE state = 'pending' AND next_at > ?", (unit.time,)
            ).fetchone()[0]
            soon = _IDLE_SECONDS if coming is None else min(_IDLE_SECONDS, max(0.005, coming - unit.time))
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._sending[parcel.id] = task
            task.add_done_callback(lambda _, key=parcel.id: self._done(key))  # type: ignore[misc]
        return soon

    def _done(self, key: int) -> None:
        self._sending.pop(key, None)
        self.wake()

    async def _deliver(self, parcel: Parcel) -> tuple[int | None, str | None]:
        status, error = await self._post(parcel)
        try:
            with self._store.unit() as unit:
                _record(unit, parcel, status, error)
        except sqlite3.Error:
            _LOG.exception("The sandbox could not record a delivery; it will be sent again.")
            await asyncio.sleep(_IDLE_SECONDS)
        return status, error

    async def _post(self, parcel: Parcel) -> tuple[int | None, str | None]:
        if self._client is None:
            raise RuntimeError("The deliverer was not started.")
        timestamp = parcel.timestamp - (_OLD_SECONDS if parcel.signature == "old" else 0)
        secret = parcel.secret if parcel.signature != "wrong" else f"{parcel.secret}-forged"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature_header(parcel.body, secret, timestamp),
            "User-Agent": "Shop-Sandbox/1.0 (stand-in, not Stripe)",
        }
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                response = await self._client.post(parcel.url, content=parcel.body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return None, type(error).__name__
        return response.status_code, None

    async def send_now(self, keys: list[int], signature: str) -> list[Json]:
        """The deliveries are sent once each, one after the other in this order, whatever their state.

        For tests that need an exact order or repetition. Shapes: one result per key, with `status` or `error`.
        """
        results: list[Json] = []
        for key in keys:
            with self._store.unit() as unit:
                parcel = _parcel(unit, key, signature)
            if parcel is None:
                results.append({"id": key, "status": None, "error": "no such delivery, or its endpoint is gone"})
                continue
            status, error = await self._deliver(parcel)
            results.append({"id": key, "status": status, "error": error})
        return results


def _parcel(unit: Unit, key: int, signature: str | None = None) -> Parcel | None:
    row = unit.db.execute("SELECT event, endpoint, attempts, signature FROM delivery WHERE id = ?", (key,)).fetchone()
    if row is None:
        return None
    event, endpoint = unit.find("event", row[0]), unit.find("webhook_endpoint", row[1])
    if event is None or endpoint is None or endpoint["status"] != "enabled":
        unit.db.execute(
            "UPDATE delivery SET state = 'failed', last_error = 'endpoint gone or disabled' WHERE id = ?", (key,)
        )
        return None
    # A fault in the signature spoils the first attempt only: every attempt of Stripe's is signed afresh.
    spoiled = signature or (row[3] if row[2] == 0 else "good")
    body = json.dumps(event, indent=2)
    # Signed with the machine's clock, which is the receiver's too, however far the sandbox's own has been moved.
    timestamp = int(unit.time - unit.offset_seconds)
    return Parcel(key, endpoint["url"], endpoint["_secret"], body, row[2], spoiled, timestamp)


def _record(unit: Unit, parcel: Parcel, status: int | None, error: str | None) -> None:
    delivered = status is not None and 200 <= status < 300
    attempts = parcel.attempts + 1
    wait = min(_FIRST_RETRY_SECONDS * 2**parcel.attempts, _LONGEST_RETRY_SECONDS)
    row = unit.db.execute("SELECT created, state, event FROM delivery WHERE id = ?", (parcel.id,)).fetchone()
    if row is None:  # forgotten by a reset meanwhile
        return
    created, before, event_id = row
    state = "delivered" if delivered else "failed" if unit.time - created > _GIVE_UP_SECONDS else "pending"
    if not delivered and before in {"delivered", "held", "dropped"}:
        state = before
    unit.db.execute(
        "UPDATE delivery SET state = ?, attempts = ?, next_at = ?, last_status = ?, last_error = ? WHERE id = ?",
        (state, attempts, unit.time + wait, status, error, parcel.id),
    )
    event = unit.find("event", event_id)
    if event is not None and delivered and before != "delivered" and event["pending_webhooks"] > 0:
        event["pending_webhooks"] -= 1
        unit.save(event)
