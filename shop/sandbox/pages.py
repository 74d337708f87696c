"""The pages a shopper sees: the hosted pay page, the page that stands for Stripe's Payment Element, and 3-D Secure.

Plain server-rendered forms that work without JavaScript. Every one of them says that it is a sandbox.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import compare_digest
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from shop.sandbox import money, payments
from shop.sandbox.call import Call
from shop.sandbox.clock import catch_up
from shop.sandbox.deliveries import Deliverer
from shop.sandbox.errors import ApiError
from shop.sandbox.resources import checkout_sessions, payment_methods, setup_intents
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Json, Store

_TEMPLATES = Path(__file__).parent / "templates"
_LARGEST_BODY = 20_000
_CAN_PAY = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_HEADERS = {
    "Cache-Control": "no-store",
    # No form-action: it would also forbid the redirect back to the shop after a form was sent.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# Which field of the form an error of the card belongs to.
_FIELD_OF = {
    "number": "cardNumber",
    "exp_month": "cardExpiry",
    "exp_year": "cardExpiry",
    "cvc": "cardCvc",
    "sepa_debit[iban]": "iban",
    "billing_details[name]": "cardholder",
    "billing_details[email]": "email",
}


class Pages:
    """The shopper's pages over one store."""

    def __init__(self, store: Store, settings: SandboxSettings, deliverer: Deliverer) -> None:
        self._store = store
        self._settings = settings
        self._deliverer = deliverer
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters["money"] = money.show

    def routes(self) -> list[Route]:
        """The pages' routes."""
        return [
            Route("/", self._safely(self._home)),
            Route("/sandbox.css", self._style),
            Route("/pay/{key}", self._safely(self._pay), methods=["GET", "POST"]),
            Route("/pay/{key}/return", self._safely(self._come_back)),
            Route("/3ds/{key}", self._safely(self._authenticate), methods=["GET", "POST"]),
        ]

    def _safely(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                response = await handler(request)
            except ApiError as error:
                status = error.status if error.status != 402 else 409
                response = self._message("This page cannot be shown", error.message, status=status)
            self._deliverer.wake()
            return response

        return endpoint

    async def _style(self, request: Request) -> Response:
        return FileResponse(_TEMPLATES / "sandbox.css", media_type="text/css", headers={"Cache-Control": "max-age=300"})

    async def _home(self, request: Request) -> Response:
        return self._page("home.html")

    async def _pay(self, request: Request) -> Response:
        key = request.path_params["key"]
        form = await _form(request) if request.method == "POST" else None
        if key.startswith("pi_"):
            return self._pay_intent(request, key, form)
        return self._pay_session(key, form)

    def _pay_session(self, key: str, form: dict[str, str] | None) -> Response:
        """The hosted page of a Checkout Session. A session paid meanwhile sends the shopper on."""
        try:
            with self._store.unit() as unit:
                catch_up(unit, self._settings)
                session = unit.get("checkout.session", key)
                if session["status"] == "open" and form is not None:
                    session = self._attempt(Call(unit, self._settings), session, form)
                if session["status"] == "open" and session["payment_intent"] and form is not None:
                    return _see_other(f"/3ds/{session['payment_intent']}")
        except ApiError as error:
            if error.status not in {400, 402} or form is None:
                raise
            with self._store.unit() as unit:
                session = unit.get("checkout.session", key)
            return self._session_page(session, form, error)
        if session["status"] == "complete":
            return _see_other(checkout_sessions.success_address(session))
        if session["status"] == "expired":
            return self._message(
                "This checkout has expired",
                "Nothing was charged. Go back to the shop to start again.",
                back=session["cancel_url"],
                status=410,
            )
        return self._session_page(session, {}, None)

    def _attempt(self, call: Call, session: Json, form: dict[str, str]) -> Json:
        email = session["customer_email"] or form.get("email", "").strip() or None
        if email is not None and "@" not in email:
            raise ApiError(402, "Enter an e-mail address with an @ in it.", param="email")
        name = form.get("cardholder", "").strip()[:200] or None
        return checkout_sessions.attempt(call, session, _method(session, form), email, name)

    def _session_page(self, session: Json, form: dict[str, str], error: ApiError | None) -> Response:
        return self._page(
            "pay.html",
            status=200 if error is None else 402,
            action=f"/pay/{session['id']}",
            lines=session["_lines"],
            total=session["amount_total"],
            currency=session["currency"],
            holds=session["_intent_data"].get("capture_method") == "manual",
            types=session["payment_method_types"],
            iban=form.get("iban", ""),
            free=session["amount_total"] == 0,
            back=session["cancel_url"],
            asks_who=True,
            email=form.get("email") or (session["customer_details"] or {}).get("email") or "",
            email_fixed=session["customer_email"] is not None,
            cardholder=form.get("cardholder", ""),
            card_number=form.get("cardNumber", ""),
            card_expiry=form.get("cardExpiry", ""),
            error=None if error is None else error.message,
            error_field=None if error is None else _FIELD_OF.get(error.param or "", error.param),
        )

    def _pay_intent(self, request: Request, key: str, form: dict[str, str] | None) -> Response:
        """Confirms a bare PaymentIntent, as Stripe's Payment Element would in a shop's own page."""
        secret = request.query_params.get("client_secret", "")
        back = request.query_params.get("return_url")
        error: ApiError | None = None
        if back is not None and not checkout_sessions.is_url(back):
            raise ApiError(400, "return_url is not a valid URL.")
        with self._store.unit() as unit:
            intent = unit.get("payment_intent", key)
            if not compare_digest(secret.encode(), intent["client_secret"].encode()):
                raise ApiError(404, "This payment does not exist, or its client_secret is wrong.")
        if form is not None and intent["status"] in _CAN_PAY and not intent.get("_session"):
            try:
                with self._store.unit() as unit:
                    catch_up(unit, self._settings)
                    call = Call(unit, self._settings)
                    intent = unit.get("payment_intent", key)
                    if intent["status"] in _CAN_PAY:
                        method = payment_methods.make(call, _card(form), {"name": form.get("cardholder")})
                        intent = payments.confirm(call, intent, method, may_ask_shopper=True, return_url=back)
            except ApiError as refused:
                if refused.status != 402:
                    raise
                error = refused
        if error is None and intent["status"] == "requires_action" and form is not None:
            return _see_other(f"/3ds/{key}")
        if intent["status"] not in _CAN_PAY or intent.get("_session"):
            return self._after_intent(intent, back)
        query = {"client_secret": secret} | ({"return_url": back} if back else {})
        given = form or {}
        return self._page(
            "pay.html",
            status=200 if error is None else 402,
            action=f"/pay/{key}?{urlencode(query)}",
            lines=[],
            total=intent["amount"],
            currency=intent["currency"],
            holds=intent["capture_method"] == "manual",
            types=["card"],
            iban="",
            free=False,
            back=None,
            asks_who=False,
            email="",
            email_fixed=False,
            cardholder=given.get("cardholder", ""),
            card_number=given.get("cardNumber", ""),
            card_expiry=given.get("cardExpiry", ""),
            error=None if error is None else error.message,
            error_field=None if error is None else _FIELD_OF.get(error.param or "", error.param),
        )

    def _after_intent(self, intent: Json, back: str | None) -> Response:
        if back is not None:
            status = {"succeeded": "succeeded", "requires_capture": "succeeded", "processing": "processing"}
            return _see_other(_return_address(intent, "payment_intent", back, status.get(intent["status"], "failed")))
        told = {
            "succeeded": ("Paid in the sandbox", "No real money has moved. You can close this page."),
            "requires_capture": ("Authorised in the sandbox", "No real money is held. You can close this page."),
            "canceled": ("This payment was cancelled", "Nothing was charged."),
        }
        title, text = told.get(intent["status"], ("Nothing to do here", "This payment belongs to another page."))
        return self._message(title, text)

    async def _come_back(self, request: Request) -> Response:
        return _see_other(f"/pay/{request.path_params['key']}")

    async def _authenticate(self, request: Request) -> Response:
        """Stands for the bank's 3-D Secure page: the shopper approves or refuses."""
        key = request.path_params["key"]
        form = await _form(request) if request.method == "POST" else None
        kind = "payment_intent" if key.startswith("pi_") else "setup_intent"
        failed = False
        try:
            with self._store.unit() as unit:
                catch_up(unit, self._settings)
                intent = unit.get(kind, key)
                if form is not None and intent["status"] == "requires_action":
                    intent = _answered(Call(unit, self._settings), kind, intent, form.get("answer") == "complete")
        except ApiError as error:
            if error.status != 402 or form is None:
                raise
            failed = True
            with self._store.unit() as unit:
                intent = unit.get(kind, key)
        if intent["status"] == "requires_action":
            return self._page(
                "three_d_secure.html",
                action=f"/3ds/{key}",
                amount=intent.get("amount"),
                currency=intent.get("currency"),
            )
        return self._authenticated(kind, intent, failed)

    def _authenticated(self, kind: str, intent: Json, failed: bool) -> Response:
        if session_id := intent.get("_session"):
            with self._store.unit() as unit:
                session = unit.get("checkout.session", session_id)
            if not failed:
                return _see_other(f"/pay/{session_id}")
            error = ApiError(402, (intent["last_payment_error"] or {}).get("message", "The payment failed."))
            return self._session_page(session, {}, error)
        if intent.get("_return_url"):
            status = "failed" if failed else "succeeded"
            return _see_other(_return_address(intent, kind, intent["_return_url"], status))
        if failed:
            return self._message("Authentication failed", "Nothing was charged. Go back to the shop to try again.")
        return self._message("Authenticated", "You can close this page and go back to the shop.")

    def _message(self, title: str, text: str, *, back: str | None = None, status: int = 200) -> Response:
        return self._page("message.html", status=status, title=title, text=text, back=back)

    def _page(self, template: str, *, status: int = 200, **values: object) -> Response:
        html = self._templates.get_template(template).render(**values)
        return Response(html, status, _HEADERS, media_type="text/html; charset=utf-8")


def _answered(call: Call, kind: str, intent: Json, succeeded: bool) -> Json:
    if kind == "setup_intent":
        return setup_intents.authenticated(call, intent, succeeded)
    result = payments.authenticated(call, intent, succeeded)
    if session_id := result.get("_session"):
        checkout_sessions.complete(call, call.unit.get("checkout.session", session_id))
    return result


def _card(form: dict[str, str]) -> Json:
    """The card of the form. A security code is asked for, as on every real pay page."""
    month, _, year = form.get("cardExpiry", "").replace(" ", "").replace("-", "/").partition("/")
    if not year and len(month) == 4:
        month, year = month[:2], month[2:]
    return {
        "number": form.get("cardNumber", ""),
        "exp_month": int(month) if month.isascii() and month.isdecimal() and len(month) <= 2 else None,
        "exp_year": int(year) if year.isascii() and year.isdecimal() and len(year) <= 4 else None,
        "cvc": form.get("cardCvc", "").strip(),
    }


def _method(session: Json, form: dict[str, str]) -> Json:
    """The payment method of the form: a bank account where one is offered and filled in, else the card."""
    if "sepa_debit" in session["payment_method_types"] and form.get("iban", "").strip():
        return {"type": "sepa_debit", "sepa_debit": {"iban": form["iban"]}}
    return {"type": "card", "card": _card(form)}


def _return_address(intent: Json, kind: str, back: str, status: str) -> str:
    """The shop's return address with what Stripe adds to it."""
    parts = urlsplit(back)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [(kind, intent["id"]), (f"{kind}_client_secret", intent["client_secret"]), ("redirect_status", status)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _see_other(url: str) -> Response:
    return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise ApiError(413, "The form is too large.")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50, errors="strict"))
    except ValueError as error:
        raise ApiError(400, "The form is not readable.") from error
