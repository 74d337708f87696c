"""The demo's pictures, each made from nothing by a function without arguments."""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image

from shop.blueprint.pictures import bottles, light, textiles, wood
from shop.blueprint.pictures import palette as c
from shop.blueprint.pictures.paint import (
    Colour,
    Point,
    arch,
    box,
    canvas,
    curve,
    down,
    ellipse,
    fill,
    mix,
    moved,
    strokes,
)

SQUARE: Final = (1080, 1080)
WIDE: Final = (1600, 900)


def _room(wall: Colour, table: Colour, *, horizon: float = 0.74) -> Image.Image:
    """A wall in the light of a window, and a table before it."""
    width, height = SQUARE
    edge = height * horizon
    image = canvas(SQUARE, down((0, mix(wall, c.WHITE, 0.25)), (0.6, wall), (1, mix(wall, c.INK, 0.06))))
    for left, right in ((90, 330), (372, 612)):
        pane = [(left, -40), (right, -40), (right + 300, edge - 70), (left + 300, edge - 70)]
        fill(image, pane, c.WHITE, opacity=0.3, blur=16)
    bar = [(0, 250), (width, 250), (width, 276), (0, 276)]
    fill(image, bar, wall, opacity=0.55, blur=14)
    fill(
        image,
        box(0, edge, width, height),
        down((0, mix(table, c.WHITE, 0.3)), (0.25, table), (1, mix(table, c.INK, 0.1))),
    )
    fill(image, box(0, edge - 3, width, edge + 3), c.WHITE, opacity=0.5, blur=3)
    fill(image, box(0, edge - 26, width, edge - 2), c.INK, opacity=0.07, blur=18)
    return image


def gentle_shampoo() -> Image.Image:
    """A tall bottle with a pump."""
    image = _room(c.DEW, c.SAND)
    bottles.pump_bottle(image, 540, 940, 330, c.SAGE, c.PAPER)
    return image


def scalp_serum() -> Image.Image:
    """A dropper bottle on a round plinth."""
    image = _room(c.CREAM, mix(c.SAND, c.HONEY, 0.3))
    _plinth(image, 540, 960, 520, 110, c.PAPER)
    bottles.dropper_bottle(image, 540, 858, 350, c.TEAL, c.INK)
    return image


def scalp_sunscreen() -> Image.Image:
    """A slim bottle in front of a pale sun."""
    image = _room(mix(c.CREAM, c.HONEY, 0.18), c.PAPER)
    fill(
        image,
        ellipse(620, 440, 560, 560),
        down((0, mix(c.HONEY, c.WHITE, 0.2)), (1, mix(c.CREAM, c.HONEY, 0.5))),
        opacity=0.85,
        clip=box(0, 0, 1080, 799),
    )
    bottles.spray_bottle(image, 540, 940, 250, c.PAPER, mix(c.CLAY, c.HONEY, 0.35))
    return image


def wide_tooth_comb() -> Image.Image:
    """A wooden comb on linen."""
    image = canvas(SQUARE, down((0, mix(c.DEW, c.WHITE, 0.3)), (1, mix(c.MIST, c.DEW, 0.5))))
    threads = [[(0.0, y), (1080.0, y)] for y in range(4, 1080, 9)]
    strokes(image, threads, 2, c.WHITE, opacity=0.28)
    strokes(image, [[(x, 0.0), (x, 1080.0)] for x in range(4, 1080, 9)], 2, c.TEAL, opacity=0.06)
    fold = curve((-20, 830), ((300, 760), (640, 930), (1100, 800)))
    strokes(image, [fold], 46, c.INK, opacity=0.1, blur=22)
    strokes(image, [moved(fold, 0, -34)], 30, c.WHITE, opacity=0.5, blur=18)
    fill(image, ellipse(360, 240, 900, 700), c.WHITE, opacity=0.35, blur=140)
    wood.sprig(image, 880, 330, 320, mix(c.TEAL, c.SAGE, 0.4), lean=28)
    wood.comb(image, 530, 560, 760, -24)
    return image


