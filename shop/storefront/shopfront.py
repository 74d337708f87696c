"""What a view needs besides its request, found on the application that serves it."""

from dataclasses import dataclass

from starlette.requests import Request

from shop.kit.settings import Settings
from shop.storefront.api import Api
from shop.storefront.markets import Markets
from shop.storefront.rendering import Pages
from shop.storefront.sitemap import Sitemap


@dataclass(frozen=True, slots=True)
class Shopfront:
    """The settings, the way to the API, the renderer and the sitemap of one storefront."""

    settings: Settings
    api: Api
    markets: Markets
    pages: Pages
    sitemap: Sitemap


def shopfront(request: Request) -> Shopfront:
    """The storefront that serves this request."""
    front: Shopfront = request.app.state.shopfront
    return front
