"""`shop dev`: everything at once for a developer: database, tables, demo, payment sandbox, worker, web server."""

import gc
import importlib
import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from types import ModuleType

import click

from shop import __version__
from shop.cli.database import note, ready_settings
from shop.cli.migrate import child_environment
from shop.cli.progress import done, step
from shop.cli.sandbox import running_sandbox
from shop.cli.serving import Stop, address_of, listen, serve
from shop.cli.state import only_one
from shop.cli.trouble import Trouble
from shop.kit import log
from shop.kit.settings import Environment, Settings

TEST_CARD = "4242 4242 4242 4242, any date to come, any CVC"
ARTICLE = "adult-stem-cell-therapy-for-hair-loss"


@click.command()
def command() -> None:
    """Start the whole shop on this machine, with a demo in it. Ctrl-C stops it; 'shop reset --yes' forgets it."""
    stop = Stop()
    try:
        _run(stop)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _run(stop: Stop) -> None:
    began = time.monotonic()
    # Nothing that is imported is garbage, and looking for some takes a tenth of the start; enabled when it serves.
    gc.disable()
    chosen = Settings()
    if chosen.environment is Environment.PRODUCTION:
        raise Trouble(
            "'shop dev' is for development, and SHOP_ENVIRONMENT says production.",
            remedy="Run 'shop migrate', 'shop serve' and 'shop worker' instead.",
        )
    log.configure(chosen)
    # First of all: whoever comes too early waits in the socket, and a taken port costs nobody a database.
    listener = listen(chosen.host, chosen.port)
    address = address_of(listener)
    with ExitStack() as stack:
        stack.enter_context(only_one(chosen.state_folder, address))
        click.echo(f"Shop {__version__}" + _about_port(chosen, address))
        web = _Import("shop.web.app")
        with step("database") as line:
            settings = stack.enter_context(ready_settings(note))
            line.detail = _about_database(chosen, settings)
        settings = settings.model_copy(update={"public_url": settings.public_url or address})
        began_sandbox = time.monotonic()
        sandbox = None
        if settings.stripe_secret_key is None:
            settings, sandbox = stack.enter_context(running_sandbox(settings))
        with step("tables") as line:
            prepared = _is_prepared(settings)
            line.detail = "up to date, the demo in place"
            line.silent = not prepared
        if not prepared:
            _prepare(settings)
        started = time.monotonic()
        # While the sandbox still starts: it is needed by the first payment, not by the application.
        app = web.module().create_app(settings, worker=True)
        if sandbox is not None:
            sandbox.wait()
            done("payments", f"sandbox, no real money: {settings.stripe_api_url}", time.monotonic() - began_sandbox)
        stop.watch_parent()

        def ready() -> None:
            done("web", "server and worker", time.monotonic() - started)
            click.echo(welcome(settings, address, time.monotonic() - began))

        serve(app, listener, settings, stop, ready)
        click.echo("\nStopping …", nl=False)
        ended = time.monotonic()
    click.echo(f" stopped in {time.monotonic() - ended:.1f} s.")


class _Import:
    """Imports a module while the main thread waits for other processes: the GraphQL schema takes its time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread = threading.Thread(target=self._load, name=f"import {name}", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        # An error comes again, in the main thread, from `module()`.
        try:
            importlib.import_module(self._name)
        except Exception:  # noqa: BLE001
            return

    def module(self) -> ModuleType:
        """The module; whatever its import raises is raised here."""
        self._thread.join()
        return importlib.import_module(self._name)


def _is_prepared(settings: Settings) -> bool:
    """Whether the tables are the newest and the shop is not empty; asked here, since the child costs a second."""
    import psycopg

    from shop.kit.db import DatabaseUrl
    from shop.kit.resources import migrations_folder
    from shop.web.health import newest_migration

    assert settings.database_url is not None
    try:
        with psycopg.connect(DatabaseUrl.parse(settings.database_url).psycopg(), connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT version_num, EXISTS (SELECT FROM channel_channel) FROM alembic_version"
            ).fetchone()
    except psycopg.Error:
        return False
    return row == (newest_migration(migrations_folder()), True)


def _prepare(settings: Settings) -> None:
    """Tables and demo are in place; each step's line is printed when the child reports it."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "shop.cli.preparation"],
        env=child_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        for line in child.stdout:
            done(**json.loads(line))
        errors = child.stderr.read().strip()
    if child.returncode != 0:
        raise Trouble(
            "The tables or the demo could not be made.",
            cause="\n".join(errors.splitlines()[-8:]),
            remedy="Mend what it says and start again; 'shop reset --yes' starts afresh with an empty database.",
        )


def _about_port(chosen: Settings, address: str) -> str:
    if chosen.port is None and not address.endswith(":8000"):
        return f" (port 8000 is taken: using {address.rsplit(':', 1)[1]})"
    return ""


def _about_database(chosen: Settings, settings: Settings) -> str:
    from shop.kit.db import DatabaseUrl

    assert settings.database_url is not None
    url = DatabaseUrl.parse(settings.database_url)
    whose = "embedded PostgreSQL" if chosen.database_url is None else "PostgreSQL of SHOP_DATABASE_URL"
    return f"{whose}, {url.host}:{url.port}"


def welcome(settings: Settings, address: str, seconds: float) -> str:
    """Where everything is, who may log in, and how to pay."""
    sandbox = settings.stripe_is_sandbox
    lines = [
        "",
        f"  Shop          {address}/",
        f"  ├─ article    {address}/pages/{ARTICLE}",
        f"  ├─ GraphQL    {address}/graphql/",
        f"  ├─ mailbox    {address}/mailbox",
        f"  ├─ health     {address}/ready",
        f"  └─ payments   {settings.stripe_api_url if sandbox else 'Stripe itself (SHOP_STRIPE_SECRET_KEY)'}",
    ]
    if settings.demo_password is not None:
        lines.append(f"  Staff login   admin@example.com  {settings.demo_password.get_secret_value()}")
    if sandbox:
        lines.append(f"  Test card     {TEST_CARD}")
    lines.append(f"  Ready in {seconds:.1f} s. Ctrl-C stops everything.")
    return "\n".join(lines)
