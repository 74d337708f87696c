"""A placed order, for whoever holds its id: right after paying, and later by the link in the mail."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import visitor
from shop.storefront.shopfront import shopfront
from shop.storefront.views.booking import STATES

# What a buyer would say; a status that is not here is shown in the API's words.
_PROGRESS: Final = {
    "UNCONFIRMED": "Received",
    "UNFULFILLED": "In preparation",
    "PARTIALLY_FULFILLED": "Partly sent",
    "FULFILLED": "Sent",
    "CANCELED": "Cancelled",
}
# The rest is told by whether it is paid.
_MONEY: Final = {
    "PARTIALLY_CHARGED": "Partly paid",
    "PARTIALLY_REFUNDED": "Partly refunded",
    "FULLY_REFUNDED": "Refunded",
}


async def order(request: Request) -> Response:
    """The confirmation: number, lines, sums, where it goes."""
    front = shopfront(request)
    node = (await front.api.query(request, "OrderDetails", id=request.path_params["id"]))["order"]
    if node is None:
        raise HTTPException(404)
    response = await front.pages.show(
        request,
        "order.html",
        order=node,
        progress=_progress(node),
        payment=_payment(node),
        states=STATES,
        tokens=visitor.bookings_of(request),
        new="new" in request.query_params,
        # The API shortens personal data for everyone but the buyer who is signed in, and staff.
        shortened="..." in (node["userEmail"] or ""),
    )
    response.headers["Cache-Control"] = "no-store"
    # The id in the address is the guest's key: it must not travel to other sites.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _payment(node: dict[str, Any]) -> str:
    """How the order stands with its money, in a buyer's words."""
    return _MONEY.get(node["paymentStatus"]) or ("Paid" if node["isPaid"] else "Not paid yet")


def standing(node: dict[str, Any]) -> str:
    """How the order stands, for a list."""
    return (_progress(node) or "Paid") if node["isPaid"] else "Not paid yet"


def _progress(node: dict[str, Any]) -> str | None:
    """How far the order is; of no interest while nothing has to be sent."""
    if node["shippingAddress"] is None and node["status"] in {"UNCONFIRMED", "UNFULFILLED"}:
        return None
    return _PROGRESS.get(node["status"], str(node["statusDisplay"]))
