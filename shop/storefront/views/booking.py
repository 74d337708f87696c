"""A booked visit, for whoever holds its token: its guest by the link of a mail, its owner from the account."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.kit import clock
from shop.storefront import clocks, forms, slots, visitor
from shop.storefront.rendering import go
from shop.storefront.shopfront import shopfront
from shop.storefront.views.sign_in import private

STATES: Final = {
    "PENDING_PAYMENT": "Waiting for the payment",
    "PENDING_APPROVAL": "Waiting for the practice to agree",
    "CONFIRMED": "Confirmed",
    "CHECKED_IN": "You are there",
    "COMPLETED": "Done",
    "CANCELLED": "Cancelled",
    "NO_SHOW": "Missed",
    "EXPIRED": "Not paid in time",
    "DECLINED": "Declined",
}
_LONGEST: Final = 4000
_TROUBLE: Final = "That did not work. Please try again."
_TAKEN: Final = "Somebody was faster: this time is taken now. Your booking is unchanged. These are free:"


async def booking(request: Request) -> Response:
    """When, where and with whom; what can be done about it."""
    found = await _found(request)
    return private(await _show(request, "booking/details.html", found))


async def cancel(request: Request) -> Response:
    """What cancelling pays back; the form that does it promises exactly that sum."""
    front = shopfront(request)
    found = await _found(request)
    token = request.path_params["token"]
    if request.method == "POST":
        quote = str((await request.form()).get("quote") or "")
        payload = await front.api.mutate(request, "BookingCancel", token=token, quoteId=quote)
        if not payload["errors"]:
            return go(request, f"/bookings/{token}", visitor.Notice("good", "Your booking is cancelled."))
        # The terms may have moved on while the page was open: the next quote says what holds now.
        notice = visitor.Notice("bad", payload["errors"][0]["message"] or _TROUBLE)
        return go(request, f"/bookings/{token}/cancel", notice)
    if not can_cancel(found):
        return go(request, f"/bookings/{token}")
    offered = (await front.api.query(request, "BookingCancellationQuote", token=token))["bookingCancellationQuote"]
    if offered is None:
        return go(request, f"/bookings/{token}", visitor.Notice("bad", "This visit cannot be cancelled any more."))
    return private(await _show(request, "booking/cancel.html", found, quote=offered))


async def move(request: Request) -> Response:
    """Another time for the same visit."""
    front = shopfront(request)
    found = await _found(request)
    token = request.path_params["token"]
    notice = None
    if request.method == "POST":
        slot = str((await request.form()).get("slotToken") or "")
        payload = await front.api.mutate(request, "BookingReschedule", token=token, slotToken=slot)
        if not payload["errors"]:
            return go(request, f"/bookings/{token}", visitor.Notice("good", "Your booking has its new time."))
        error = payload["errors"][0]
        taken = error["code"] in {"SLOT_UNAVAILABLE", "CAPACITY"}
        notice = visitor.Notice("bad", _TAKEN if taken else error["message"] or _TROUBLE)
    elif not can_change(found):
        return go(request, f"/bookings/{token}")
    people = [found["practitioner"]] if found["practitioner"] else []
    picker = await slots.picker(request, {"serviceId": found["serviceId"]}, people, {}, clock.now())
    status = 200 if notice is None else 422
    return private(await _show(request, "booking/move.html", found, status=status, picker=picker, notice=notice))


async def intake(request: Request) -> Response:
    """What the practice asks before the visit. What was answered before is not shown: it is staff's to read."""
    front = shopfront(request)
    token = request.path_params["token"]
    found: dict[str, Any] | None = (await front.api.query(request, "BookingIntake", token=token))["booking"]
    if found is None or not found["intakeQuestions"]:
        raise HTTPException(404)
    questions = found["intakeQuestions"]
    answers: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        answers = {one["key"]: [str(text)[:_LONGEST] for text in form.getlist(one["key"])] for one in questions}
        given = [{"key": key, "values": texts} for key, texts in answers.items()]
        payload = await front.api.mutate(request, "BookingIntakeSubmit", token=token, answers=given)
        if not payload["errors"]:
            notice = visitor.Notice("good", "Thank you: your answers are with the practice.")
            return go(request, f"/bookings/{token}", notice)
        errors = forms.errors(payload)
    status = 422 if errors else 200
    labels = {one["key"]: one["label"] for one in questions}
    context = {"questions": questions, "answers": answers, "errors": errors, "labels": labels}
    return private(await _show(request, "booking/intake.html", found, status=status, **context))


def can_cancel(booking: dict[str, Any]) -> bool:
    """Whether a visitor may still call it off: also what is not certain yet."""
    return (booking["status"] in {"PENDING_APPROVAL", "PENDING_PAYMENT"} and _is_ahead(booking)) or can_change(booking)


def can_change(booking: dict[str, Any]) -> bool:
    """Whether a visitor may still move or cancel it."""
    return booking["status"] == "CONFIRMED" and _is_ahead(booking)


def _is_ahead(booking: dict[str, Any]) -> bool:
    return clocks.on_clock(booking["start"], "UTC") > clock.now()


async def _found(request: Request) -> dict[str, Any]:
    token = request.path_params["token"]
    found: dict[str, Any] | None = (await shopfront(request).api.query(request, "BookingDetails", token=token))[
        "booking"
    ]
    if found is None:
        raise HTTPException(404)
    return found


async def _show(
    request: Request, template: str, booking: dict[str, Any], *, status: int = 200, **context: Any
) -> Response:
    return await shopfront(request).pages.show(
        request,
        template,
        status=status,
        booking=booking,
        token=request.path_params["token"],
        zone=clocks.zone_of(request) or booking["timezone"],
        state=STATES.get(booking["status"], booking["status"]),
        open=can_change(booking),
        cancellable=can_cancel(booking),
        **context,
    )
