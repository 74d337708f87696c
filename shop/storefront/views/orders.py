"""A placed order, for whoever holds its id: right after paying, and later by the link in the mail."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront.shopfront import shopfront


async def order(request: Request) -> Response:
    """The confirmation: number, lines, sums, where it goes."""
    front = shopfront(request)
    node = (await front.api.query(request, "OrderDetails", id=request.path_params["id"]))["order"]
    if node is None:
        raise HTTPException(404)
    response = await front.pages.show(request, "order.html", order=node, new="new" in request.query_params)
    response.headers["Cache-Control"] = "no-store"
    # The id in the address is the guest's key: it must not travel to other sites.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
