"""What grew: a wooden comb and a twig."""

import math

from PIL import Image

from shop.blueprint.pictures import palette as c
from shop.blueprint.pictures.paint import Colour, Point, across, curve, fill, mix, strokes, turned


def comb(image: Image.Image, x: float, y: float, width: float, turn: float) -> None:
    """A wooden comb that lies around a point."""
    height, back, count = width * 0.4, width * 0.16, 13
    left, top = x - width / 2, y - height / 2
    spine = curve(
        (left + width * 0.02, top + back * 1.4),
        (
            (left - width * 0.015, top + back * 0.5),
            (left + width * 0.06, top + back * 0.2),
            (left + width * 0.2, top + back * 0.08),
        ),
        (
            (left + width * 0.4, top - back * 0.12),
            (left + width * 0.6, top - back * 0.12),
            (left + width * 0.8, top + back * 0.08),
        ),
        (
            (left + width * 0.94, top + back * 0.2),
            (left + width * 1.015, top + back * 0.5),
            (left + width * 0.98, top + back * 1.4),
        ),
    )
    gap = width * 0.033
    widths = [width * 0.06, *[(width * 0.84 - gap * (count - 1)) / (count - 2)] * (count - 2), width * 0.06]
    root = top + back * 1.5
    outline = list(spine)
    right = left + width * 0.98
    # Right to left: down one side of each tooth, around its tip, and up the other to the root of the next.
    for at, thick in enumerate(widths):
        reach = top + height * (0.92 if at in {0, count - 1} else 1.0)
        tip, middle = thick * 0.32, right - thick / 2
        outline += [(right, root), (middle + tip, reach - tip)]
        outline += [_around(middle, reach - tip, tip, angle) for angle in range(15, 180, 15)]
        outline += [(middle - tip, reach - tip), (right - thick, root)]
        right -= thick
        if at < count - 1:
            outline += [_around(right - gap / 2, root, gap / 2, -angle) for angle in range(15, 180, 15)]
            right -= gap
    placed = turned(outline, turn, (x, y))
    fill(image, [(px + 26, py + 32) for px, py in placed], c.INK, opacity=0.22, blur=20)
    fill(image, [(px + 7, py + 9) for px, py in placed], c.INK, opacity=0.3, blur=5)
    wood = mix(c.CLAY, c.SAND, 0.45)
    fill(image, placed, across((0, mix(wood, c.WHITE, 0.2)), (0.5, wood), (1, mix(wood, c.BARK, 0.28))))
    grain = []
    for step in range(26):
        height_at = top - back * 0.1 + height * 1.05 * step / 26
        wave = 5 * math.sin(step * 1.7)
        grain.append(
            turned(
                curve(
                    (left - 10, height_at + wave),
                    (
                        (x - width * 0.2, height_at - 12 + wave),
                        (x + width * 0.15, height_at + 14 - wave),
                        (left + width + 10, height_at),
                    ),
                ),
                turn,
                (x, y),
            )
        )
    strokes(image, grain[::2], 1.6, c.BARK, opacity=0.26, clip=placed)
    strokes(image, grain[1::3], 3.4, mix(c.BARK, wood, 0.4), opacity=0.22, clip=placed)
    strokes(
        image,
        [turned([(px, py + 7) for px, py in spine[8:-8]], turn, (x, y))],
        5,
        c.WHITE,
        opacity=0.45,
        blur=3,
        clip=placed,
    )


def _around(x: float, y: float, radius: float, degrees: float) -> Point:
    return x + radius * math.cos(math.radians(degrees)), y + radius * math.sin(math.radians(degrees))


def sprig(image: Image.Image, x: float, y: float, height: float, tone: Colour, *, lean: float = 0) -> None:
    """A twig with leaves that grows upwards from a point."""
    stem = turned(
        curve((x, y), ((x + height * 0.05, y - height * 0.4), (x - height * 0.03, y - height * 0.7), (x, y - height))),
        lean,
        (x, y),
    )
    strokes(image, [stem], max(1.6, height * 0.025), tone)
    for step in range(1, 6):
        at = stem[round(len(stem) * step / 6)]
        long = height * (0.3 - 0.028 * step)
        for side in (-1, 1):
            leaf = curve(
                at,
                (
                    (at[0] + long * 0.3, at[1] - long * 0.34),
                    (at[0] + long * 0.8, at[1] - long * 0.24),
                    (at[0] + long, at[1]),
                ),
                ((at[0] + long * 0.75, at[1] + long * 0.18), (at[0] + long * 0.3, at[1] + long * 0.14), at),
            )
            fill(image, turned(leaf, (-38 if side > 0 else 218) + lean, at), tone)
    tip = stem[-1]
    long = height * 0.18
    leaf = curve(
        tip,
        (
            (tip[0] + long * 0.4, tip[1] - long * 0.26),
            (tip[0] + long * 0.8, tip[1] - long * 0.1),
            (tip[0] + long, tip[1]),
        ),
        ((tip[0] + long * 0.8, tip[1] + long * 0.1), (tip[0] + long * 0.4, tip[1] + long * 0.26), tip),
    )
    fill(image, turned(leaf, -90 + lean, tip), tone)
