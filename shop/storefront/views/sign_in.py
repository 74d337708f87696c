"""Signing in and out, making an account, and the links of mails that prove whose it is.

A link only shows a form: mail programs open links by themselves, and a token works once.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import forms, visitor
from shop.storefront.origin import base_url, local_path
from shop.storefront.rendering import go
from shop.storefront.session import session_of
from shop.storefront.shopfront import shopfront

_HOME: Final = "/account"
_WRONG: Final = "The e-mail or the password is not right, or the account is not confirmed yet."
_LINK_ENDED: Final = "This link has ended or was used. Ask for a new one."


async def sign_in(request: Request) -> Response:
    """E-mail and password; then on to where the visitor wanted to go. Their carts go with them."""
    source = request.query_params
    target = local_path(source.get("next"), _HOME)
    if request.method != "POST":
        if session_of(request).is_signed_in:
            return go(request, target)
        return await _form(request, "account/sign_in.html", {}, {}, target=target)
    form = await request.form()
    values = forms.texts(form, "email")
    target = local_path(str(form.get("next") or ""), _HOME)
    payload = await shopfront(request).api.mutate(
        request, "TokenCreate", email=values["email"], password=str(form.get("password") or "")
    )
    if payload["errors"]:
        told = payload["errors"][0]
        # How long to wait after too many attempts is worth telling; which half was wrong is not.
        text = told["message"] if told["code"] == "LOGIN_ATTEMPT_DELAYED" else _WRONG
        return await _form(request, "account/sign_in.html", values, {"": text}, target=target)
    return await begin(request, payload, target)


async def begin(request: Request, payload: dict[str, Any], target: str, text: str = "You are signed in.") -> Response:
    """Whoever these tokens are for is signed in, and owns the carts that they filled as a guest."""
    front = shopfront(request)
    session_of(request).begin(payload["token"], payload["refreshToken"])
    for market in await front.markets.all(request):
        if checkout := visitor.cart_of(request, market.slug):
            # A cart that is gone, or somebody's already, stays what it is.
            await front.api.mutate(request, "CheckoutCustomerAttach", id=checkout)
    return go(request, target, visitor.Notice("good", text))


async def sign_out(request: Request) -> Response:
    """Nobody is signed in, and the account's carts are out of sight: they open with the next sign-in's device again."""
    session_of(request).end()
    response = go(request, "/", visitor.Notice("good", "You are signed out."))
    for market in await shopfront(request).markets.all(request):
        if visitor.cart_of(request, market.slug):
            visitor.forget_cart(response, market.slug)
    return response


async def register(request: Request) -> Response:
    """A new account, which begins with a mail to its owner."""
    if request.method != "POST":
        return await _form(request, "account/register.html", {}, {})
    form = await request.form()
    values = forms.texts(form, "firstName", "lastName", "email")
    payload = await shopfront(request).api.mutate(
        request,
        "AccountRegister",
        input=values | {"password": str(form.get("password") or ""), "redirectUrl": _link(request, "/account/confirm")},
    )
    if payload["errors"]:
        return await _form(request, "account/register.html", values, forms.errors(payload))
    return await _sent(
        request, "Check your mail", f"We have sent a link to {values['email']}. Your account is ready once you open it."
    )


async def confirm(request: Request) -> Response:
    """The end of a registration: the mail's link and the password together prove whose account it is."""
    if request.method != "POST":
        return await _form(request, "account/confirm.html", forms.texts(request.query_params, "email", "token"), {})
    form = await request.form()
    values = forms.texts(form, "email", "token")
    api = shopfront(request).api
    password = str(form.get("password") or "")
    payload = await api.mutate(request, "ConfirmAccount", password=password, **values)
    if payload["errors"]:
        return await _form(request, "account/confirm.html", values, _of_link(payload))
    tokens = await api.mutate(request, "TokenCreate", email=values["email"], password=password)
    if tokens["errors"]:
        return go(request, "/account/sign-in", visitor.Notice("good", "Your account is confirmed. Please sign in."))
    return await begin(request, tokens, _HOME, "Your account is confirmed and you are signed in.")


async def forgotten(request: Request) -> Response:
    """A mail with a link to choose a new password."""
    if request.method != "POST":
        return await _form(request, "account/forgotten.html", {}, {})
    values = forms.texts(await request.form(), "email")
    payload = await shopfront(request).api.mutate(
        request, "RequestPasswordReset", email=values["email"], redirectUrl=_link(request, "/account/new-password")
    )
    if payload["errors"]:
        return await _form(request, "account/forgotten.html", values, forms.errors(payload))
    return await _sent(
        request,
        "Check your mail",
        f"If there is an account for {values['email']}, we have sent a link with which you choose a new password.",
    )


async def new_password(request: Request) -> Response:
    """The password is the new one, and its owner is signed in."""
    if request.method != "POST":
        known = forms.texts(request.query_params, "email", "token")
        return await _form(request, "account/new_password.html", known, {})
    form = await request.form()
    values = forms.texts(form, "email", "token")
    payload = await shopfront(request).api.mutate(
        request, "SetPassword", password=str(form.get("password") or ""), **values
    )
    if payload["errors"]:
        return await _form(request, "account/new_password.html", values, _of_link(payload))
    return await begin(request, payload, _HOME, "Your password is changed and you are signed in.")


async def _form(
    request: Request, template: str, values: dict[str, str], errors: dict[str, str], **context: Any
) -> Response:
    status = 422 if errors else 200
    response = await shopfront(request).pages.show(
        request, template, status=status, values=values, errors=errors, labels=forms.LABELS, **context
    )
    return private(response)


def private(response: Response) -> Response:
    """The page is nobody else's: no cache keeps it, and no other site learns its address, which may hold a token."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


async def _sent(request: Request, title: str, text: str) -> Response:
    return private(await shopfront(request).pages.show(request, "account/sent.html", title=title, text=text))


def _link(request: Request, path: str) -> str:
    return base_url(request, shopfront(request).settings.public_url) + path


def _of_link(payload: dict[str, Any]) -> dict[str, str]:
    """What is wrong, where no field shows the token or whose it is."""
    found = forms.errors(payload)
    if found.keys() & {"token", "email"}:
        return {"": _LINK_ENDED}
    return found
