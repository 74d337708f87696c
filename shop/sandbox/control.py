"""The `/_sandbox` tool: faults, the clock, deliveries and a reset, for tests and for trying things out by hand.

It is no part of Stripe's protocol and answers callers on this machine only.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shop.sandbox import faults
from shop.sandbox.clock import catch_up
from shop.sandbox.deliveries import Deliverer
from shop.sandbox.faults import Fault
from shop.sandbox.resources import webhook_endpoints
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Store

_LARGEST_BODY = 100_000
_MOST_DELIVERIES = 1000
_COLUMNS = ("id", "event", "type", "endpoint", "state", "attempts", "signature", "next_at", "created", "last_status",
            "last_error")  # fmt: skip
_HELP: Json = {
    "what": "Stand-in for Stripe. No real payment is made here. This tool answers callers on this machine only.",
    "GET /_sandbox": "This text, with the sandbox's clock.",
    "GET /_sandbox/faults": "Faults that lie in wait, with the times they will still strike.",
    "POST /_sandbox/faults": {
        "body": {"kind": "see kinds", "times": 1, "method": "*", "path": "*", "event": "*", "seconds": 30, "copies": 2,
                 "window": 2},
        "patterns": "method and path choose API calls, event chooses webhooks; * and ? match as in a shell",
        "kinds": {
            "delay": "the API answers `seconds` later",
            "rate_limit": "the API answers 429 and does nothing",
            "error_before": "the API answers 500 and does nothing",
            "error_after": "the API does its work, keeps it and answers 500",
            "hang_before": "the API does nothing and answers not for `seconds`",
            "hang_after": "the API does its work, keeps it and answers not for `seconds`",
            "webhook_delay": "the event is sent `seconds` later",
            "webhook_drop": "the event is never sent",
            "webhook_duplicate": "the event is sent `copies` times",
            "webhook_reorder": "`window` events are gathered and sent in reverse",
            "webhook_hold": "the event waits for /_sandbox/deliveries/send or for its fault to be deleted",
            "webhook_wrong_signature": "the first attempt carries a forged signature; later ones are right",
            "webhook_old_timestamp": "the first attempt is signed as of an hour ago; later ones are right",
        },
    },
    "DELETE /_sandbox/faults": "No faults lie in wait; held events are sent.",
    "POST /_sandbox/clock": {"body": {"advance_seconds": 60}, "does": "The clock is that much further ahead."},
    "GET /_sandbox/deliveries": "The last deliveries and what the endpoint answered; ?state= and ?event= choose.",
    "POST /_sandbox/deliveries/send": {
        "body": {"ids": [1, 2, 2], "signature": "good"},
        "does": "Sends each once, in this order, one after the other. signature: good, wrong or old.",
    },
    "POST /_sandbox/reset": {"body": {}, "does": "Everything is forgotten but the endpoint named at start."},
}  # fmt: skip


class ClockChange(BaseModel):
    """How far the clock jumps. Units: seconds; never back."""

    model_config = ConfigDict(extra="forbid")
    advance_seconds: float = Field(ge=0, le=10 * 365 * 86_400)


class SendOrder(BaseModel):
    """Which deliveries to send now, in which order, and how truly signed."""

    model_config = ConfigDict(extra="forbid")
    ids: list[int] = Field(min_length=1, max_length=_MOST_DELIVERIES)
    signature: Literal["good", "wrong", "old"] = "good"


class Nothing(BaseModel):
    """A body without fields."""

    model_config = ConfigDict(extra="forbid")


Handler = Callable[[Request], Awaitable[Json]]
Model = TypeVar("Model", bound=BaseModel)


class Control:
    """The tool over one store."""

    def __init__(self, store: Store, settings: SandboxSettings, deliverer: Deliverer) -> None:
        self._store = store
        self._settings = settings
        self._deliverer = deliverer

    def routes(self) -> list[Route]:
        """The tool's routes, each closed to callers from elsewhere."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox", self._help),
            ("GET", "/_sandbox/faults", self._faults),
            ("POST", "/_sandbox/faults", self._add_fault),
            ("DELETE", "/_sandbox/faults", self._clear_faults),
            ("POST", "/_sandbox/clock", self._clock),
            ("GET", "/_sandbox/deliveries", self._deliveries),
            ("POST", "/_sandbox/deliveries/send", self._send),
            ("POST", "/_sandbox/reset", self._reset),
        ]
        return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]

    async def _help(self, request: Request) -> Json:
        with self._store.unit() as unit:
            return {"now": unit.now, "clock_offset_seconds": unit.offset_seconds, **_HELP}

    async def _faults(self, request: Request) -> Json:
        with self._store.unit() as unit:
            return {
                "data": [{"id": key, **fault.model_dump(), "times": left} for key, left, fault in faults.waiting(unit)]
            }

    async def _add_fault(self, request: Request) -> Json:
        fault = await _body(request, Fault)
        with self._store.unit() as unit:
            return {"id": faults.add(unit, fault), **fault.model_dump()}

    async def _clear_faults(self, request: Request) -> Json:
        with self._store.unit() as unit:
            faults.clear(unit)
        self._deliverer.wake()
        return {"data": []}

    async def _clock(self, request: Request) -> Json:
        change = await _body(request, ClockChange)
        with self._store.unit() as unit:
            unit.set_note("clock_offset_seconds", str(unit.offset_seconds + change.advance_seconds))
        with self._store.unit() as unit:
            catch_up(unit, self._settings)
            now, offset = unit.now, unit.offset_seconds
        self._deliverer.wake()
        return {"now": now, "clock_offset_seconds": offset}

    async def _deliveries(self, request: Request) -> Json:

        sql, values = f"SELECT {', '.join(_COLUMNS)} FROM delivery WHERE 1", []  # noqa: S608 - constant names
        for name in ("state", "event"):
            if name in request.query_params:
                sql += f" AND {name} = ?"
                values.append(request.query_params[name])
        with self._store.unit() as unit:
            rows = unit.db.execute(f"{sql} ORDER BY id DESC LIMIT {_MOST_DELIVERIES}", values).fetchall()
        return {"data": [dict(zip(_COLUMNS, row, strict=True)) for row in reversed(rows)]}

    async def _send(self, request: Request) -> Json:
        order = await _body(request, SendOrder)
        return {"data": await self._deliverer.send_now(order.ids, order.signature)}

    async def _reset(self, request: Request) -> Json:
        await _body(request, Nothing)
        self._store.reset()
        with self._store.unit() as unit:
            webhook_endpoints.set_initial(unit, self._settings.webhook_url, self._settings.webhook_secret)
            return {"now": unit.now}


class _Refused(Exception):
    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(str(detail))
        self.status = status
        self.detail = detail


def _guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _check_caller(request)
            return JSONResponse(await handler(request), headers={"Cache-Control": "no-store"})
        except _Refused as error:
            return JSONResponse({"error": error.detail}, error.status)

    return endpoint


def _check_caller(request: Request) -> None:
    try:
        local = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise _Refused(403, "The sandbox's tool answers callers on this machine only.")
    # A page in the developer's browser must not be able to move the clock: forms cannot send JSON.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise _Refused(415, "Send a JSON body with Content-Type: application/json.")


async def _body(request: Request, model: type[Model]) -> Model:
    raw = await request.body()
    if len(raw) > _LARGEST_BODY:
        raise _Refused(413, "The body is too large.")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _Refused(400, error.errors(include_url=False, include_context=False, include_input=False)) from error
