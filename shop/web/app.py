"""Puts the application together. Everything that lives as long as the process is made here and closed here."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from shop import wiring
from shop.api.core.schema import make_schema
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.storefront.app import routes as storefront_routes
from shop.web.calendars import Calendars
from shop.web.compression import Compression
from shop.web.explorer import Explorer
from shop.web.fhir.app import Fhir
from shop.web.graphql import GraphQL
from shop.web.health import Ready, live
from shop.web.invoices import Invoices
from shop.web.jwks import Jwks
from shop.web.mailbox import Mailbox
from shop.web.media import routes as media_routes
from shop.web.metrics import Metrics, Traffic
from shop.web.requests import RequestLog
from shop.web.stripe_webhook import StripeWebhook
from shop.worker.main import serve as serve_jobs

_STATIC = Path(__file__).parent / "static"


async def without_slash(request: Request) -> Response:
    """The API's address ends with a slash, as Saleor's does: no redirect, which would drop the body of a POST."""
    return PlainTextResponse("Not Found: the API is at /graphql/, with a slash at the end.", 404)


def make_database(settings: Settings, application_name: str = "shop") -> Database:
    """The database that the settings name. Raises: ValueError without one."""
    if settings.database_url is None:
        raise ValueError("SHOP_DATABASE_URL is not set")
    return Database(
        settings.database_url,
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        statement_timeout_seconds=settings.database_statement_timeout_seconds,
        lock_timeout_seconds=settings.database_lock_timeout_seconds,
        application_name=application_name,
    )


def _known_hosts(settings: Settings) -> list[Middleware]:
    """Other Host headers are refused where hosts are named; the machine itself may always ask for its health."""
    if not settings.allowed_hosts:
        return []
    hosts = [*settings.allowed_hosts, "127.0.0.1", "localhost"]
    return [Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)]


def create_app(settings: Settings, *, worker: bool, database: Database | None = None) -> Starlette:
    """The application; with `worker` it also works the queue. `database` replaces the settings' one in tests."""
    wiring.connect()
    own = database is None
    database = database or make_database(settings)
    traffic = Traffic()
    graphql = GraphQL(make_schema(settings.execution), settings, database, Explorer(settings))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        jobs = asyncio.create_task(serve_jobs(settings, database, stop=stop)) if worker else None
        # What exists now stays: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        gc.enable()
        try:
            yield
        finally:
            stop.set()
            if jobs is not None:
                await jobs
            await graphql.close()
            if own:
                await database.close()

    routes: list[BaseRoute] = [
        Route("/graphql/", graphql),
        Route("/graphql", without_slash, methods=["GET", "POST", "OPTIONS"]),
        Route("/health", live),
        Route("/ready", Ready(database).__call__),
        Route("/metrics", Metrics(settings, database, traffic, graphql.documents, graphql.answers).__call__),
        Route("/.well-known/jwks.json", Jwks(settings).__call__),
        Route("/webhooks/stripe", StripeWebhook(settings, database).__call__, methods=["POST"]),
        *Calendars(database).routes(),
        *Fhir(settings, database).routes(),
        Route("/invoices/{link}", Invoices(settings, database).__call__),
        *media_routes(settings.media_path),
        Mount("/web-static", StaticFiles(directory=_STATIC)),
    ]
    if not settings.production and settings.smtp_url is None:
        routes.append(Route("/mailbox", Mailbox(database).__call__))
    routes += storefront_routes(settings, graphql.execute)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, timing=not settings.production, traffic=traffic),
            *_known_hosts(settings),
            *([Middleware(Compression)] if settings.compress_responses else []),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.database = database
    app.state.graphql = graphql
    return app