def recovery_cap() -> Image.Image:
    """A soft cap on a table."""
    image = _room(mix(c.DEW, c.PAPER, 0.5), mix(c.SAND, c.CLAY, 0.16))
    textiles.cap(image, 530, 900, 600, c.MIST)
    return image


def _pillowcase(tone: Colour, wall: Colour) -> Callable[[], Image.Image]:
    def paint() -> Image.Image:
        image = _room(wall, mix(c.PAPER, c.SAND, 0.35), horizon=0.7)
        textiles.pillow(image, 530, 610, 780, tone)
        return image

    return paint


def _plinth(image: Image.Image, x: float, bottom: float, width: float, height: float, tone: Colour) -> None:
    fill(image, ellipse(x + 40, bottom, width * 1.12, width * 0.24), c.INK, opacity=0.2, blur=26)
    front = [point for point in ellipse(x, bottom, width, width * 0.2) if point[1] >= bottom]
    side = [(x + width / 2, bottom - height), *sorted(front, reverse=True), (x - width / 2, bottom - height)]
    fill(image, side, light.round_body(tone, 0.4))
    fill(image, ellipse(x, bottom - height, width, width * 0.2), down((0, c.WHITE), (1, mix(tone, c.INK, 0.04))))


def _strands(left: float, right: float, top: float, bottom: float, phase: float, count: int) -> list[list[Point]]:
    """Lines that flow down together like hair."""
    lines = []
    for at in range(count):
        share = at / (count - 1)
        x = left + (right - left) * share
        sway = (right - left) * 0.2
        lines.append(
            [
                (x + sway * math.sin(phase + 3.4 * t + share * 1.5) * (0.35 + 0.65 * t), top + (bottom - top) * t)
                for t in (step / 40 for step in range(41))
            ]
        )
    return lines


def _window(
    image: Image.Image, left: float, top: float, right: float, bottom: float, tone: Colour, phase: float
) -> None:
    """An arch in which strands flow."""
    shape = arch(left, top, right, bottom)
    width = right - left
    fill(image, moved(shape, 12, 14), c.INK, opacity=0.14, blur=14)
    fill(image, shape, down((0, mix(tone, c.WHITE, 0.3)), (1, tone)))
    lines = _strands(left - width * 0.15, right + width * 0.15, top - 20, bottom + 20, phase, 30)
    light, dark = mix(tone, c.WHITE, 0.62), mix(tone, c.INK, 0.42)
    strokes(image, lines[::3], width * 0.02, dark, opacity=0.5, clip=shape)
    strokes(image, lines[1::3], width * 0.012, light, opacity=0.8, clip=shape)
    strokes(image, lines[2::3], width * 0.008, c.WHITE, opacity=0.55, clip=shape)
    fill(image, box(left, top, left + width * 0.24, bottom), c.INK, opacity=0.16, blur=width * 0.08, clip=shape)


def _plain(top: Colour, bottom: Colour) -> Image.Image:
    image = canvas(SQUARE, down((0, top), (1, bottom)))
    fill(image, ellipse(300, 240, 1000, 800), c.WHITE, opacity=0.4, blur=150)
    return image


def _ground(image: Image.Image, y: float, tone: Colour) -> None:
    fill(image, box(0, y, 1080, 1080), down((0, mix(tone, c.WHITE, 0.25)), (1, tone)))
    fill(image, box(0, y - 2, 1080, y + 14), c.INK, opacity=0.1, blur=9)


def first_consultation() -> Image.Image:
    """One arch with a rising sun."""
    image = _plain(c.CREAM, mix(c.CREAM, c.SAND, 0.6))
    fill(image, ellipse(740, 380, 300, 300), mix(c.HONEY, c.WHITE, 0.15))
    _window(image, 300, 230, 700, 880, c.TEAL, 0.6)
    _ground(image, 880, mix(c.SAND, c.HONEY, 0.25))
    return image


