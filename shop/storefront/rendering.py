"""From data to a page: the templates, what every page carries (menus, cart, channel, notices), and its headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shop.kit.settings import Settings
from shop.storefront import clocks, prices, seo, visitor
from shop.storefront.answers import known
from shop.storefront.api import Api
from shop.storefront.markets import Market, Markets
from shop.storefront.origin import base_url
from shop.storefront.session import session_of
from shop.storefront.theme import Theme
from shop.storefront.widgets import Drawer, Link, drawer_of, links_of

LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content of every page."""

    shop_name: str
    shop_description: str
    headline: str
    navbar: tuple[Link, ...]
    footer: tuple[Link, ...]
    drawer: Drawer
    market: Market
    markets: tuple[Market, ...]
    cart: Mapping[str, Any] | None
    # Who is signed in.
    customer: Mapping[str, Any] | None

    @property
    def quantity(self) -> int:
        """How many things are in the cart."""
        return sum(line["quantity"] for line in self.cart["lines"]) if self.cart else 0

    @property
    def subtotal(self) -> str:
        """The cart's sum before delivery."""
        if self.cart is None:
            return prices.zero(self.market.currency)
        return prices.shown(self.cart["subtotalPrice"], self.cart["displayGrossPrices"])


class Pages:
    """Renders templates and answers with the headers of a page that belongs to one visitor."""

    def __init__(self, settings: Settings, api: Api, markets: Markets, theme: Theme) -> None:
        self._settings = settings
        self._api = api
        self._markets = markets
        self._templates = _environment(theme, reload=not settings.production)

    async def frame(self, request: Request) -> Frame:
        """The frame for this visitor, read once a request. Raises: NoMarket, ApiFailure."""
        known: Frame | None = getattr(request.state, "frame", None)
        if known is not None:
            return known
        market = await self._markets.chosen(request)
        session = session_of(request)
        if session.is_signed_in:
            data = await self._api.query(request, "Layout", channel=market.slug)
        else:
            # The same for every guest, so that it need not be read for each.
            data = await self._api.query_as_anyone(request, "Layout", channel=market.slug)
        visit = await self._visit(request, visitor.cart_of(request, market.slug))
        shop = data["shop"]
        menus = shop["navigation"]
        frame = Frame(
            shop_name=shop["name"],
            shop_description=shop["description"] or "",
            headline=shop["headerText"] or shop["name"],
            navbar=links_of(menus["main"]),
            footer=links_of(menus["secondary"]),
            drawer=drawer_of(data["drawer"]),
            market=market,
            markets=tuple(await self._markets.all(request)),
            cart=visit.get("checkout"),
            customer=visit.get("me"),
        )
        request.state.frame = frame
        return frame

    async def _visit(self, request: Request, checkout: str | None) -> dict[str, Any]:
        """The visitor's cart and account, as far as there are any."""
        session = session_of(request)
        if checkout is None and not session.is_signed_in:
            return {}
        visit = await self._api.query(
            request,
            "Visit",
            checkoutId=checkout,
            withCheckout=checkout is not None,
            withMe=session.is_signed_in,
        )
        if session.is_signed_in and visit.get("me") is None:
            # It was ended elsewhere: by a new password, or with the account.
            session.end()
        return visit

    async def show(
        self, request: Request, template: str, *, status: int = 200, csp: str | None = None, **context: Any
    ) -> Response:
        """A whole page, or 304 for who has it. A cart that is no more is forgotten, a notice that was shown too."""
        frame = await self.frame(request)
        notice = context.pop("notice", None) or visitor.notice_of(request)
        html = self._render(request, template, frame=frame, notice=notice, **context)
        response: Response = HTMLResponse(html, status_code=status, headers={"Cache-Control": "private, no-cache"})
        if status == 200 and request.method in {"GET", "HEAD"}:
            response = known(request, response, "private, no-cache")
        if csp is not None:
            response.headers["Content-Security-Policy"] = csp
        if visitor.notice_of(request) is not None:
            visitor.forget_notice(response)
        if frame.cart is None and visitor.cart_of(request, frame.market.slug) is not None:
            visitor.forget_cart(response, frame.market.slug)
        return response

    async def part(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A piece of a page, for the script that replaces it."""
        request.state.frame = None
        frame = await self.frame(request)
        html = self._render(request, template, frame=frame, **context)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def bare(self, request: Request, template: str, *, status: int) -> Response:
        """A page that needs nothing from the API: for when the API is what failed."""
        return HTMLResponse(self._render(request, template), status_code=status, headers={"Cache-Control": "no-store"})

    def policy(self, form_action: str = "'self'") -> str:
        """The Content-Security-Policy of a page: nothing from elsewhere, nothing inline."""
        public = self._settings.public_url
        pictures = f"'self' data: {public}" if public else "'self' data:"
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
            f"manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
        )

    def _render(self, request: Request, template: str, **context: Any) -> str:
        base = base_url(request, self._settings.public_url)
        return self._templates.get_template(template).render(
            request=request,
            base=base,
            canonical=base + request.url.path,
            language=LANGUAGE,
            here=clocks.zone_of(request),
            sandbox=self._settings.stripe_is_sandbox,
            **context,
        )


def go(request: Request, target: str, notice: visitor.Notice | None = None) -> RedirectResponse:
    """Sends the browser on with GET, and a sentence to show there."""
    response = RedirectResponse(target, status_code=303)
    if notice is not None:
        visitor.keep_notice(response, request, notice)
    return response


def _environment(theme: Theme, *, reload: bool) -> Environment:
    environment = Environment(
        loader=theme.loader,
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        auto_reload=reload,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": prices.text,
        "shown": prices.shown,
        "listed": prices.listed,
        "tax_note": prices.tax_note,
        "saved": prices.saved,
        "trusted": Markup,
        "day": _day,
        "spoken": clocks.spoken,
        "clock": _clock,
        "place": clocks.place,
        "notice": _notice,
        "json_ld": seo.script,
    }
    environment.globals |= {"asset": theme.address, "styles": theme.styles}
    return environment


def _clock(moment: str, zone: str) -> str:
    return f"{clocks.on_clock(moment, zone):%H:%M}"


def _notice(minutes: int) -> str:
    """A least notice as the beginning of a sentence."""
    if minutes == 0:
        return "Up to the start"
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"Up to {count} {unit}{'s' if count != 1 else ''} before"
    return f"Up to {minutes} minutes before"


def _day(value: str) -> str:
    moment = datetime.fromisoformat(value)
    return f"{moment.day} {moment:%B %Y}"
