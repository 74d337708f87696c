"""The account, its balance and the events it has seen: what a key may read without changing anything."""

from shop.sandbox.call import PAGE_PARAMS, Call, operation, page
from shop.sandbox.errors import invalid
from shop.sandbox.store import Json

ACCOUNT_ID = "acct_1SandboxNotStripe"


def _balance(call: Call, path: dict[str, str], params: Json) -> Json:
    totals: dict[str, int] = {}
    for charge in call.unit.where("charge", status="succeeded"):
        if charge["captured"]:
            left = charge["amount_captured"] - charge["amount_refunded"]
            totals[charge["currency"]] = totals.get(charge["currency"], 0) + left
    # Real money would wait for its payout here; the sandbox keeps no fees and pays nothing out.
    pending = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(totals.items())
    ]
    available = [{"amount": 0, "currency": entry["currency"], "source_types": {"card": 0}} for entry in pending]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


def _account(call: Call, path: dict[str, str], params: Json) -> Json:
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {"name": "Sandbox (not Stripe)"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": False,
        "type": "standard",
    }


def _event(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("event", path["id"])


def _events(call: Call, path: dict[str, str], params: Json) -> Json:
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.", param="types")
    types = params.get("types")
    if types is None or len(types) == 1:
        wanted = types[0] if types else params.get("type")
        return page(call, "event", "/v1/events", params, type=wanted)
    return page(call, "event", "/v1/events", params, type=tuple(types))


OPERATIONS = (
    operation("GET", "/v1/balance", "BalanceRetrieveParams", "", _balance),
    operation("GET", "/v1/account", "AccountRetrieveCurrentParams", "", _account),
    operation("GET", "/v1/events", "EventListParams", PAGE_PARAMS + " type types", _events),
    operation("GET", "/v1/events/{id}", "EventRetrieveParams", "", _event),
)