def course_of_3() -> Image.Image:
    """Three arches, each taller than the last."""
    image = _plain(mix(c.DEW, c.WHITE, 0.3), c.DEW)
    fill(image, ellipse(260, 330, 210, 210), mix(c.HONEY, c.WHITE, 0.25))
    for at, (tone, top) in enumerate(((c.SAGE, 480), (c.TEAL, 360), (c.PINE, 240))):
        left = 135 + at * 280
        _window(image, left, top, left + 250, 880, tone, 0.4 + at * 1.1)
    _ground(image, 880, c.MIST)
    return image


def course_of_5() -> Image.Image:
    """Five arches, each taller than the last."""
    image = _plain(c.PAPER, mix(c.PAPER, c.SAND, 0.7))
    fill(image, ellipse(230, 300, 220, 220), mix(c.HONEY, c.WHITE, 0.1))
    tones = (c.SAND, c.HONEY, c.SAGE, c.TEAL, c.PINE)
    for at, tone in enumerate(tones):
        left = 85 + at * 186
        _window(image, left, 560 - at * 84, left + 166, 880, tone, 0.3 + at * 0.9)
    _ground(image, 880, mix(c.SAND, c.CLAY, 0.15))
    return image


def follow_up_by_video() -> Image.Image:
    """A tablet on a stand that shows an arch."""
    image = _plain(c.DEW, mix(c.MIST, c.DEW, 0.4))
    _ground(image, 880, mix(c.SAND, c.WHITE, 0.2))
    fill(image, ellipse(580, 900, 760, 90), c.INK, opacity=0.22, blur=24)
    frame = box(170, 270, 910, 810, 44)
    fill(image, moved(frame, 16, 20), c.INK, opacity=0.2, blur=22)
    fill(image, frame, down((0, mix(c.INK, c.WHITE, 0.12)), (1, c.INK)))
    screen = box(206, 306, 874, 774, 16)
    fill(image, screen, down((0, c.CREAM), (1, c.SAND)))
    fill(image, ellipse(690, 470, 150, 150), mix(c.HONEY, c.WHITE, 0.2), clip=screen)
    _window(image, 390, 380, 640, 774, c.TEAL, 0.9)
    fill(image, box(206, 762, 874, 776), c.SAND, clip=screen)
    fill(
        image,
        box(300, 790, 780, 894, (4, 10)),
        down((0, mix(c.CLAY, c.SAND, 0.35)), (0.25, mix(c.CLAY, c.SAND, 0.15)), (1, mix(c.CLAY, c.BARK, 0.5))),
    )
    # The small picture of oneself.
    own = box(738, 648, 850, 750, 14)
    fill(image, own, down((0, mix(c.SAGE, c.WHITE, 0.3)), (1, c.SAGE)))
    fill(image, ellipse(794, 690, 40, 44), c.PINE)
    fill(image, ellipse(794, 760, 84, 84), c.PINE, clip=own)
    glare = [(206, 306), (420, 306), (250, 774), (206, 774)]
    fill(image, glare, c.WHITE, opacity=0.12, blur=4, clip=screen)
    return image


def consultations() -> Image.Image:
    """Two chairs before a tall window."""
    image = _plain(c.DEW, mix(c.DEW, c.MIST, 0.5))
    pane = arch(360, 130, 720, 790)
    fill(image, arch(340, 108, 740, 800), c.WHITE)
    fill(image, pane, down((0, mix(c.DUSK, c.WHITE, 0.65)), (0.6, c.CREAM), (1, mix(c.HONEY, c.CREAM, 0.5))))
    fill(image, ellipse(600, 520, 140, 140), mix(c.HONEY, c.WHITE, 0.3), clip=pane)
    hills = curve((340, 700), ((430, 620), (520, 660), (580, 690)), ((640, 720), (690, 650), (740, 660)))
    fill(image, [*hills, (740, 800), (340, 800)], c.SAGE, clip=pane)
    strokes(image, [[(540.0, 130.0), (540.0, 790.0)], [(360.0, 430.0), (720.0, 430.0)]], 10, c.WHITE)
    _ground(image, 830, c.SAND)
    sunlight = [(400, 850), (690, 850), (900, 1080), (480, 1080)]
    fill(image, sunlight, c.WHITE, opacity=0.35, blur=16)
    _chair(image, 270, 930, 1, c.PINE)
    _chair(image, 810, 930, -1, c.CLAY)
    fill(image, ellipse(552, 945, 190, 34), c.INK, opacity=0.25, blur=12)
    strokes(image, [[(540.0, 800.0), (540.0, 938.0)]], 14, c.BARK)
    fill(image, ellipse(540, 940, 96, 20), c.BARK)
    fill(image, ellipse(540, 800, 190, 40), mix(c.CLAY, c.BARK, 0.35))
    fill(image, ellipse(540, 794, 190, 40), mix(c.CLAY, c.SAND, 0.4))
    wood.sprig(image, 552, 760, 150, c.TEAL, lean=6)
    fill(image, box(524, 728, 576, 796, (8, 20)), light.round_body(c.PAPER))
    return image


