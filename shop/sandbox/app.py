"""Puts the sandbox together as one ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from shop.sandbox.api import Api
from shop.sandbox.control import Control
from shop.sandbox.deliveries import Deliverer
from shop.sandbox.pages import Pages
from shop.sandbox.resources import webhook_endpoints
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Store


def create_app(settings: SandboxSettings) -> Starlette:
    """The stand-in for Stripe over its state file, which it holds, delivering webhooks, while its lifespan runs."""
    store = Store(settings.state_path)
    deliverer = Deliverer(store, settings)
    rooms = (Api(store, settings, deliverer), Pages(store, settings, deliverer), Control(store, settings, deliverer))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store.open()
        try:
            with store.unit() as unit:
                webhook_endpoints.set_initial(unit, settings.webhook_url, settings.webhook_secret)
            deliverer.start()
            yield
            await deliverer.stop()
        finally:
            store.close()

    app = Starlette(routes=[route for room in rooms for route in room.routes()], lifespan=lifespan)
    app.router.redirect_slashes = False
    return app
