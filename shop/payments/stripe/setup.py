"""`shop stripe setup URL`: makes the webhook endpoint at Stripe and keeps its secret, encrypted, in the database."""

from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import keys
from shop.kit.db import Units
from shop.kit.settings import Settings
from shop.payments.models import ProviderSecret
from shop.payments.queries import sealed_secrets
from shop.payments.stripe.client import API_VERSION, StripeProvider
from shop.payments.stripe.webhooks import EVENTS

PATH: Final = "/webhooks/stripe"
_CURRENT: Final = "stripe-webhook"
# Stripe still signs what it sends again with the old secret: both pass until the next setup.
_PREVIOUS: Final = "stripe-webhook-previous"
_PURPOSE: Final = "stripe webhook secret"


class SecretUnreadable(Exception):
    """The stored secret was sealed with another SHOP_SECRET_KEY."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The webhook endpoint that Stripe now sends to; `replaced` are the ids of older ones at the same address."""

    id: str
    url: str
    replaced: tuple[str, ...]


async def setup(units: Units, stripe: StripeProvider, settings: Settings, public_url: str) -> Endpoint:
    """Stripe sends the shop's events to this address, and the shop knows the secret. Again: the secret is a new one.

    Raises: stripe.StripeError; ValueError without SHOP_SECRET_KEY.
    """
    key = _key(settings)
    url = public_url.rstrip("/") + PATH
    endpoints = stripe.client.v1.webhook_endpoints
    known = await endpoints.list_async({"limit": 100})
    older = tuple(endpoint.id for endpoint in known.data if endpoint.url == url)
    params: Any = {"url": url, "enabled_events": list(EVENTS), "api_version": API_VERSION, "description": "Shop"}
    made = await endpoints.create_async(params)
    secret = made.secret
    assert secret is not None, "Stripe tells the secret once, when the endpoint is made"

    async def keep(session: AsyncSession) -> None:
        stored = await sealed_secrets(session, [_CURRENT])
        values = {_CURRENT: keys.encrypt(key, secret, bound_to=_CURRENT)}
        if _CURRENT in stored:
            values[_PREVIOUS] = keys.encrypt(key, _open(key, stored[_CURRENT], _CURRENT), bound_to=_PREVIOUS)
        for name, sealed in values.items():
            statement = insert(ProviderSecret).values(name=name, sealed=sealed)
            await session.execute(
                statement.on_conflict_do_update(index_elements=[ProviderSecret.name], set_={"sealed": sealed})
            )

    await units.run(keep)
    for endpoint_id in older:
        await endpoints.delete_async(endpoint_id)
    return Endpoint(made.id, url, older)


async def webhook_secrets(session: AsyncSession, settings: Settings) -> list[str]:
    """The secrets that may have signed a webhook; empty when the endpoint is off. The setting overrides the stored.

    Raises: SecretUnreadable.
    """
    if settings.stripe_webhook_secret is not None:
        given = settings.stripe_webhook_secret.get_secret_value()
        return [secret.strip() for secret in given.split(",") if secret.strip()]
    if settings.secret_key is None:
        return []
    key = _key(settings)
    stored = await sealed_secrets(session, [_CURRENT, _PREVIOUS])
    return [_open(key, sealed, name) for name, sealed in stored.items()]


def _key(settings: Settings) -> bytes:
    if settings.secret_key is None:
        raise ValueError("SHOP_SECRET_KEY is not set")
    return keys.derive(settings.secret_key.get_secret_value(), _PURPOSE)


def _open(key: bytes, sealed: str, name: str) -> str:
    try:
        return keys.decrypt(key, sealed, bound_to=name)
    except InvalidTag as error:
        raise SecretUnreadable("SHOP_SECRET_KEY has changed: run `shop stripe setup` again") from error
