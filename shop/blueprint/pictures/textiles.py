"""What is sewn: pillows, a cap, folded cloths."""

import math

from PIL import Image

from shop.blueprint.pictures import palette as c
from shop.blueprint.pictures.paint import Colour, Point, across, box, curve, down, ellipse, fill, mix, strokes


def pillow(image: Image.Image, x: float, y: float, width: float, tone: Colour) -> None:
    """A pillow around a point, in a smooth case with a sheen."""
    height = width * 0.66
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    inset = width * 0.055
    outline = curve(
        (left, top),
        (
            (left + width * 0.2, top + inset * 1.3),
            (right - width * 0.25, top + inset * 0.9),
            (right, top + inset * 0.2),
        ),
        ((right - inset * 1.2, top + height * 0.3), (right - inset, bottom - height * 0.25), (right - 4, bottom)),
        (
            (right - width * 0.25, bottom - inset * 0.5),
            (left + width * 0.25, bottom - inset * 0.9),
            (left + 6, bottom - inset * 0.2),
        ),
        ((left + inset * 1.1, bottom - height * 0.3), (left + inset * 1.3, top + height * 0.28), (left, top)),
    )
    fill(image, ellipse(x + 26, bottom + 4, width * 1.02, height * 0.2), c.INK, opacity=0.26, blur=24)
    fill(image, ellipse(x + 6, bottom - 12, width * 0.9, height * 0.12), c.INK, opacity=0.35, blur=12)
    light, shade = mix(tone, c.WHITE, 0.6), mix(tone, c.INK, 0.3)
    fill(image, outline, down((0, mix(tone, c.WHITE, 0.28)), (0.4, tone), (0.8, mix(tone, c.INK, 0.1)), (1, shade)))
    fill(
        image,
        ellipse(x - width * 0.12, y - height * 0.12, width * 0.72, height * 0.52, turn=-6),
        light,
        opacity=0.75,
        blur=70,
        clip=outline,
    )
    # Folds run from the corners; silk shows each as a bright line beside a dark one.
    folds = (
        ((left, top), 30, 0.34, 0.1),
        ((left, top), 48, 0.2, 0.06),
        ((right, top), 146, 0.36, -0.1),
        ((right, top), 128, 0.2, -0.05),
        ((right - 4, bottom), 214, 0.3, 0.08),
        ((left + 6, bottom), -30, 0.32, -0.08),
        ((left + 6, bottom), -50, 0.18, -0.05),
    )
    for corner, angle, reach, bend in folds:
        line = _fold(corner, angle, width * reach, width * bend)
        strokes(image, [line], width * 0.02, shade, opacity=0.5, blur=9, clip=outline)
        strokes(
            image, [[(px - 7, py - 9) for px, py in line]], width * 0.012, c.WHITE, opacity=0.75, blur=6, clip=outline
        )
    sheen = curve(
        (left + width * 0.2, top + height * 0.42),
        (
            (x - width * 0.1, top + height * 0.18),
            (x + width * 0.1, top + height * 0.34),
            (right - width * 0.16, top + height * 0.24),
        ),
    )
    strokes(image, [sheen], width * 0.03, c.WHITE, opacity=0.55, blur=16, clip=outline)
    fill(image, box(left, bottom - height * 0.2, right, bottom + 20), shade, opacity=0.45, blur=34, clip=outline)
    seam = [(px + (x - px) * 0.035, py + (y - py) * 0.05) for px, py in outline]
    strokes(image, [seam], 2.4, shade, opacity=0.4)


def _fold(corner: Point, angle: float, reach: float, bend: float) -> list[Point]:
    x, y = corner
    end = x + reach * math.cos(math.radians(angle)), y + reach * math.sin(math.radians(angle))
    across_x, across_y = -math.sin(math.radians(angle)) * bend, math.cos(math.radians(angle)) * bend
    return curve(
        (x + (end[0] - x) * 0.1, y + (end[1] - y) * 0.1),
        (
            (x + (end[0] - x) * 0.4 + across_x, y + (end[1] - y) * 0.4 + across_y),
            (x + (end[0] - x) * 0.7 + across_x, y + (end[1] - y) * 0.7 + across_y),
            end,
        ),
    )


