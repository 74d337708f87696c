"""The demo's pictures, drawn by code: no file to download, no licence to ask for, and the same on every machine."""

from io import BytesIO
from typing import Final

from shop.blueprint.pictures.scenes import SCENES

# Raise it when a picture changes, so that shops that show the old one get the new one.
VERSION: Final = "1"
SUFFIX: Final = ".jpg"
PICTURES: Final = frozenset(SCENES)


def draw(name: str) -> bytes:
    """The picture as a JPEG file. Raises: KeyError for a name that is not in `PICTURES`."""
    output = BytesIO()
    SCENES[name]().save(output, "JPEG", quality=88, optimize=False, progressive=False)
    return output.getvalue()
