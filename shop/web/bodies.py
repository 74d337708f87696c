"""What a request asks for: its operation, read within limits out of JSON, or out of a form that brings files.

Source: https://github.com/jaydenseric/graphql-multipart-request-spec
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from shop.api.core.uploads import UploadedFile
from shop.kit.settings import Settings

# As a character, and as either of GraphQL's escapes.
_NUL: Final = re.compile(r"\x00|\\u0000|\\u\{0+\}")
# No client's variables are nested so deeply; Python's own stack ends somewhat later.
_DEEPEST: Final = 64
_MOST_FILES: Final = 10
# `operations` and `map`; some clients add one or two of their own.
_MOST_FIELDS: Final = 4
# What another site's form cannot send along: with one of these a browser asks first.
_ASKED_FIRST: Final = ("authorization", "authorization-bearer", "x-requested-with")
_HOLDS_NUL: Final = "String cannot hold a NUL character."
_NOT_JSON: Final = "Send the operation as JSON, with Content-Type: application/json."
_NOT_ASKED: Final = "Send files with an Authorization header, or with X-Requested-With: XMLHttpRequest."
_BATCH: Final = "Batched requests are not supported: send one operation at a time."


class BadRequest(Exception):
    """A body that is no GraphQL request; nothing was run."""

    def __init__(self, status: int, message: str, code: str = "GraphQLError") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errors": [{"message": message, "extensions": {"exception": {"code": code}}}]}


@dataclass(frozen=True, slots=True)
class Operation:
    """What is to be run. A file among the variables is an `UploadedFile`."""

    query: str
    variables: dict[str, Any] | None
    name: str | None


async def read_operation(request: Request, settings: Settings) -> Operation:
    """The operation of a POST. Raises: BadRequest; ClientDisconnect."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _operation(await _with_files(request, settings))
    body = b"".join([chunk async for chunk in _limited(request, settings.request_body_max_bytes)])
    if kind not in {"application/json", "application/graphql-response+json"}:
        # Anything else can be sent by a form of another site without a preflight.
        raise BadRequest(415 if kind else 400, _NOT_JSON)
    return _operation(_json(body, "The request body"))


async def _limited(request: Request, maximum: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces. Raises: BadRequest beyond the maximum in bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and (len(length) > 12 or int(length) > maximum):
        raise BadRequest(413, f"The request body is larger than {maximum} bytes.")
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > maximum:
            raise BadRequest(413, f"The request body is larger than {maximum} bytes.")
        yield chunk


def _json(text: str | bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"{what} is not JSON: {error.msg}", "JSONDecodeError") from None


async def _with_files(request: Request, settings: Settings) -> Any:
    """The form's operation, each file in its place among the variables."""
    if not any(name in request.headers for name in _ASKED_FIRST):
        raise BadRequest(400, _NOT_ASKED)
    parser = MultiPartParser(
        request.headers,
        _limited(request, settings.request_upload_max_bytes),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=settings.request_body_max_bytes,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise BadRequest(400, f"The form could not be read: {error.message}") from None
    try:
        operation = _json(_text(form, "operations"), "The form's field 'operations'")
        places = _json(_text(form, "map"), "The form's field 'map'")
        if not isinstance(places, dict):
            raise BadRequest(400, "The form's field 'map' must be a JSON object from names of files to their places.")
        for name, paths in places.items():
            file = form.get(name)
            if not isinstance(file, UploadFile):
                raise BadRequest(400, f"The form has no file {name!r}, which its field 'map' names.")
            uploaded = UploadedFile(file.filename or name, await file.read())
            for path in paths if isinstance(paths, list) else [paths]:
                _put(operation, path, uploaded)
    finally:
        await form.close()
    return operation


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise BadRequest(400, f"A form with files needs a field {name!r} that holds JSON.")
    return value


def _put(operation: Any, path: Any, file: UploadedFile) -> None:
    """The file takes the place of a null, such as the one at `variables.input.images.0`. Raises: BadRequest."""
    names = path.split(".") if isinstance(path, str) else []
    if len(names) < 2 or names[0] != "variables":
        raise BadRequest(400, f"No place for a file: {path!r}. Places look like 'variables.image'.")
    *way, last = names
    inside = operation
    for name in way:
        key = _key(inside, name)
        inside = None if key is None else inside[key]
    key = _key(inside, last)
    if key is None or inside[key] is not None:
        raise BadRequest(400, f"No place for a file: there is no null at {path!r}.")
    inside[key] = file


def _key(value: Any, name: str) -> str | int | None:
    """How an object's or a list's part of that name is reached; None where there is no such part."""
    if isinstance(value, dict):
        return name if name in value else None
    if isinstance(value, list) and name.isdecimal() and len(name) < 6 and int(name) < len(value):
        return int(name)
    return None


def _operation(data: Any) -> Operation:
    if isinstance(data, list):
        raise BadRequest(400, _BATCH)
    if not isinstance(data, dict):
        raise BadRequest(400, 'The request body must be a JSON object: {"query": "…", "variables": {…}}')
    query, variables, name = data.get("query"), data.get("variables"), data.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(400, "Must provide a query string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "Variables must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "operationName must be a string.")
    # Lone surrogates are no JSON; NUL is, but PostgreSQL's texts cannot hold it.
    # Two looks for what is hardly ever there: the pattern takes twenty times as long.
    if ("\0" in query or "\\u" in query) and _NUL.search(query):
        raise BadRequest(400, _HOLDS_NUL)
    if variables:
        _check(variables)
    return Operation(query, variables, name or None)


def _check(variables: dict[str, Any]) -> None:
    """Nothing in the variables is too deep, or holds a NUL. Level by level: recursion would fail on what is deep."""
    level: list[Any] = [variables]
    for _ in range(_DEEPEST):
        if any(isinstance(value, str) and "\0" in value for value in level):
            raise BadRequest(400, _HOLDS_NUL)
        level = [part for value in level if isinstance(value, dict | list) for part in _parts(value)]
        if not level:
            return
    raise BadRequest(400, f"The variables are nested deeper than {_DEEPEST} levels.")


def _parts(value: dict[str, Any] | list[Any]) -> list[Any]:
    return value if isinstance(value, list) else [*value, *value.values()]
