"""Pictures are stored by their content, refused when they are none, and made smaller once."""

import asyncio
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.media import thumbnails as module
from shop.media.actions import store
from shop.media.errors import NotAnImage
from shop.media.models import Asset
from shop.media.rules import ThumbnailFormat, is_path, nearest_size, path_of_name
from shop.media.thumbnails import Thumbnails


def picture(format_: str = "PNG", size: tuple[int, int] = (600, 300), mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size, "red" if mode != "P" else 1).save(file, format_)
    return file.getvalue()


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def bomb() -> bytes:
    """A PNG of a hundred bytes that claims 100,000 x 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("format_", "extension", "mime_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("AVIF", "avif", "image/avif"),
        ("GIF", "gif", "image/gif"),
    ],
)
async def test_a_picture_is_stored_once_by_its_content(
    database: Database, tmp_path: Path, format_: str, extension: str, mime_type: str
) -> None:
    content = picture(format_)

    async def work(session: AsyncSession) -> Asset:
        first = await store(session, content, "a.exe", folder=tmp_path)
        again = await store(session, content, "b.png", folder=tmp_path)
        assert again.id == first.id
        return first

    asset = await database.run(work)
    assert is_path(asset.path)
    assert asset.path.endswith(f".{extension}")
    assert (asset.mime_type, asset.width, asset.height, asset.size_bytes) == (mime_type, 600, 300, len(content))
    assert files_in(tmp_path) == [tmp_path / asset.path]
    assert (tmp_path / asset.path).read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        picture("PNG")[:-60],
        picture("BMP"),
        picture("TIFF"),
        bomb(),
        b"\0" * (20 * 1024 * 1024 + 1),
    ],
    ids=["empty", "text", "svg", "header only", "cut off", "bmp", "tiff", "bomb", "too many bytes"],
)
async def test_what_is_no_safe_picture_is_refused(database: Database, tmp_path: Path, content: bytes) -> None:
    async def work(session: AsyncSession) -> None:
        with pytest.raises(NotAnImage, match="example"):
            await store(session, content, "example", folder=tmp_path)
        assert await session.scalar(select(func.count()).select_from(Asset)) == 0

    await database.run(work)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(("wanted", "size"), [(1, 32), (47, 32), (49, 64), (200, 256), (4096, 4096), (99999, 4096)])
def test_the_closest_offered_size_is_taken(wanted: int, size: int) -> None:
    assert nearest_size(wanted) == size


def stored(folder: Path, content: bytes, extension: str = "png") -> str:
    path = path_of_name("a" * 64 + f".{extension}")
    assert path is not None
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_bytes(content)
    return path


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
@pytest.mark.parametrize(
    ("wanted", "format_"),
    [(ThumbnailFormat.ORIGINAL, "PNG"), (ThumbnailFormat.WEBP, "WEBP"), (ThumbnailFormat.AVIF, "AVIF")],
)
async def test_a_thumbnail_fits_its_size_and_format(
    tmp_path: Path, mode: str, wanted: ThumbnailFormat, format_: str
) -> None:
    file = BytesIO()
    Image.new(mode, (600, 300)).save(file, "PNG")
    path = stored(tmp_path, file.getvalue())
    with Image.open(await Thumbnails(tmp_path).get(path, 128, wanted)) as image:
        assert (image.format, image.size) == (format_, (128, 64))
    with Image.open(await Thumbnails(tmp_path).get(path, 1024, wanted)) as image:
        assert image.size == (600, 300)


async def test_a_turned_photograph_stands_upright_without_its_metadata(tmp_path: Path) -> None:
    file = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where it was taken"
    Image.new("CMYK", (600, 300)).save(file, "JPEG", exif=exif)
    path = stored(tmp_path, file.getvalue(), "jpg")
    with Image.open(await Thumbnails(tmp_path).get(path, 256, ThumbnailFormat.ORIGINAL)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (128, 256))
        assert not image.getexif()


async def test_many_visitors_make_one_thumbnail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path, picture())
    made: list[Path] = []
    make = module._make

    def make_and_note(source: Path, target: Path, size: int) -> None:
        made.append(target)
        make(source, target, size)

    monkeypatch.setattr(module, "_make", make_and_note)
    thumbnails = Thumbnails(tmp_path)
    files = await asyncio.gather(*(thumbnails.get(path, 64, ThumbnailFormat.WEBP) for _ in range(20)))
    assert made == [files[0]]
    assert set(files) == set(made)


async def test_a_damaged_file_leaves_nothing_behind(tmp_path: Path) -> None:
    path = stored(tmp_path, picture()[:-40])
    with pytest.raises(NotAnImage):
        await Thumbnails(tmp_path).get(path, 64, ThumbnailFormat.WEBP)
    with pytest.raises(FileNotFoundError):
        await Thumbnails(tmp_path).get(path.replace("a", "b"), 64, ThumbnailFormat.WEBP)
    assert files_in(tmp_path) == [tmp_path / path]
