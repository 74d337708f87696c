"""Pictures drawn by code."""

from io import BytesIO

import pytest
from PIL import Image

from shop.blueprint import pictures


@pytest.mark.parametrize("name", sorted(pictures.PICTURES))
def test_a_picture_is_a_jpeg_of_useful_size(name: str) -> None:
    content = pictures.draw(name)
    image = Image.open(BytesIO(content))
    image.load()
    assert image.format == "JPEG"
    assert min(image.size) >= 900
    assert 10_000 < len(content) < 400_000


def test_a_picture_is_the_same_each_time() -> None:
    assert pictures.draw("gentle-shampoo") == pictures.draw("gentle-shampoo")


def test_an_unknown_picture() -> None:
    with pytest.raises(KeyError):
        pictures.draw("unknown")
