"""Puts the demo shop together: its addresses, its error pages, and the headers that every answer carries."""

from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.kit.resources import graphql_folder
from shop.kit.settings import Settings
from shop.storefront.api import Api, ApiFailure, ApiUnavailable, Execute
from shop.storefront.documents import Documents
from shop.storefront.markets import Markets, NoMarket
from shop.storefront.origin import is_own_form, is_secure, other_loopback_name
from shop.storefront.rendering import Pages
from shop.storefront.session import keep, session_of
from shop.storefront.shopfront import Shopfront, shopfront
from shop.storefront.sitemap import Sitemap
from shop.storefront.theme import Theme
from shop.storefront.views import (
    account,
    booking,
    cards,
    cart,
    catalogue,
    checkout,
    comments,
    content,
    feeds,
    moved,
    orders,
    payment,
    search,
    sign_in,
    waiting,
)

_log = structlog.get_logger(__name__)

_LARGEST_FORM_BYTES: Final = 64 * 1024
_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


# Mail programs send a form there that comes from no page; the token in its address says who they are.
_UNSUBSCRIBE: Final = "/comments/unsubscribe"
_READ: Final = ["GET"]
_WRITE: Final = ["POST"]
_FORM: Final = ["GET", "POST"]
# For customers who are signed in.
_ACCOUNT: Final[list[tuple[str, account.View, list[str]]]] = [
    ("", account.overview, _READ),
    ("/orders", account.orders, _READ),
    ("/bookings", account.bookings, _READ),
    ("/packages", account.packages, _READ),
    ("/addresses", account.addresses, _READ),
    ("/addresses/new", account.address, _FORM),
    ("/addresses/{id}", account.address, _FORM),
    ("/addresses/{id}/remove", account.remove_address, _WRITE),
    ("/addresses/{id}/prefer", account.prefer_address, _WRITE),
    ("/settings", account.settings, _READ),
    ("/settings/name", account.change_name, _WRITE),
    ("/settings/password", account.change_password, _WRITE),
    ("/settings/email", account.change_email, _WRITE),
    ("/settings/delete", account.request_deletion, _WRITE),
    ("/new-email", account.new_email, _FORM),
    ("/delete", account.delete, _FORM),
]


def routes(settings: Settings, execute: Execute) -> list[Route | Mount]:
    """The demo shop as routes to be mounted last: it answers every address that nobody took, if only with 404."""
    return [Mount("/", app=application(settings, execute))]


def application(settings: Settings, execute: Execute) -> ASGIApp:
    """The demo shop as an application of its own."""
    api = Api(execute, Documents(graphql_folder()))
    markets = Markets(api, settings.storefront_channels)
    theme = Theme(settings.storefront_theme)
    pages = Pages(settings, api, markets, theme)
    app = Starlette(
        routes=_addresses(theme),
        middleware=[Middleware(_Guard, settings=settings), Middleware(_Session, settings=settings)],
        exception_handlers={
            HTTPException: _http_error,
            NoMarket: _no_market,
            ApiFailure: _failure,
            Exception: _crash,
        },
    )
    app.router.redirect_slashes = False
    app.state.shopfront = Shopfront(settings=settings, api=api, markets=markets, pages=pages, sitemap=Sitemap(api))
    return _Headers(app, pages.policy())


