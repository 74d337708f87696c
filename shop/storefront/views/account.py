"""What belongs to a customer: their orders, addresses, and the account itself. Guests are led to signing in."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import forms, visitor
from shop.storefront.api import nodes
from shop.storefront.countries import ALL_COUNTRIES
from shop.storefront.origin import base_url
from shop.storefront.rendering import go
from shop.storefront.session import session_of
from shop.storefront.shopfront import shopfront
from shop.storefront.views.booking import STATES, can_cancel
from shop.storefront.views.catalogue import has_ended
from shop.storefront.views.orders import standing
from shop.storefront.views.sign_in import private

View = Callable[[Request], Awaitable[Response]]

_FEW: Final = 5
_PAGE_SIZE: Final = 20
_DEFAULTS: Final = {"shipping": "SHIPPING", "billing": "BILLING"}
_ADDRESSES: Final = "/account/addresses"
_SETTINGS: Final = "/account/settings"


def signed_in(view: View) -> View:
    """The view, for customers alone; a session that ended elsewhere counts as none."""

    @wraps(view)
    async def guarded(request: Request) -> Response:
        if session_of(request).is_signed_in:
            frame = await shopfront(request).pages.frame(request)
            if frame.customer is not None:
                return private(await view(request))
        path = request.url.path if request.method == "GET" else "/account"
        if request.method == "GET" and request.url.query:
            path = f"{path}?{request.url.query}"
        return go(request, f"/account/sign-in?{urlencode({'next': path})}")

    return guarded


async def overview(request: Request) -> Response:
    """The visits to come and the latest orders, and the ways to the rest."""
    front = shopfront(request)
    found = (await front.api.query(request, "AccountOrders", first=_FEW))["me"]
    visits = nodes((await front.api.query(request, "AccountBookings", first=_PAGE_SIZE))["me"]["bookings"])
    return await front.pages.show(
        request,
        "account/overview.html",
        section="",
        orders=_listed(nodes(found["orders"])),
        # They come with the latest start first.
        bookings=[visit for visit in reversed(visits) if can_cancel(visit)],
        states=STATES,
    )


async def orders(request: Request) -> Response:
    """All orders, newest first."""
    front = shopfront(request)
    after = request.query_params.get("after")
    found = (await front.api.query(request, "AccountOrders", first=_PAGE_SIZE, after=after))["me"]
    if found is None or found["orders"] is None:
        # An old or edited cursor: the list starts again.
        raise HTTPException(404)
    info = found["orders"]["pageInfo"]
    return await front.pages.show(
        request,
        "account/orders.html",
        section="orders",
        orders=_listed(nodes(found["orders"])),
        following=f"?{urlencode({'after': info['endCursor']})}" if info["hasNextPage"] else None,
    )


async def bookings(request: Request) -> Response:
    """The visits that were booked, the latest start first."""
    front = shopfront(request)
    after = request.query_params.get("after")
    found = (await front.api.query(request, "AccountBookings", first=_PAGE_SIZE, after=after))["me"]
    if found is None or found["bookings"] is None:
        raise HTTPException(404)
    info = found["bookings"]["pageInfo"]
    return await front.pages.show(
        request,
        "account/bookings.html",
        section="bookings",
        bookings=nodes(found["bookings"]),
        states=STATES,
        following=f"?{urlencode({'after': info['endCursor']})}" if info["hasNextPage"] else None,
    )


async def packages(request: Request) -> Response:
    """What is left of packages of sessions, and the visits that they pay for."""
    front = shopfront(request)
    frame = await front.pages.frame(request)
    mine = nodes((await front.api.query(request, "AccountPackages", first=_PAGE_SIZE))["me"]["entitlements"])
    found = [one | {"ended": has_ended(one)} for one in mine]
    ids = sorted({key for one in found if one["balance"] and not one["ended"] for key in one["variantIds"]})
    visits: dict[str, dict[str, Any]] = {}
    if ids:
        listed = await front.api.query(request, "VariantsByIds", ids=ids, channel=frame.market.slug)
        visits = {variant["id"]: variant for variant in nodes(listed["productVariants"])}
    return await front.pages.show(request, "account/packages.html", section="packages", packages=found, visits=visits)


def _listed(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [order | {"standing": standing(order)} for order in orders]


async def addresses(request: Request) -> Response:
    """The address book."""
    found = await _addresses(request)
    return await shopfront(request).pages.show(
        request, "account/addresses.html", section="addresses", addresses=found["addresses"]
    )


async def address(request: Request) -> Response:
    """The form of one address, or of a new one."""
    key = request.path_params.get("id")
    known: dict[str, Any] | None = None
    if key is not None:
        known = next((one for one in (await _addresses(request))["addresses"] if one["id"] == key), None)
        if known is None:
            raise HTTPException(404)
    if request.method != "POST":
        values = {f"address.{name}": value for name, value in forms.prefill(known, forms.ADDRESS_FIELDS).items()}
        return await _address_form(request, known, values, {})
    form = await request.form()
    # A field that was emptied has to be sent as empty: what is left out stays as it was.
    given = dict.fromkeys(forms.ADDRESS_FIELDS, "") | forms.address(form, "address", forms.ADDRESS_FIELDS)
    country = given.pop("country")
    variables: dict[str, Any] = {"input": given | ({"country": country} if country else {})}
    if key is not None:
        variables["id"] = key
    document = "AccountAddressCreate" if key is None else "AccountAddressUpdate"
    payload = await shopfront(request).api.mutate(request, document, **variables)
    if payload["errors"]:
        values = {name: str(value) for name, value in form.items()}
        return await _address_form(request, known, values, forms.errors(payload, "address."))
    return go(request, _ADDRESSES, visitor.Notice("good", "The address is saved."))


async def remove_address(request: Request) -> Response:
    """The address is gone; orders keep their own copies."""
    payload = await shopfront(request).api.mutate(request, "AccountAddressDelete", id=request.path_params["id"])
    return go(request, _ADDRESSES, _told(payload, "The address is removed."))


async def prefer_address(request: Request) -> Response:
    """New carts begin with this address."""
    kind = _DEFAULTS.get(str((await request.form()).get("for") or ""))
    if kind is None:
        raise HTTPException(404)
    payload = await shopfront(request).api.mutate(
        request, "AccountSetDefaultAddress", id=request.path_params["id"], type=kind
    )
    return go(request, _ADDRESSES, _told(payload, "New orders begin with this address."))


async def settings(request: Request) -> Response:
    """Name, password, e-mail, and the end of the account."""
    return await _settings_page(request, {}, {})


async def change_name(request: Request) -> Response:
    """The name is the new one."""
    values = forms.texts(await request.form(), "firstName", "lastName")
    payload = await shopfront(request).api.mutate(request, "AccountUpdate", input=values)
    return await _settled(request, payload, values, "Your name is changed.")


async def change_password(request: Request) -> Response:
    """The password is the new one; who was signed in elsewhere is so no longer."""
    form = await request.form()
    front = shopfront(request)
    frame = await front.pages.frame(request)
    new = str(form.get("newPassword") or "")
    payload = await front.api.mutate(
        request, "PasswordChange", oldPassword=str(form.get("oldPassword") or ""), newPassword=new
    )
    if not payload["errors"] and frame.customer is not None:
        # This session has ended with all others: a new one for who just proved to know the password.
        tokens = await front.api.mutate(request, "TokenCreate", email=frame.customer["email"], password=new)
        if tokens["errors"]:
            session_of(request).end()
        else:
            session_of(request).begin(tokens["token"], tokens["refreshToken"])
    return await _settled(request, payload, {}, "Your password is changed. Other devices are signed out.")


async def change_email(request: Request) -> Response:
    """A mail goes to the new address; until its link is opened nothing changes."""
    form = await request.form()
    values = forms.texts(form, "newEmail")
    payload = await shopfront(request).api.mutate(
        request,
        "RequestEmailChange",
        newEmail=values["newEmail"],
        password=str(form.get("password") or ""),
        redirectUrl=_link(request, "/account/new-email"),
    )
    return await _settled(request, payload, values, f"We have sent a link to {values['newEmail']}.")


async def request_deletion(request: Request) -> Response:
    """A mail brings the link that ends the account."""
    payload = await shopfront(request).api.mutate(
        request, "AccountRequestDeletion", redirectUrl=_link(request, "/account/delete")
    )
    return await _settled(request, payload, {}, "We have sent you a mail. Its link deletes your account.")


async def new_email(request: Request) -> Response:
    """The mail's link changes the address."""
    return await _by_token(
        request,
        document="ConfirmEmailChange",
        title="Change your e-mail",
        question="Use this address for your account from now on?",
        button="Change my e-mail",
        done="Your e-mail is changed.",
    )