def _chair(image: Image.Image, x: float, y: float, side: int, tone: Colour) -> None:
    """An armchair seen from the side; `side` is where it looks."""

    def facing(points: list[Point]) -> list[Point]:
        return [(x + (px - x) * side, py) for px, py in points]

    fill(image, ellipse(x + 10, y + 14, 360, 54), c.INK, opacity=0.26, blur=16)
    strokes(
        image,
        [facing([(x - 110, y - 70), (x - 134, y + 12)]), facing([(x + 112, y - 70), (x + 128, y + 12)])],
        15,
        c.BARK,
    )
    back = curve(
        (x - 150, y - 80),
        ((x - 196, y - 210), (x - 210, y - 320), (x - 168, y - 372)),
        ((x - 130, y - 404), (x - 78, y - 380), (x - 70, y - 330)),
        ((x - 60, y - 250), (x - 60, y - 190), (x - 40, y - 80)),
    )
    fill(image, facing(back), down((0, mix(tone, c.WHITE, 0.22)), (1, mix(tone, c.INK, 0.18))))
    seat = box(x - 150, y - 162, x + 146, y - 58, 42)
    fill(image, facing(seat), down((0, mix(tone, c.WHITE, 0.3)), (0.5, tone), (1, mix(tone, c.INK, 0.25))))
    arm = box(x - 140, y - 222, x + 128, y - 160, 31)
    fill(image, [(px, py + 9) for px, py in facing(arm)], c.INK, opacity=0.2, blur=8)
    fill(image, facing(arm), down((0, mix(tone, c.WHITE, 0.36)), (1, mix(tone, c.INK, 0.08))))


def aftercare() -> Image.Image:
    """Bottles and a folded cloth on a shelf."""
    image = _room(c.DEW, c.SAND, horizon=0.8)
    textiles.folded_cloth(image, 800, 930, 330, (c.PAPER, c.SAGE, c.SAND))
    bottles.pump_bottle(image, 290, 940, 240, c.SAGE, c.PAPER)
    bottles.spray_bottle(image, 500, 950, 150, c.PAPER, mix(c.CLAY, c.HONEY, 0.35))
    bottles.dropper_bottle(image, 790, 810, 150, c.TEAL, c.INK)
    return image


def hair_follicles() -> Image.Image:
    """Skin in section: hairs that grow from their follicles, each in another phase of its cycle."""
    width, height = WIDE
    image = canvas(WIDE, down((0, c.CREAM), (0.45, mix(c.CREAM, c.DEW, 0.5)), (1, c.DEW)))
    fill(image, ellipse(1100, 170, 230, 230), mix(c.HONEY, c.WHITE, 0.3), opacity=0.9)

    def wave(level: float, swing: float, phase: float) -> list[Point]:
        return [(x, level + swing * math.sin(x / 210 + phase)) for x in range(-20, width + 40, 20)]

    layers = (
        (430, 14, 0.4, c.SAND),
        (478, 12, 0.9, mix(c.SAND, c.HONEY, 0.4)),
        (520, 16, 1.6, mix(c.MIST, c.SAND, 0.3)),
        (760, 22, 2.4, mix(c.HONEY, c.CREAM, 0.45)),
    )
    for level, swing, phase, tone in layers:
        top = wave(level, swing, phase)
        fill(image, moved([*top, (width + 40, height + 40), (-40, height + 40)], 0, -8), c.INK, opacity=0.08, blur=8)
        fill(
            image, [*top, (width + 40, height + 40), (-40, height + 40)], down((0, mix(tone, c.WHITE, 0.22)), (1, tone))
        )
    for at in range(26):
        x = 30 + at * 62 + 18 * math.sin(at * 2.1)
        fill(image, ellipse(x, 838 + 26 * math.sin(at * 1.3), 58, 52), mix(c.HONEY, c.WHITE, 0.45), opacity=0.7)
    # Growing, growing, shrinking, resting, growing again: depth and thickness tell the phase.
    for x, depth, thick, reach in (
        (200, 300, 15, 340),
        (440, 310, 16, 365),
        (690, 230, 11, 290),
        (920, 150, 7, 180),
        (1150, 180, 8, 80),
        (1390, 300, 15, 330),
    ):
        _follicle(image, x, 438, depth, thick, reach)
    return image


