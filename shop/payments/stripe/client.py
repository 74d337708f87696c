"""The client: every call has a short timeout, a pinned API version and our own idempotency key."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final
from weakref import WeakKeyDictionary

import stripe

from shop.kit.settings import Settings
from shop.payments.provider import (
    IntentState,
    Kind,
    NewPayment,
    PaymentState,
    ProviderFaulted,
    ProviderRefused,
    ProviderUnreachable,
)
from shop.payments.stripe.minor import NotRepresentable, to_minor
from shop.payments.stripe.reading import CALL, PURCHASE, TRANSACTION, Json, intent_state, session_state, transaction_of

API_VERSION: Final = "2026-10-28.endive"
# Stripe takes 30 minutes at least, counted from its own clock; a minute for the way.
SESSION_SECONDS: Final = 31 * 60
_INTENT_PARTS: Final = ["latest_charge.refunds"]
_SESSION_PARTS: Final = ["payment_intent.latest_charge.refunds"]
_PAGE: Final = 100
_MAX_LINES: Final = 100


class StripeProvider:
    """Stripe, or the sandbox that speaks its protocol."""

    def __init__(self, secret_key: str, api_url: str, timeout_seconds: float) -> None:
        self._arguments = (secret_key, api_url, timeout_seconds)
        # A loop each: the HTTP client's connections cannot move between loops.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, stripe.StripeClient] = WeakKeyDictionary()

    @property
    def client(self) -> stripe.StripeClient:
        """The SDK's client of this event loop, made on first use."""
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None:
            key, url, timeout = self._arguments
            found = self._clients[loop] = stripe.StripeClient(
                key,
                base_addresses={"api": url},
                max_network_retries=1,
                stripe_version=API_VERSION,
                http_client=stripe.HTTPXClient(timeout=timeout),
            )
        return found

    async def create(self, payment: NewPayment) -> PaymentState:
        """See `Provider.create`."""
        options = {"idempotency_key": payment.key}
        try:
            if payment.kind is Kind.PAYMENT_INTENT:
                params = _intent_params(payment)
                return intent_state(
                    await _asked(self.client.v1.payment_intents.create_async(params, options))  # type: ignore[arg-type]
                )
            params = _session_params(payment)
            session = await _asked(self.client.v1.checkout.sessions.create_async(params, options))  # type: ignore[arg-type]
            return session_state(session, None)
        except NotRepresentable as error:
            raise ProviderRefused(str(error), code="invalid_amount") from error

    async def find(self, payment: NewPayment) -> PaymentState | None:
        """See `Provider.find`: the newest objects are searched for our metadata, which is there at once."""
        since = int(payment.created_at.timestamp()) - 300
        params: Any = {"created": {"gte": since}, "limit": _PAGE}
        while True:
            if payment.kind is Kind.PAYMENT_INTENT:
                page = await _asked(self.client.v1.payment_intents.list_async(params))
            else:
                page = await _asked(self.client.v1.checkout.sessions.list_async(params))
            for obj in page["data"]:
                if transaction_of(obj) == payment.transaction_id:
                    return await self.state(payment.kind, obj["id"])
            if not page["has_more"]:
                return None
            params = params | {"starting_after": page["data"][-1]["id"]}

    async def state(self, kind: Kind, reference: str) -> PaymentState:
        """See `Provider.state`. One call, and one more for a disputed charge."""
        if kind is Kind.PAYMENT_INTENT:
            return await self._intent(
                await _asked(self.client.v1.payment_intents.retrieve_async(reference, {"expand": _INTENT_PARTS}))
            )
        return await self._session(
            await _asked(self.client.v1.checkout.sessions.retrieve_async(reference, {"expand": _SESSION_PARTS}))
        )

    async def end(self, kind: Kind, reference: str, *, key: str) -> PaymentState:
        """See `Provider.end`."""
        state = await self.state(kind, reference)
        intent = state if isinstance(state, IntentState) else state.intent
        try:
            # A page that was paid cannot be ended, but what it authorised can be released.
            if intent is not None and (kind is Kind.PAYMENT_INTENT or intent.status == "requires_capture"):
                await _asked(self.client.v1.payment_intents.cancel_async(intent.id, {}, {"idempotency_key": key}))
            else:
                await _asked(self.client.v1.checkout.sessions.expire_async(reference, {}, {"idempotency_key": key}))
        except ProviderRefused:
            # It was paid, ended or has expired meanwhile: its state says which.
            return await self.state(kind, reference)
        return await self.state(kind, reference)

    async def capture(self, intent_id: str, amount: Any, currency: str, *, key: str) -> PaymentState:
        """See `Provider.capture`."""
        minor = to_minor(amount, currency)
        await _asked(
            self.client.v1.payment_intents.capture_async(
                intent_id, {"amount_to_capture": minor}, {"idempotency_key": key}
            )
        )
        return await self.state(Kind.PAYMENT_INTENT, intent_id)

    async def refund(self, intent_id: str, amount: Any, currency: str, *, key: str, call_id: str) -> PaymentState:
        """See `Provider.refund`."""
        minor = to_minor(amount, currency)
        await _asked(
            self.client.v1.refunds.create_async(
                {"payment_intent": intent_id, "amount": minor, "metadata": {CALL: call_id}}, {"idempotency_key": key}
            )
        )
        return await self.state(Kind.PAYMENT_INTENT, intent_id)

    async def _intent(self, obj: Json) -> IntentState:
        charge = obj.get("latest_charge")
        disputes: list[Json] = []
        if isinstance(charge, dict) and charge.get("disputed"):
            page = await _asked(self.client.v1.disputes.list_async({"charge": charge["id"], "limit": _PAGE}))
            disputes = page["data"]
        return intent_state(obj, disputes)

    async def _session(self, obj: Json) -> PaymentState:
        inner = obj.get("payment_intent")
        return session_state(obj, await self._intent(inner) if isinstance(inner, dict) else None)


