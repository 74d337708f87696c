"""Pictures over HTTP: cached for ever, never sniffed, and nothing but pictures."""

from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from shop.media.rules import ThumbnailFormat, media_url, path_of, thumbnail_url
from shop.web.media import routes


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = BytesIO()
    Image.new("RGB", (200, 100), "green").save(file, "PNG")
    path = path_of(file.getvalue(), "png")
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_bytes(file.getvalue())
    (tmp_path / "secret.txt").write_text("secret")
    return path


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=routes(tmp_path)))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


async def test_a_picture_and_its_thumbnails_are_served(client: httpx.AsyncClient, path: str, tmp_path: Path) -> None:
    original = await client.get(media_url(path))
    assert (original.status_code, original.headers["content-type"]) == (200, "image/png")
    assert original.content == (tmp_path / path).read_bytes()

    small = await client.get(thumbnail_url(path, 64, ThumbnailFormat.WEBP))
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    with Image.open(BytesIO(small.content)) as image:
        assert image.size == (64, 32)

    for answer in (original, small):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = await client.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    assert original.headers["etag"] != small.headers["etag"]
    assert (await client.head(media_url(path))).headers["content-length"] == str(len(original.content))


@pytest.mark.parametrize(
    "address",
    [
        "/media/secret.txt",
        "/media/../secret.txt",
        "/media/%2e%2e/secret.txt",
        "/media/",
        f"/media/aa/{'a' * 64}.png",
        f"/media/{'a' * 64}.png",
        f"/thumbnail/{'a' * 64}.png/64/webp",
        f"/thumbnail/{'a' * 64}.svg/64/webp",
        "/thumbnail/secret.txt/64/webp",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str, address: str) -> None:
    assert (await client.get(address)).status_code == 404


async def test_only_offered_sizes_and_formats_are_made(client: httpx.AsyncClient, path: str, tmp_path: Path) -> None:
    name = path.rpartition("/")[2]
    for rest in ("65/webp", "0/webp", "64/gif", "64/WEBP"):
        assert (await client.get(f"/thumbnail/{name}/{rest}")).status_code == 404
    assert not (tmp_path / "thumbnails").exists()
