"""The `/v1` protocol around every endpoint: keys, forms, faults, idempotency, one transaction, Stripe's headers."""

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shop.sandbox import faults, forms, params
from shop.sandbox.call import API_VERSION, Call, Operation
from shop.sandbox.clock import catch_up
from shop.sandbox.deliveries import Deliverer
from shop.sandbox.errors import ApiError
from shop.sandbox.expand import rendered
from shop.sandbox.resources import (
    account,
    charges,
    checkout_sessions,
    customers,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    webhook_endpoints,
)
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Store, Unit, random_id

_KEY_LIFETIME_SECONDS = 24 * 3600
_LONGEST_KEY = 255
_LARGEST_BODY = 1_000_000
_ALL = (checkout_sessions, payment_intents, refunds, charges, customers, payment_methods, setup_intents,
        webhook_endpoints, account)  # fmt: skip
OPERATIONS: tuple[Operation, ...] = tuple(one for module in _ALL for one in module.OPERATIONS)


class Answer(Response):
    """An answer in Stripe's form."""

    media_type = "application/json"

    def __init__(self, status: int, body: str, headers: dict[str, str]) -> None:
        super().__init__(body, status, {"Cache-Control": "no-store", "Vary": "Origin", **headers})


class Silence(Answer):
    """No answer until the caller has hung up; a caller more patient than that gets a server error."""

    def __init__(self, seconds: float, headers: dict[str, str]) -> None:
        super().__init__(500, _dump(_broken("The sandbox was asked to time out.").body()), headers)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits for the disconnect, and answers only when it never came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
            return
        await super().__call__(scope, receive, send)


class Api:
    """The endpoints over one store."""

    def __init__(self, store: Store, settings: SandboxSettings, deliverer: Deliverer) -> None:
        self._store = store
        self._settings = settings
        self._deliverer = deliverer

    def routes(self) -> list[Route]:
        """One route per operation, and one that answers every other path below `/v1`."""
        routes = [Route(one.path, self._endpoint(one), methods=[one.method]) for one in OPERATIONS]
        every = ["GET", "POST", "DELETE", "PUT", "PATCH"]
        return [*routes, Route("/v1/{rest:path}", self._endpoint(None), methods=every)]

    def _endpoint(self, one: Operation | None) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            headers = {
                "Request-Id": random_id("req_", 14),
                "Stripe-Version": request.headers.get("stripe-version") or API_VERSION,
            }
            try:
                return await self._answer(request, one, headers)
            except ApiError as error:
                return Answer(error.status, _dump(error.body()), headers)

        return endpoint

    async def _answer(self, request: Request, one: Operation | None, headers: dict[str, str]) -> Response:
        _check_key(request)
        if one is None:
            raise ApiError(
                404,
                f"Unrecognized request URL ({request.method}: {request.url.path}). The sandbox implements only a part "
                "of Stripe's API.",
            )
        raw = await _read(request)
        with self._store.unit() as unit:
            fault = faults.for_request(unit, request.method, request.url.path)
        kind = None if fault is None else fault.kind
        if kind == "rate_limit":
            raise ApiError(429, "Request rate limit exceeded.", code="rate_limit")
        if kind == "error_before":
            raise _broken("An unknown error occurred before the request was carried out.")
        values = params.check(one.params, one.supported, raw)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is not None:
            headers["Idempotency-Key"] = key
            stored = self._claim(key, request, raw, headers)
            if stored is not None:
                return stored
        try:
            if fault is not None and kind in {"delay", "hang_before"}:
                await asyncio.sleep(fault.seconds)
            if kind == "hang_before":
                raise _broken("The sandbox was asked to time out before the request was carried out.")
            answer = self._run(request, one, values, key, headers)
        finally:
            if key is not None:
                self._forget_unfinished(key)
        self._deliverer.wake()
        if kind == "error_after":
            raise _broken("An unknown error occurred after the request was carried out.")
        return Silence(fault.seconds, headers) if fault is not None and kind == "hang_after" else answer

    def _claim(self, key: str, request: Request, raw: Json, headers: dict[str, str]) -> Answer | None:
        """The stored answer for this key; None when the key is now this request's own.

        Raises: ApiError when the key belongs to a request under way or to one with other parameters.
        """
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise ApiError(400, f"Idempotency keys may be up to {_LONGEST_KEY} characters.", type="idempotency_error")
        endpoint = request.url.path
        fingerprint = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
        with self._store.unit() as unit:
            unit.db.execute("DELETE FROM answer WHERE created <= ?", (unit.time - _KEY_LIFETIME_SECONDS,))
            row = unit.db.execute(
                "SELECT endpoint, fingerprint, status, request_id, body FROM answer WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                unit.db.execute(
                    "INSERT INTO answer (key, endpoint, fingerprint, created) VALUES (?, ?, ?, ?)",
                    (key, endpoint, fingerprint, unit.time),
                )
                return None
        if row[0] != endpoint:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{endpoint}' vs '{row[0]}'). Try using a key other than '{key}' if you meant to execute a different "
                "request.",
                type="idempotency_error",
            )
        if row[1] != fingerprint:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
                f"using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
            )
        if row[2] is None:
            raise ApiError(
                409,
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                "submitted twice, and the other request is still going through). Please try again later.",
                type="idempotency_error",
                code="idempotency_key_in_use",
            )
        return Answer(row[2], row[4], headers | {"Idempotent-Replayed": "true", "Original-Request": row[3]})

    def _forget_unfinished(self, key: str) -> None:
        with self._store.unit() as unit:
            unit.db.execute("DELETE FROM answer WHERE key = ? AND status IS NULL", (key,))

    def _run(self, request: Request, one: Operation, values: Json, key: str | None, headers: dict[str, str]) -> Answer:
        """The operation's answer; its effects and the answer stored under the key are committed together."""
        with self._store.unit() as unit:
            catch_up(unit, self._settings)
            call = Call(unit, self._settings, headers["Request-Id"], key)
            status, body, executed = _carry_out(unit, one, call, dict(request.path_params), values)
            if key is not None and executed:
                unit.db.execute(
                    "UPDATE answer SET status = ?, request_id = ?, body = ? WHERE key = ?",
                    (status, headers["Request-Id"], body, key),
                )
        return Answer(status, body, headers)


