"""Pictures of a shop file: drawn or read before the transaction, only where the shop lacks them, stored inside it."""

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from pathlib import Path as FilePath
from typing import Any, Final

from sqlalchemy import insert, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from shop.blueprint import pictures as drawing
from shop.blueprint.errors import Problem, ShopFileError
from shop.blueprint.format import Media
from shop.blueprint.load import Loaded, images, pictures
from shop.blueprint.source import Path
from shop.catalogue.models import Category, Collection, ProductMedia
from shop.media import actions
from shop.media.errors import NotAnImage
from shop.media.models import Asset
from shop.media.rules import MAX_BYTES, media_url

# In the private metadata of whatever shows a picture: which picture of the file it is, and of which content.
SOURCE: Final = "shop_file.picture"
VERSION: Final = "shop_file.picture_version"


_IMAGES_IN_TEXTS: Final = text(f"""
    SELECT image ->> '{SOURCE}', image ->> '{VERSION}', asset.id
    FROM (
        SELECT content FROM content_page UNION ALL SELECT description FROM catalogue_product
        UNION ALL SELECT description FROM catalogue_category UNION ALL SELECT description FROM catalogue_collection
    ) texts
    CROSS JOIN jsonb_path_query(texts.content, '$.blocks[*] ? (@.type == "image").data') image
    JOIN media_asset asset ON image #>> '{{file,url}}' = '{media_url("")}' || asset.path
    WHERE image ->> '{SOURCE}' = ANY(:sources)
""")  # noqa: S608 - made of constants

Token = tuple[str, str]


@dataclass
class Assets:
    """The pictures that an apply needs: by source and version, their id where stored, else their content."""

    loaded: Loaded
    dry_run: bool
    folder: FilePath
    tokens: dict[Media, Token] = field(default_factory=dict)
    stored: dict[Token, int] = field(default_factory=dict)
    ids: dict[Token, int] = field(default_factory=dict)
    contents: dict[Token, bytes] = field(default_factory=dict)
    places: dict[Media, Path] = field(default_factory=dict)
    images: dict[Media, dict[str, Any]] = field(default_factory=dict)

    def metadata(self, media: Media) -> dict[str, str]:
        """What the row that shows the picture remembers of it."""
        source, version = self.tokens[media]
        return {SOURCE: source, VERSION: version}

    async def find_stored(self, session: AsyncSession) -> None:
        """The pictures that the shop shows already, in these versions, are known by their ids."""
        sources = {source for source, _ in self.tokens.values()}
        rows = union_all(
            *(
                select(
                    model.metadata_private[SOURCE].astext.label("source"),
                    model.metadata_private[VERSION].astext.label("version"),
                    asset.label("asset_id"),
                ).where(model.metadata_private[SOURCE].astext.in_(sources), asset.is_not(None))
                for model, asset in (
                    (ProductMedia, ProductMedia.asset_id),
                    (Category, Category.background_image_id),
                    (Collection, Collection.background_image_id),
                )
            )
        )
        for source, version, asset_id in await session.execute(rows):
            self.stored[source, version] = asset_id

        if any(images(self.loaded.shop)):
            await self._find_in_texts(session, sources)

    async def _find_in_texts(self, session: AsyncSession, sources: set[str]) -> None:
        """An image block remembers its picture as the other rows do, but within the text."""
        for source, version, asset_id in await session.execute(_IMAGES_IN_TEXTS, {"sources": list(sources)}):
            self.stored[source, version] = asset_id

    async def draw(self) -> None:
        """The pictures that are to be drawn and are not stored are in memory; about 0.1 s of CPU each."""
        if self.dry_run:
            return
        missing = {token: media.draw for media, token in self.tokens.items() if media.draw and token not in self.stored}
        # Pillow lets go of the interpreter while it paints, so each core draws a picture.
        drawn = await asyncio.gather(*(asyncio.to_thread(drawing.draw, name) for name in missing.values()))
        self.contents.update(zip(missing, drawn, strict=True))

    def begin(self) -> None:
        """A transaction begins: what an earlier one stored and lost is forgotten."""
        self.ids = dict(self.stored)

    async def id(self, session: AsyncSession, media: Media) -> int:
        """The id of the stored picture; it is stored now where it is new. Raises: ShopFileError for no picture."""
        token = self.tokens[media]
        if token not in self.ids:
            if self.dry_run:
                self.ids[token] = await _placeholder(session, token)
            else:
                filename = f"{media.draw}{drawing.SUFFIX}" if media.draw else str(media.file)
                try:
                    asset = await actions.store(session, self.contents[token], filename, folder=self.folder)
                except NotAnImage as error:
                    raise ShopFileError([self.loaded.source.problem(self.places[media], error.message)]) from None
                self.ids[token] = asset.id
        return self.ids[token]

    async def place_images(self, session: AsyncSession) -> None:
        """The data of every image block of the file is known."""
        wanted = {media: await self.id(session, media) for media, _ in images(self.loaded.shop)}
        if not wanted:
            return
        found = await session.execute(
            select(Asset.id, Asset.path, Asset.width, Asset.height).where(Asset.id.in_(wanted.values()))
        )
        files = {row.id: {"url": media_url(row.path), "width": row.width, "height": row.height} for row in found}
        self.images = {
            media: {"file": files[asset_id], "caption": "", "alt": escape(media.alt, quote=False)}
            | self.metadata(media)
            for media, asset_id in wanted.items()
        }


def gather(loaded: Loaded, *, dry_run: bool, folder: FilePath) -> Assets:
    """Every picture of the file is known by its source and version; those that are files are in memory.

    Raises: ShopFileError for a built-in picture that does not exist, and for a picture file that is missing, too large
    or outside the shop file's folder.
    """
    assets = Assets(loaded, dry_run, folder)
    problems: list[Problem] = []
    for media, path in pictures(loaded.shop):
        assets.places[media] = path
        try:
            if media.draw is not None:
                if media.draw not in drawing.PICTURES:
                    known = ", ".join(sorted(drawing.PICTURES))
                    problems.append(
                        loaded.source.problem((*path, "draw"), f"There is no such built-in picture; there are {known}.")
                    )
                assets.tokens[media] = f"draw:{media.draw}", drawing.VERSION
                continue
            content = _read(loaded, media)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            problems.append(loaded.source.problem((*path, "file"), f"The picture cannot be used: {reason}."))
            continue
        token = f"file:{media.file}", sha256(content).hexdigest()[:16]
        assets.tokens[media] = token
        assets.contents[token] = content
    if problems:
        raise ShopFileError(problems)
    return assets


def _read(loaded: Loaded, media: Media) -> bytes:
    """The file's content. Only from the shop file's own folder: a file from elsewhere must not publish /etc/passwd."""
    folder = loaded.folder.resolve()
    found = (folder / str(media.file)).resolve()
    if not found.is_relative_to(folder):
        raise ValueError("it lies outside this file's folder")
    if found.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MB")
    return found.read_bytes()


async def _placeholder(session: AsyncSession, token: Token) -> int:
    """A row in place of a picture: a dry run writes no file, and its transaction is rolled back."""
    values: dict[str, Any] = {
        "path": f"dry-run/{token[0]}/{token[1]}",
        "mime_type": "image/png",
        "width": 1,
        "height": 1,
        "size_bytes": 0,
    }
    return int((await session.execute(insert(Asset).values(values).returning(Asset.id))).scalar_one())
