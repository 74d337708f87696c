"""Pictures that staff send: by the GraphQL multipart request specification, told by their content, stored once."""

import json
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from shop.api.core.uploads import UploadedFile
from shop.kit.settings import Settings
from shop.media.models import Asset
from tests.api.client import Api

STORE = """mutation ($file: Upload!) {
    fileUpload(file: $file) { uploadedFile { url contentType } errors { field code message } }
}"""
SHOW = """mutation ($image: Upload!) {
    userAvatarUpdate(image: $image) { user { avatar(size: 0) { url } } errors { code } }
}"""
HIDE = "mutation { userAvatarDelete { user { avatar { url } } errors { code } } }"
ASKED_FIRST = {"X-Requested-With": "XMLHttpRequest"}


def picture(color: str = "red", format_: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (30, 20), color).save(file, format_)
    return file.getvalue()


async def staff(api: Api) -> str:
    return await api.login("staff@example.com", is_staff=True)


async def stored(api: Api) -> int:
    return await api.database.run(
        lambda session: session.scalar(select(func.count()).select_from(Asset))  # type: ignore[arg-type,return-value]
    )


def kept(settings: Settings) -> list[Path]:
    return [file for file in settings.media_path.rglob("*") if file.is_file()]


async def test_a_picture_is_stored_once_and_served_by_its_content(api: Api, settings: Settings) -> None:
    token = await staff(api)
    for _ in range(2):
        # Whatever its sender calls it.
        reply = await api(STORE, {"file": UploadedFile("../../etc/passwd.svg", picture())}, token=token)
        found = reply.data["fileUpload"]
        assert found["errors"] == []
        assert found["uploadedFile"]["contentType"] == "image/png"
        assert reply.headers["Cache-Control"] == "no-store"
    [file] = kept(settings)
    assert found["uploadedFile"]["url"] == f"http://shop.test/media/{file.relative_to(settings.media_path)}"
    assert file.read_bytes() == picture()
    assert await stored(api) == 1


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"\x89PNG\r\n\x1a\nno more"]
)
async def test_what_is_no_picture_is_refused(api: Api, settings: Settings, content: bytes) -> None:
    reply = await api(STORE, {"file": UploadedFile("notes.png", content)}, token=await staff(api))
    assert reply.data["fileUpload"] == {
        "uploadedFile": None,
        "errors": [
            {
                "field": "file",
                "code": "UNSUPPORTED_MIME_TYPE",
                "message": "notes.png: no readable picture. Accepted: png, jpg, webp, avif, gif.",
            }
        ],
    }
    assert kept(settings) == []
    assert await stored(api) == 0


@pytest.mark.parametrize("query", [STORE, SHOW])
async def test_visitors_and_customers_store_nothing(api: Api, settings: Settings, query: str) -> None:
    file = UploadedFile("face.png", picture())
    for token in (None, await api.login("customer@example.com")):
        reply = await api(query, {"file": file, "image": file}, token=token)
        assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    assert kept(settings) == []


async def test_staff_are_shown_with_a_picture(api: Api) -> None:
    token = await staff(api)
    before = await api(SHOW, {"image": UploadedFile("face.webp", picture("blue", "WEBP"))}, token=token)
    assert before.data["userAvatarUpdate"]["errors"] == []
    url = before.data["userAvatarUpdate"]["user"]["avatar"]["url"]
    assert url.startswith("http://shop.test/media/")
    assert url.endswith(".webp")
    assert (await api("{ me { avatar(size: 0) { url } } }", token=token)).data["me"]["avatar"]["url"] == url
    assert (await api(HIDE, token=token)).data["userAvatarDelete"] == {"user": {"avatar": None}, "errors": []}