def _addresses(theme: Theme) -> list[BaseRoute]:
    return [
        Route("/", content.home),
        Route("/products", catalogue.product_list),
        Route("/search", search.search),
        Route("/products/{slug}", catalogue.product),
        Route("/categories/{slug}", catalogue.category),
        Route("/collections/{slug}", catalogue.collection),
        Route("/pages/{slug}", content.page),
        Route("/pages/{slug}/card.png", cards.page_card),
        Route("/{language}/pages/{slug}", content.page_in_language),
        Route("/pages/{slug}/comments", comments.create, methods=["POST"]),
        Route("/pages/{slug}/comments/new", comments.write),
        Route("/pages/{slug}/comments.xml", comments.feed),
        Route("/comments.xml", comments.feed),
        Route("/comments/confirm", comments.confirm, methods=_FORM),
        Route(_UNSUBSCRIBE, comments.unsubscribe, methods=_FORM),
        Route("/moderation", account.signed_in(comments.moderation), methods=_FORM),
        Route("/channel", content.choose_channel, methods=["POST"]),
        Route("/cart", cart.show),
        Route("/cart/contents", cart.contents),
        Route("/cart/lines", cart.add, methods=["POST"]),
        Route("/cart/lines/update", cart.update, methods=["POST"]),
        Route("/cart/lines/remove", cart.remove, methods=["POST"]),
        Route("/cart/lines/extend", cart.extend, methods=["POST"]),
        Route("/cart/code", cart.add_code, methods=["POST"]),
        Route("/cart/code/remove", cart.remove_code, methods=["POST"]),
        Route("/checkout", checkout.next_step),
        Route("/checkout/details", checkout.details, methods=["GET", "POST"]),
        Route("/checkout/delivery", checkout.delivery, methods=["GET", "POST"]),
        Route("/checkout/payment", payment.pay, methods=["GET", "POST"]),
        Route("/checkout/return", payment.come_back),
        Route("/orders/{id}", orders.order),
        Route("/bookings/{token}", booking.booking),
        Route("/bookings/{token}/cancel", booking.cancel, methods=["GET", "POST"]),
        Route("/bookings/{token}/move", booking.move, methods=["GET", "POST"]),
        Route("/bookings/{token}/questions", booking.intake, methods=_FORM),
        Route("/waitlist", waiting.join, methods=_FORM),
        Route("/waitlist/{token}", waiting.offer),
        Route("/waitlist/{token}/take", waiting.take, methods=_WRITE),
        Route("/waitlist/{token}/leave", waiting.leave, methods=_WRITE),
        Route("/account/sign-in", sign_in.sign_in, methods=["GET", "POST"]),
        Route("/account/sign-out", sign_in.sign_out, methods=["POST"]),
        Route("/account/register", sign_in.register, methods=["GET", "POST"]),
        Route("/account/confirm", sign_in.confirm, methods=["GET", "POST"]),
        Route("/account/forgotten", sign_in.forgotten, methods=["GET", "POST"]),
        Route("/account/new-password", sign_in.new_password, methods=["GET", "POST"]),
        *[Route(f"/account{path}", account.signed_in(view), methods=methods) for path, view, methods in _ACCOUNT],
        Route("/robots.txt", feeds.robots),
        Route("/sitemap.xml", feeds.whole_sitemap),
        Route("/sitemap-{number:int}.xml", feeds.part_of_sitemap),
        Route("/feed.xml", feeds.articles_atom),
        Route("/feed.json", feeds.articles_json),
        *[Route(path, moved.feed) for path in ("/feed", "/feed/", "/comments/feed", "/comments/feed/")],
        Route("/favicon.ico", _favicon),
        Mount("/static", app=_Static(theme)),
    ]


async def _favicon(request: Request) -> Response:
    return RedirectResponse("/static/icon.svg", status_code=301)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if status != 404:
        return PlainTextResponse(getattr(error, "detail", ""), status_code=status, headers=headers)
    try:
        found = await moved.page(request) or moved.without_slash(request) if request.method in {"GET", "HEAD"} else None
        return found or await shopfront(request).pages.show(request, "not_found.html", status=404)
    except (ApiFailure, NoMarket):
        return shopfront(request).pages.bare(request, "failure.html", status=503)


async def _no_market(request: Request, error: Exception) -> Response:
    return shopfront(request).pages.bare(request, "unready.html", status=503)


async def _failure(request: Request, error: Exception) -> Response:
    _log.error("storefront.api_failure", path=request.url.path, error=str(error))
    if isinstance(error, ApiUnavailable):
        response = shopfront(request).pages.bare(request, "failure.html", status=503)
        response.headers["Retry-After"] = "2"
        return response
    return shopfront(request).pages.bare(request, "failure.html", status=500)


async def _crash(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the server logs it with its traceback.
    return shopfront(request).pages.bare(request, "failure.html", status=500)


class _Static(StaticFiles):
    """The theme's files; those whose address changes with their content may be kept for a year."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(directory=theme.folders[0])
        self.all_directories = list(theme.folders)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class _Headers:
    """Adds the security headers that the answer does not bring itself."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = _SECURITY | {"Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class _Session:
    """Tells the browser what changed of its session while the answer was made."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = session_of(request)

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start" and session.has_changed:
                cookies = Response()
                keep(cookies, session, self._settings, secure=is_secure(request, self._settings.public_url))
                set_cookie = [pair for pair in cookies.raw_headers if pair[0] == b"set-cookie"]
                message["headers"] = [*message["headers"], *set_cookie]
            await send(message)

        await self._app(scope, receive, with_cookies)


class _Guard:
    """Refuses forms of other sites and of absurd size, and leads a developer to the one name where cookies last."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer: Response | None = None
        if request.method not in {"GET", "HEAD"}:
            length = request.headers.get("content-length", "")
            if not is_own_form(request, self._settings.public_url) and request.url.path != _UNSUBSCRIBE:
                answer = PlainTextResponse("This form did not come from a page of this shop.", status_code=403)
            elif not length.isdigit():
                answer = PlainTextResponse("A form needs a Content-Length.", status_code=411)
            elif len(length) > 9 or int(length) > _LARGEST_FORM_BYTES:
                answer = PlainTextResponse("This form is too large.", status_code=413)
        elif target := other_loopback_name(request, self._settings.public_url):
            answer = RedirectResponse(target, status_code=307)
        await (answer or self._app)(scope, receive, send)
