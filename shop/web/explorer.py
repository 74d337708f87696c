"""The explorer at `GET /graphql/`: saved documents as lessons, their replies, the schema. Works offline.

In production the address answers 404: the page is a tool for developers.
"""

import hashlib
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from shop.kit.resources import graphql_folder
from shop.kit.settings import Settings
from shop.web.lessons import page_data

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# GraphiQL comes from its CDN, on a page of its own, in development only.
_GRAPHIQL_POLICY = (
    "default-src 'none'; script-src 'self' https://esm.sh 'unsafe-eval'; worker-src blob:; "
    "style-src 'self' https://esm.sh 'unsafe-inline'; font-src https://esm.sh data:; "
    "connect-src 'self' https://esm.sh; img-src 'self' data:"
)

_State = tuple[tuple[str, int], ...]


class Explorer:
    """Serves the page; made anew when a document, the lessons or the schema has changed since."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._folder = graphql_folder()
        # Each page with the state of the files that it was made of.
        self._pages: dict[str, tuple[_State, str]] = {}

    def __call__(self, request: Request) -> Response:
        """The page, or 404 in production."""
        if self.settings.production:
            return PlainTextResponse("Not Found", status_code=404)
        name = "graphiql.html" if "graphiql" in request.query_params else "explorer.html"
        state = self._state()
        if name not in self._pages or self._pages[name][0] != state:
            self._pages[name] = (state, self._render(name))
        body = self._pages[name][1]
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        headers = {
            "ETag": etag,
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _GRAPHIQL_POLICY if name == "graphiql.html" else _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        if request.headers.get("if-none-match", "").removeprefix("W/") == etag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(body, headers=headers)

    def _state(self) -> _State:
        files = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
        return tuple((str(path), path.stat().st_mtime_ns) for path in files)

    def _render(self, name: str) -> str:
        folder = self._folder
        environment = Environment(loader=PackageLoader("shop.web"), autoescape=select_autoescape(["html"]))
        values: dict[str, Any] = {
            "chapters": orjson.dumps(page_data(folder)).decode().replace("<", "\\u003c"),
            "schema": (folder / "schema.graphql").read_text(),
        }
        return environment.get_template(name).render(values)
