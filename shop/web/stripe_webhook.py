"""`POST /webhooks/stripe`: the raw body is verified, its event stored and queued in one transaction, then answered.

Nothing is done with the event here: Stripe waits, and sends again what took too long.
"""

from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from shop.api.core.errors import is_unavailable
from shop.kit.db import Database
from shop.kit.log import brief
from shop.kit.settings import Settings
from shop.payments import actions
from shop.payments.stripe import Delivered, SignatureRefused, verify
from shop.payments.stripe.setup import webhook_secrets

_log = structlog.get_logger(__name__)
_LARGEST_BODY: Final = 1024 * 1024


class StripeWebhook:
    """The endpoint. Off (404) while no signing secret is known: an unsigned event is nobody's word."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    async def __call__(self, request: Request) -> Response:
        """200 once the event is stored or known, 400 for anything that nobody signed, 503 without a database."""
        try:
            return await self._answer(request)
        except Exception as error:
            if not is_unavailable(error):
                raise
            _log.warning("unavailable", source="stripe", error=brief(error))
            return PlainTextResponse("Try again", 503, headers={"Retry-After": "2"})

    async def _answer(self, request: Request) -> Response:
        secrets = await self.database.run(lambda session: webhook_secrets(session, self.settings))
        if not secrets:
            return PlainTextResponse("Not Found", 404)
        body = await _read(request)
        if body is None:
            return PlainTextResponse("Too large", 413)
        try:
            delivered = verify(body, request.headers.get("stripe-signature"), secrets)
        except SignatureRefused:
            _log.warning("webhook refused", source="stripe", bytes=len(body))
            return PlainTextResponse("Bad signature", 400)

        async def store(session: AsyncSession) -> bool:
            return await _receive(session, delivered)

        new = await self.database.run(store)
        _log.info(
            "webhook",
            source="stripe",
            event_id=delivered.id,
            event_type=delivered.type,
            new=new,
            ours=not delivered.foreign,
        )
        return PlainTextResponse("ok")


async def _receive(session: AsyncSession, delivered: Delivered) -> bool:
    return await actions.receive(
        session,
        source="stripe",
        event_id=delivered.id,
        type=delivered.type,
        object_id=delivered.reference,
        payload=delivered.payload,
        foreign=delivered.foreign,
    )


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is larger than any event."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > _LARGEST_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