def _follicle(image: Image.Image, x: float, skin: float, depth: float, thick: float, reach: float) -> None:
    root = x - depth * 0.24, skin + depth
    sheath = curve(
        (x, skin - 6), ((x - depth * 0.04, skin + depth * 0.35), (x - depth * 0.18, skin + depth * 0.7), root)
    )
    strokes(image, [sheath], thick * 3.0, mix(c.SAGE, c.WHITE, 0.35))
    strokes(image, [sheath], thick * 2.1, mix(c.TEAL, c.WHITE, 0.25))
    bulb = thick * 4.6
    fill(image, ellipse(root[0], root[1], bulb, bulb * 1.2, turn=14), mix(c.SAGE, c.WHITE, 0.35))
    fill(image, ellipse(root[0], root[1], bulb * 0.72, bulb * 0.9, turn=14), c.PINE)
    fill(image, ellipse(root[0] - 1, root[1] + bulb * 0.24, bulb * 0.3, bulb * 0.34), mix(c.HONEY, c.CLAY, 0.4))
    # The bulge, where the follicle keeps its stem cells.
    side = sheath[len(sheath) * 2 // 5]
    for dx, dy in ((1.6, -0.4), (1.9, 0.9), (1.3, 2.0)):
        fill(image, ellipse(side[0] + thick * dx, side[1] + thick * dy, thick * 1.5, thick * 1.5), c.CLAY)
        fill(
            image,
            ellipse(side[0] + thick * (dx - 0.16), side[1] + thick * (dy - 0.2), thick * 0.5, thick * 0.5),
            c.CREAM,
            opacity=0.75,
        )
    hair = curve(
        (x, skin - 2),
        (
            (x + reach * 0.05, skin - reach * 0.4),
            (x + reach * 0.16, skin - reach * 0.75),
            (x + reach * 0.42, skin - reach),
        ),
    )
    strokes(image, [[*reversed(sheath), *hair[1:]]], thick, c.INK, end=0.25)
    strokes(image, [[(px - thick * 0.14, py) for px, py in hair[:20]]], thick * 0.18, c.WHITE, opacity=0.4)


SCENES: Final[dict[str, Callable[[], Image.Image]]] = {
    "aftercare": aftercare,
    "consultations": consultations,
    "course-of-3": course_of_3,
    "course-of-5": course_of_5,
    "first-consultation": first_consultation,
    "follow-up-by-video": follow_up_by_video,
    "gentle-shampoo": gentle_shampoo,
    "hair-follicles": hair_follicles,
    "recovery-cap": recovery_cap,
    "scalp-serum": scalp_serum,
    "scalp-sunscreen": scalp_sunscreen,
    "silk-pillowcase-dusk": _pillowcase(c.DUSK, mix(c.CREAM, c.SAND, 0.3)),
    "silk-pillowcase-ivory": _pillowcase(mix(c.CREAM, c.SAND, 0.25), c.DEW),
    "silk-pillowcase-sage": _pillowcase(c.SAGE, c.CREAM),
    "wide-tooth-comb": wide_tooth_comb,
}