_providers: dict[tuple[str, str, float], StripeProvider] = {}


def provider(settings: Settings) -> StripeProvider | None:
    """The process's provider for these settings; None when no key is set."""
    if settings.stripe_secret_key is None:
        return None
    arguments = (
        settings.stripe_secret_key.get_secret_value(),
        settings.stripe_api_url,
        settings.stripe_timeout_seconds,
    )
    found = _providers.get(arguments)
    if found is None:
        found = _providers[arguments] = StripeProvider(*arguments)
    return found


async def _asked(call: Awaitable[stripe.StripeObject]) -> Json:
    """The answer as a dict. Raises: ProviderError, sorted by what is known about the deed."""
    try:
        return (await call).to_dict()
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise ProviderUnreachable(_text(error), code=error.code or "") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # A wrong key is mended by the owner; until then nothing was done and nothing is lost.
        raise ProviderUnreachable(_text(error), code="authentication") from error
    except stripe.IdempotencyError as error:
        raise ProviderFaulted(_text(error), code="idempotency_error") from error
    except stripe.StripeError as error:
        if error.http_status == 409:  # the first request with this key is still under way
            raise ProviderUnreachable(_text(error), code=error.code or "") from error
        if error.http_status is None or error.http_status >= 500:
            raise ProviderFaulted(_text(error), code=error.code or "") from error
        raise ProviderRefused(_text(error), code=error.code or "") from error


def _text(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__


def _metadata(payment: NewPayment) -> dict[str, str]:
    return {TRANSACTION: str(payment.transaction_id), PURCHASE: str(payment.purchase_key)}


# The Payment Element shows the wallets under the card, so asking for one means the card at the provider.
_METHOD_TYPES: Final = {"google_pay": "card", "apple_pay": "card"}


def _intent_params(payment: NewPayment) -> Json:
    method = payment.method or "card"
    return {
        "amount": to_minor(payment.amount, payment.currency),
        "currency": payment.currency.lower(),
        "capture_method": "manual" if payment.manual else "automatic",
        "allowed_payment_method_types": [_METHOD_TYPES.get(method, method)],
        "metadata": _metadata(payment),
    }


def _session_params(payment: NewPayment) -> Json:
    params: Json = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": str(payment.purchase_key),
        "line_items": _line_items(payment),
        "success_url": payment.success_url,
        "cancel_url": payment.cancel_url,
        # From the row, not from the clock: the same key must bring the same parameters.
        "expires_at": int(payment.created_at.timestamp()) + SESSION_SECONDS,
        "metadata": _metadata(payment),
        "payment_intent_data": {
            "metadata": _metadata(payment),
            "capture_method": "manual" if payment.manual else "automatic",
        },
    }
    if payment.email:
        params["customer_email"] = payment.email
    return params


def _line_items(payment: NewPayment) -> list[Json]:
    """What the page lists; one line of the whole amount where the lines do not add up to it."""
    lines = payment.lines
    if not lines or len(lines) > _MAX_LINES or sum(line.amount for line in lines) != payment.amount:
        return [_line_item("Order", 1, to_minor(payment.amount, payment.currency), payment.currency)]
    items = []
    for line in lines:
        minor = to_minor(line.amount, payment.currency)
        if minor % line.quantity == 0:
            items.append(_line_item(line.name, line.quantity, minor // line.quantity, payment.currency))
        else:
            items.append(_line_item(f"{line.quantity} x {line.name}", 1, minor, payment.currency))
    return items


def _line_item(name: str, quantity: int, unit_minor: int, currency: str) -> Json:
    product = {"name": name[:250] or "Order"}
    price = {"currency": currency.lower(), "unit_amount": unit_minor, "product_data": product}
    return {"quantity": quantity, "price_data": price}