async def test_a_key_carries_an_upload_out_once(api: Api) -> None:
    token, headers = await staff(api), {"Idempotency-Key": str(uuid.uuid4())}
    first = await api(STORE, {"file": UploadedFile("a.png", picture())}, token=token, headers=headers)
    again = await api(STORE, {"file": UploadedFile("a.png", picture())}, token=token, headers=headers)
    assert again.body["data"] == first.body["data"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await api(STORE, {"file": UploadedFile("a.png", picture("blue"))}, token=token, headers=headers)
    assert other.status == 422


@pytest.mark.parametrize("variables", [{"file": None}, {}, {"file": "a.png"}, {"file": {"name": "a.png"}}])
async def test_a_file_is_needed(api: Api, variables: dict[str, Any]) -> None:
    reply = await api(STORE, variables, token=await staff(api))
    assert reply.status == 400
    assert "'$file'" in reply.errors[0]["message"]


def form(operations: Any, places: Any, *names: str) -> tuple[bytes, dict[str, str]]:
    """A body with these fields, each as JSON or, if it is bytes, as it is, and a file under each name."""
    lines = []
    for name, value in (("operations", operations), ("map", places)):
        if value is not None:
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            lines += [b"--x", f'Content-Disposition: form-data; name="{name}"'.encode(), b"", content]
    for name in names:
        lines += [b"--x", f'Content-Disposition: form-data; name="{name}"; filename="a.png"'.encode(), b"", picture()]
    body = b"\r\n".join([*lines, b"--x--", b""])
    return body, {"Content-Type": "multipart/form-data; boundary=x"} | ASKED_FIRST


OPERATION = {"query": STORE, "variables": {"file": None}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (form(OPERATION, {"0": ["variables.file"]}), "The form has no file '0', which its field 'map' names."),
        (form(OPERATION, None, "0"), "A form with files needs a field 'map' that holds JSON."),
        (form(None, {"0": ["variables.file"]}, "0"), "A form with files needs a field 'operations' that holds JSON."),
        (form(b"{", {}, "0"), "The form's field 'operations' is not JSON: unexpected end of data"),
        (form(OPERATION, [], "0"), "The form's field 'map' must be a JSON object from names of files to their places."),
        (form([OPERATION], {}, "0"), "Batched requests are not supported: send one operation at a time."),
        (
            form(OPERATION, {"0": ["variables.other"]}, "0"),
            "No place for a file: there is no null at 'variables.other'.",
        ),
        (
            form(OPERATION | {"variables": {"file": [None]}}, {"0": ["variables.file.1"]}, "0"),
            "No place for a file: there is no null at 'variables.file.1'.",
        ),
        (form(OPERATION, {"0": ["query"]}, "0"), "No place for a file: 'query'. Places look like 'variables.image'."),
        (form(OPERATION, {"0": [5]}, "0"), "No place for a file: 5. Places look like 'variables.image'."),
        (
            form(OPERATION, {"0": ["variables.file"]}, *map(str, range(11))),
            "The form could not be read: Too many files. Maximum number of files is 10.",
        ),
    ],
)
async def test_a_form_that_cannot_be_read_says_why(
    api: Api, body: tuple[bytes, dict[str, str]], message: str, settings: Settings
) -> None:
    token = await staff(api)
    content, headers = body
    response = await api.raw("POST", content, headers | {"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["errors"][0]["message"]) == (400, message)
    assert kept(settings) == []


async def test_a_file_may_stand_in_several_places(api: Api) -> None:
    query = """mutation ($one: Upload!, $two: Upload!) {
        a: fileUpload(file: $one) { uploadedFile { url } } b: fileUpload(file: $two) { uploadedFile { url } }
    }"""
    content, headers = form(
        {"query": query, "variables": {"one": None, "two": None}}, {"0": ["variables.one", "variables.two"]}, "0"
    )
    token = await staff(api)
    response = await api.raw("POST", content, headers | {"Authorization": f"Bearer {token}"})
    data = response.json()["data"]
    assert data["a"] == data["b"]
    assert data["a"]["uploadedFile"] is not None


async def test_another_site_s_form_is_refused(api: Api) -> None:
    """A browser sends such a form without asking us first, and so it might send it in a visitor's name."""
    content, headers = form(OPERATION, {"0": ["variables.file"]}, "0")
    del headers["X-Requested-With"]
    response = await api.raw("POST", content, headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == (
        "Send files with an Authorization header, or with X-Requested-With: XMLHttpRequest."
    )


async def test_a_form_beyond_the_limit_is_refused(api: Api) -> None:
    api.graphql.settings = api.settings.model_copy(update={"request_upload_max_bytes": 500})
    content, headers = form(OPERATION, {"0": ["variables.file"]}, "0", "1", "2", "3")
    for named in (headers, headers | {"Transfer-Encoding": "chunked"}):
        response = await api.raw("POST", content, named)
        assert response.status_code == 413
        assert response.json()["errors"][0]["message"] == "The request body is larger than 500 bytes."
