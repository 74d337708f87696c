"""`shop serve`: the web server alone, as production runs it."""

import gc

import click

from shop.cli.database import note, ready_settings
from shop.cli.serving import Stop, address_of, listen, serve
from shop.kit import log


@click.command()
@click.option("--worker/--no-worker", default=False, help="Also run the background jobs in this process.")
def command(worker: bool) -> None:
    """Serve the API and the storefront. Run 'shop migrate' before, and 'shop worker' beside it."""
    stop = Stop()
    # Nothing that is imported is garbage, and looking for some takes a tenth of the start; enabled when it serves.
    gc.disable()
    with ready_settings(note) as ready:
        log.configure(ready)
        listener = listen(ready.host, ready.port)
        address = address_of(listener)
        settings = ready.model_copy(update={"public_url": ready.public_url or address})
        from shop.web.app import create_app

        app = create_app(settings, worker=worker)
        serve(app, listener, settings, stop, lambda: note(f"Serving on {address}"))
