"""`/.well-known/jwks.json`: the public halves of the key that signs tokens, and of those before it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shop.api.accounts.auth import make_signer
from shop.kit.settings import Settings


class Jwks:
    """Source: RFC 7517."""

    def __init__(self, settings: Settings) -> None:
        self.body = make_signer(settings).public_keys()

    async def __call__(self, request: Request) -> Response:
        """The route."""
        headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
        return JSONResponse(self.body, headers=headers)
