"""Pictures of links: their size, that every title fits, and that the same words are the same picture."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from shop.media.cards import SIZE, draw

TITLES = {
    "short": "Hair",
    "usual": "Adult stem cell therapy for hair loss",
    "long": "Words that go on " * 40,
    "one long word": "x" * 400,
    "nothing": "",
    "other scripts": "Тарифы и Ωρες λειτουργίας, 髪 💇",
    "control signs": "a\x00b\u202ec\nd",
}


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box of what is drawn right of the stripe."""
    ground = Image.new("RGB", picture.size, picture.getpixel((600, 5)))
    right = (60, 0, *picture.size)
    box = ImageChops.difference(picture.crop(right), ground.crop(right)).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_every_title_fits(title: str) -> None:
    data = draw(title, "Example clinic, which has quite a long name for a clinic, really")
    picture = Image.open(BytesIO(data)).convert("RGB")
    assert picture.size == SIZE == (1200, 630)
    _, top, right, bottom = ink(picture)
    assert top >= 40
    assert right + 60 <= 1200 - 40
    assert bottom <= 630 - 40
    assert len(data) < 60_000


def test_words_make_the_picture() -> None:
    assert draw("One", "Clinic") == draw("One", "Clinic") != draw("Two", "Clinic") != draw("Two", "Practice")