def _carry_out(unit: Unit, one: Operation, call: Call, path: dict[str, str], values: Json) -> tuple[int, str, bool]:
    expand = values.pop("expand", [])
    unit.db.execute("SAVEPOINT operation")
    try:
        status, body, executed = 200, _dump(rendered(unit, one.run(call, path, values), expand)), True
    except ApiError as error:
        if not error.keeps_changes:
            unit.db.execute("ROLLBACK TO operation")
        status, body, executed = error.status, _dump(rendered(unit, error.body(), [])), error.executed
    unit.db.execute("RELEASE operation")
    return status, body, executed


def _broken(message: str) -> ApiError:
    return ApiError(500, message, type="api_error")


def _dump(body: Json) -> str:
    return json.dumps(body, indent=2)


def _check_key(request: Request) -> None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    key = ""
    if scheme.lower() == "bearer":
        key = credentials.strip()
    elif scheme.lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            key = base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    if not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if not key.startswith("sk_test_") or len(key) <= len("sk_test_"):
        hidden = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * len(key)
        raise ApiError(
            401, f"Invalid API Key provided: {hidden}. The sandbox takes keys that begin with sk_test_ only."
        )


async def _read(request: Request) -> Json:
    if request.method != "POST":
        return forms.parse(request.url.query)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise ApiError(413, "The request body is too large.")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != "application/x-www-form-urlencoded":
        raise ApiError(400, f"Invalid content type {kind or '(none)'}: bodies are form-encoded.")
    try:
        return forms.parse(body.decode())
    except UnicodeDecodeError as error:
        raise ApiError(400, "Invalid request body: it is not UTF-8.") from error