def cap(image: Image.Image, x: float, y: float, width: float, tone: Colour) -> None:
    """A soft cap that stands on its band."""
    height = width * 0.74
    left, right, top = x - width / 2, x + width / 2, y - height
    fill(image, ellipse(x + 46, y - 4, width * 1.16, height * 0.2), c.INK, opacity=0.22, blur=24)
    fill(image, ellipse(x + 4, y - 8, width * 0.98, height * 0.1), c.INK, opacity=0.4, blur=9)
    light, shade = mix(tone, c.WHITE, 0.5), mix(tone, c.INK, 0.34)
    dome = curve(
        (left + width * 0.015, y - height * 0.2),
        (
            (left - width * 0.03, top + height * 0.34),
            (left + width * 0.16, top + height * 0.02),
            (x - width * 0.02, top),
        ),
        (
            (right - width * 0.16, top - height * 0.01),
            (right + width * 0.035, top + height * 0.34),
            (right - width * 0.015, y - height * 0.2),
        ),
    )
    fill(image, dome, across((0, mix(tone, c.INK, 0.1)), (0.28, light), (0.6, tone), (1, shade)))
    fill(
        image,
        ellipse(x - width * 0.16, top + height * 0.3, width * 0.4, height * 0.36),
        c.WHITE,
        opacity=0.35,
        blur=46,
        clip=dome,
    )
    for at, bend in ((-0.3, -0.13), (-0.1, -0.05), (0.12, 0.06), (0.31, 0.14)):
        line = curve(
            (x - width * 0.02 + width * bend * 0.15, top + height * 0.05),
            (
                (x + width * (at + bend) * 0.8, top + height * 0.22),
                (x + width * (at + bend), top + height * 0.5),
                (x + width * (at + bend * 0.6), y - height * 0.22),
            ),
        )
        strokes(image, [line], width * 0.016, shade, opacity=0.42, blur=7, clip=dome)
        strokes(
            image,
            [[(px - width * 0.018, py) for px, py in line]],
            width * 0.01,
            c.WHITE,
            opacity=0.4,
            blur=6,
            clip=dome,
        )
    band = curve(
        (left - width * 0.005, y - height * 0.27),
        (
            (x - width * 0.2, y - height * 0.19),
            (x + width * 0.2, y - height * 0.19),
            (right + width * 0.005, y - height * 0.27),
        ),
        (
            (right + width * 0.012, y - height * 0.18),
            (right + width * 0.008, y - height * 0.1),
            (right - width * 0.01, y - height * 0.045),
        ),
        (
            (x + width * 0.22, y + height * 0.035),
            (x - width * 0.22, y + height * 0.035),
            (left + width * 0.01, y - height * 0.045),
        ),
        (
            (left - width * 0.008, y - height * 0.1),
            (left - width * 0.012, y - height * 0.18),
            (left - width * 0.005, y - height * 0.27),
        ),
    )
    fill(image, [(px, py - 8) for px, py in band], c.INK, opacity=0.22, blur=8, clip=dome)
    deep = mix(tone, c.PINE, 0.45)
    fill(
        image,
        band,
        across((0, mix(deep, c.INK, 0.12)), (0.28, mix(deep, c.WHITE, 0.3)), (0.6, deep), (1, mix(deep, c.INK, 0.34))),
    )
    ribs = []
    for step in range(1, 44):
        place = step / 44
        sag = math.sin(math.pi * place)
        ribs.append(
            [
                (left + width * place, y - height * (0.25 - 0.06 * sag)),
                (left + width * (0.01 + 0.98 * place), y - height * (0.06 - 0.06 * sag)),
            ]
        )
    strokes(image, ribs, 2, c.INK, opacity=0.16, clip=band)


def folded_cloth(image: Image.Image, x: float, y: float, width: float, tones: tuple[Colour, ...]) -> None:
    """A small pile of folded cloths."""
    thick = width * 0.13
    fill(image, ellipse(x + 20, y - 2, width * 1.15, thick * 0.7), c.INK, opacity=0.25, blur=16)
    for at, tone in enumerate(tones):
        bottom = y - thick * at
        slab = box(x - width / 2 + at * 5, bottom - thick, x + width / 2 - at * 7, bottom, thick * 0.46)
        fill(image, slab, down((0, mix(tone, c.WHITE, 0.45)), (0.5, tone), (1, mix(tone, c.INK, 0.28))))
        crease = [
            (x - width / 2 + 26 + at * 5, bottom - thick * 0.5),
            (x + width / 2 - 14 - at * 7, bottom - thick * 0.5),
        ]
        strokes(image, [crease], 2.4, c.INK, opacity=0.22)