async def delete(request: Request) -> Response:
    """The mail's link ends the account."""
    return await _by_token(
        request,
        document="AccountDelete",
        title="Delete your account",
        question="Your addresses and log-in are deleted at once. Orders stay, as the law asks of a shop. "
        "This cannot be undone.",
        button="Delete my account",
        done="Your account is deleted.",
        ends=True,
    )


async def _by_token(
    request: Request, *, document: str, title: str, question: str, button: str, done: str, ends: bool = False
) -> Response:
    front = shopfront(request)
    errors: dict[str, str] = {}
    source = await request.form() if request.method == "POST" else request.query_params
    token = forms.texts(source, "token")["token"]
    if request.method == "POST":
        payload = await front.api.mutate(request, document, token=token)
        if not payload["errors"]:
            if ends:
                session_of(request).end()
            return go(request, "/" if ends else _SETTINGS, visitor.Notice("good", done))
        errors = {"": payload["errors"][0]["message"] or "This link has ended."}
    return await front.pages.show(
        request,
        "account/by_token.html",
        status=422 if errors else 200,
        title=title,
        question=question,
        button=button,
        token=token,
        errors=errors,
    )


async def _addresses(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = (await shopfront(request).api.query(request, "AccountAddresses"))["me"]
    return found


async def _address_form(
    request: Request, known: dict[str, Any] | None, values: dict[str, str], errors: dict[str, str]
) -> Response:
    return await shopfront(request).pages.show(
        request,
        "account/address.html",
        status=422 if errors else 200,
        section="addresses",
        known=known,
        values=values,
        errors=errors,
        countries=ALL_COUNTRIES,
        labels=forms.LABELS,
    )


async def _settled(request: Request, payload: dict[str, Any], values: dict[str, str], done: str) -> Response:
    if payload["errors"]:
        return await _settings_page(request, values, forms.errors(payload))
    return go(request, _SETTINGS, visitor.Notice("good", done))


async def _settings_page(request: Request, values: dict[str, str], errors: dict[str, str]) -> Response:
    front = shopfront(request)
    frame = await front.pages.frame(request)
    known = {key: (frame.customer or {}).get(key) or "" for key in ("firstName", "lastName")}
    return await front.pages.show(
        request,
        "account/settings.html",
        status=422 if errors else 200,
        section="settings",
        values=known | values,
        errors=errors,
        labels=forms.LABELS,
    )


def _told(payload: dict[str, Any], done: str) -> visitor.Notice:
    if payload["errors"]:
        return visitor.Notice("bad", payload["errors"][0]["message"] or "That did not work. Please try again.")
    return visitor.Notice("good", done)


def _link(request: Request, path: str) -> str:
    return base_url(request, shopfront(request).settings.public_url) + path
