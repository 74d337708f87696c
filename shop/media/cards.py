"""Cards: pictures drawn for a link that is shared, with a title and whose it is. Also where the shop's own fonts are.

Roboto has the letters of Latin, Greek and Cyrillic scripts; what it lacks is left out of a card.
"""

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

FONTS: Final = Path(__file__).parent / "fonts"
SIZE: Final = (1200, 630)
_MARGIN: Final = 90
_MOST_LINES: Final = 4
_TITLE_SIZES: Final = (76, 64, 54)
_SITE_SIZE: Final = 34
_GROUND: Final = "#083f3c"
_STRIPE: Final = "#6cc7bd"
_INK: Final = "#ffffff"
_MUTED: Final = "#bcd9d0"


@lru_cache(maxsize=128)
def draw(title: str, site: str) -> bytes:
    """A PNG of 1200 by 630 pixels with the title, and below it whose it is. Source: Open Graph, `og:image`."""
    picture = Image.new("RGB", SIZE, _GROUND)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 24, SIZE[1]), fill=_STRIPE)
    font, lines = _fitting(_drawable(title))
    height = font.size * 1.18
    top = (SIZE[1] - _SITE_SIZE - height * len(lines)) / 2 - 10
    for number, line in enumerate(lines):
        pen.text((_MARGIN, top + number * height), line, font=font, fill=_INK)
    pen.text((_MARGIN, SIZE[1] - 110), _drawable(site)[:50], font=_font("Regular", _SITE_SIZE), fill=_MUTED)
    file = BytesIO()
    picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def _fitting(title: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters in which the title fits, and its lines; one that is too long ends in dots."""
    for size in _TITLE_SIZES:
        font = _font("Bold", size)
        lines = _lines(title, font)
        if len(lines) <= _MOST_LINES:
            return font, lines
    lines = lines[:_MOST_LINES]
    return font, [*lines[:-1], lines[-1][:-1].rstrip() + "…"]


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    width = SIZE[0] - 2 * _MARGIN
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        while font.getlength(word) > width:
            cut = next(n for n in range(len(word), 0, -1) if font.getlength(word[:n]) <= width)
            lines.append(word[:cut])
            word = word[cut:]  # noqa: PLW2901 - what is left of it is the next word
        lines.append(word)
    return [line for line in lines if line] or [""]


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"Roboto-{weight}.ttf", size)


def _drawable(text: str) -> str:
    """The text without what would be drawn as an empty box."""
    return " ".join("".join(letter for letter in text if letter.isprintable() and ord(letter) < 0x2600).split())
