"""What a use case of the sandbox works with: the transaction, the settings and whose request it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop.sandbox.errors import invalid
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Unit

# The version whose shapes are returned; a caller's own `Stripe-Version` is echoed but changes nothing.
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction on somebody's behalf. `request_id` is None for what shoppers or the clock cause."""

    unit: Unit
    settings: SandboxSettings
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def now(self) -> int:
        """The sandbox's clock in Unix seconds."""
        return self.unit.now


Handler = Callable[[Call, dict[str, str], Json], Json]


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint: its route, the SDK's type for its parameters, those it acts on, and what it does."""

    method: str
    path: str
    params: str
    supported: frozenset[str]
    run: Handler


def operation(method: str, path: str, params: str, supported: str, run: Handler) -> Operation:
    """An `Operation`; `supported` lists the parameters' names, separated by blanks."""
    return Operation(method, path, params, frozenset(supported.split()), run)


PAGE_PARAMS = "limit starting_after ending_before created"


def page(call: Call, kind: str, url: str, params: Json, **equal: Any) -> Json:
    """Stripe's list object for one page of a kind, filtered by fields.

    Source: https://docs.stripe.com/api/pagination
    """
    limit = page_limit(params)
    created = params.get("created")
    bounds = created if isinstance(created, dict) else {} if created is None else {"gte": created, "lte": created}
    data, more = call.unit.page(
        kind,
        equal,
        limit=limit,
        created={name: int(value) for name, value in bounds.items()},
        starting_after=params.get("starting_after"),
        ending_before=params.get("ending_before"),
    )
    return {"object": "list", "data": data, "has_more": more, "url": url}


def page_limit(params: Json) -> int:
    """How many entries a page may have. Raises: ApiError outside 1 to 100."""
    limit: int = params.get("limit", 10)
    if not 1 <= limit <= 100:
        bound = "less than or equal to 100" if limit > 100 else "greater than or equal to 1"
        raise invalid(f"This value must be {bound}.", param="limit", code="parameter_invalid_integer")
    return limit


def merged_metadata(old: dict[str, str], change: dict[str, str] | str | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, an empty value drops its key, an empty whole drops all."""
    if change is None:
        return old
    if isinstance(change, str):
        return {}
    return {key: value for key, value in {**old, **change}.items() if value}


def settable(params: Json, *names: str) -> Json:
    """The given fields as stored values: an empty string unsets."""
    return {name: (None if params[name] == "" else params[name]) for name in names if name in params}
