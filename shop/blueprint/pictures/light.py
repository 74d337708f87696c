"""How light falls in the demo's pictures: from the left, upon round things, with soft shadows to the right."""

from PIL import Image

from shop.blueprint.pictures import palette as c
from shop.blueprint.pictures.paint import Colour, Paint, across, ellipse, fill, mix


def round_body(tone: Colour, depth: float = 1.0) -> Paint:
    """How light falls from the left upon something round."""
    light, shade = mix(tone, c.WHITE, 0.45 * depth), mix(tone, c.INK, 0.3 * depth)
    return across(
        (0, mix(tone, c.INK, 0.14 * depth)),
        (0.1, tone),
        (0.26, light),
        (0.42, tone),
        (0.78, mix(tone, c.INK, 0.12 * depth)),
        (0.93, shade),
        (1, mix(tone, c.INK, 0.2 * depth)),
    )


def standing_shadow(image: Image.Image, x: float, y: float, width: float, height: float) -> None:
    """The shadow of something upright: dark where it stands, long and soft to the right."""
    long = [
        (x - width * 0.42, y),
        (x + width * 0.46, y + 4),
        (x + width * 0.5 + height * 0.62, y - height * 0.13),
        (x + width * 0.1 + height * 0.62, y - height * 0.2),
    ]
    fill(image, long, c.INK, opacity=0.13, blur=26)
    fill(image, ellipse(x + width * 0.12, y + 2, width * 1.35, width * 0.26), c.INK, opacity=0.22, blur=20)
    fill(image, ellipse(x + 2, y - 2, width * 1.02, width * 0.13), c.INK, opacity=0.4, blur=7)
