"""What time does on its own: sessions expire, holds lapse, charges are disputed, refunds settle."""

from shop.sandbox import payments
from shop.sandbox.call import Call
from shop.sandbox.resources import charges, checkout_sessions, refunds
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Unit


def catch_up(unit: Unit, settings: SandboxSettings) -> bool:
    """Everything that the clock owes has happened, each with its events. True when there was something."""
    due = unit.due()
    call = Call(unit, settings)
    for obj in due:
        kind = obj.pop("_kind")
        if kind == "checkout.session":
            checkout_sessions.expire(call, obj)
        elif kind == "payment_intent":
            _intent_due(call, obj)
        elif kind == "charge":
            charges.dispute(call, obj)
        elif kind == "refund":
            refunds.settle(call, obj)
        else:
            unit.set_due(obj["id"], None)
    return bool(due)


def _intent_due(call: Call, intent: Json) -> None:
    if intent["status"] != "processing":
        payments.cancel(call, intent, "automatic")
        return
    intent = payments.settle(call, intent)
    if intent.get("_session"):
        checkout_sessions.settled(call, call.unit.get("checkout.session", intent["_session"]), intent)
