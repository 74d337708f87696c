"""Serves invoices to who holds a link that the API made: signed, for one invoice, and over after a while."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from shop.kit import clock
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.orders.queries import INVOICE_FILES, InvoiceFile
from shop.orders.rules import invoice_of_link

_HEADERS: Final = {
    # It names a person: no cache keeps it, and its address goes nowhere.
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-robots-tag": "noindex",
}


class Invoices:
    """`/invoices/{link}`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    async def __call__(self, request: Request) -> Response:
        """The file; 404 for a link that is over, changed, or none of ours: one answer for all."""
        if self.settings.secret_key is None:
            raise HTTPException(404)
        secret = self.settings.secret_key.get_secret_value()
        invoice_id = invoice_of_link(secret, request.path_params["link"], now=clock.now())
        found = None if invoice_id is None else await self._find(invoice_id)
        if found is None:
            raise HTTPException(404)
        file = self.settings.media_path / found.path
        if not file.is_file():
            raise HTTPException(404)
        return FileResponse(
            file, media_type="application/pdf", filename=f"invoice-{found.file_name}.pdf", headers=_HEADERS
        )

    async def _find(self, invoice_id: int) -> InvoiceFile | None:
        reader = self.database.reader()
        try:
            found = await reader.fetch(InvoiceFile, INVOICE_FILES, ids=[invoice_id])
        finally:
            await reader.close()
        return found[0] if found else None
