"""`/mailbox`: what the shop would have sent. Only in development without a mail server."""

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shop.kit.db import Database
from shop.mail.queries import LATEST


class Mailbox:
    """The newest fifty mails."""

    def __init__(self, database: Database) -> None:
        self.database = database
        environment = Environment(loader=PackageLoader("shop.web"), autoescape=select_autoescape(["html"]))
        self.template = environment.get_template("mailbox.html")

    async def __call__(self, request: Request) -> Response:
        """The page."""
        reader = self.database.reader()
        try:
            mails = await reader.rows(LATEST, limit=50)
        finally:
            await reader.close()
        return HTMLResponse(
            self.template.render(mails=mails),
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
            },
        )
