"""The bottles in the demo's pictures, each standing on a point."""

import math

from PIL import Image

from shop.blueprint.pictures import palette as c
from shop.blueprint.pictures.light import round_body, standing_shadow
from shop.blueprint.pictures.paint import Colour, across, box, curve, down, ellipse, fill, mirrored, mix, strokes
from shop.blueprint.pictures.wood import sprig


def pump_bottle(image: Image.Image, x: float, y: float, size: float, tone: Colour, cap: Colour) -> None:
    """A tall bottle with a pump; `size` is its width."""
    width, height = size, size * 2.05
    left, right, top = x - width / 2, x + width / 2, y - height
    standing_shadow(image, x, y, width, height * 1.3)
    neck_top = top - size * 0.2
    metal = round_body(cap)
    # Tube and head of the pump lie behind its collar.
    fill(image, box(x - size * 0.055, neck_top - size * 0.2, x + size * 0.055, neck_top + 10), metal)
    head = curve(
        (x + size * 0.2, neck_top - size * 0.36),
        (
            (x + size * 0.22, neck_top - size * 0.24),
            (x + size * 0.16, neck_top - size * 0.2),
            (x, neck_top - size * 0.2),
        ),
        (
            (x - size * 0.2, neck_top - size * 0.2),
            (x - size * 0.36, neck_top - size * 0.22),
            (x - size * 0.45, neck_top - size * 0.13),
        ),
        (
            (x - size * 0.5, neck_top - size * 0.14),
            (x - size * 0.5, neck_top - size * 0.19),
            (x - size * 0.47, neck_top - size * 0.22),
        ),
        (
            (x - size * 0.36, neck_top - size * 0.34),
            (x - size * 0.2, neck_top - size * 0.37),
            (x + size * 0.2, neck_top - size * 0.36),
        ),
    )
    fill(image, head, down((0, mix(cap, c.WHITE, 0.35)), (0.35, cap), (1, mix(cap, c.INK, 0.25))))
    fill(image, box(x - size * 0.19, neck_top, x + size * 0.19, top + size * 0.08, size * 0.03), metal)
    body = box(left, top, right, y, (size * 0.2, size * 0.1))
    fill(image, body, round_body(tone))
    fill(
        image,
        box(left + size * 0.02, top - 1, right - size * 0.02, top + size * 0.1, size * 0.19),
        c.WHITE,
        opacity=0.16,
        blur=7,
        clip=body,
    )
    fill(image, box(left, y - size * 0.14, right, y + 4), c.INK, opacity=0.2, blur=14, clip=body)
    label(image, left + size * 0.2, top + size * 0.62, size * 0.6, size * 0.86)


def label(image: Image.Image, left: float, top: float, width: float, height: float) -> None:
    """A paper label with a sprig and three lines in place of words."""
    paper = box(left, top, left + width, top + height, width * 0.04)
    fill(image, paper, across((0, mix(c.PAPER, c.INK, 0.04)), (0.3, c.WHITE), (1, mix(c.PAPER, c.INK, 0.1))))
    middle = left + width * 0.5
    sprig(image, middle, top + height * 0.5, height * 0.36, c.PINE)
    for at, share in ((0.66, 0.56), (0.76, 0.4), (0.86, 0.28)):
        line = [(middle - width * share / 2, top + height * at), (middle + width * share / 2, top + height * at)]
        strokes(image, [line], max(2.0, width * 0.022), c.INK, opacity=0.62 if at < 0.7 else 0.32)


def dropper_bottle(image: Image.Image, x: float, y: float, size: float, glass: Colour, rubber: Colour) -> None:
    """A small glass bottle with a dropper."""
    width, height = size, size * 1.12
    left, right, top = x - width / 2, x + width / 2, y - height
    standing_shadow(image, x, y, width, height * 1.6)
    bulb = curve(
        (x - size * 0.12, top - size * 0.3),
        ((x - size * 0.16, top - size * 0.62), (x - size * 0.13, top - size * 0.82), (x, top - size * 0.83)),
    )
    fill(image, [*bulb, *mirrored(bulb, x)], round_body(rubber))
    collar = box(x - size * 0.21, top - size * 0.33, x + size * 0.21, top + size * 0.02, size * 0.025)
    fill(image, collar, round_body(c.HONEY, 0.9))
    for step in range(9):
        groove = x - size * 0.18 + size * 0.045 * step
        strokes(image, [[(groove, top - size * 0.29), (groove, top - size * 0.02)]], 1.6, c.BARK, opacity=0.28)
    shoulder = curve(
        (x - size * 0.2, top + size * 0.01),
        ((x - size * 0.22, top + size * 0.14), (left, top + size * 0.1), (left, top + size * 0.36)),
        ((left, top + size * 0.6), (left, y - size * 0.3), (left, y - size * 0.1)),
        ((left, y - size * 0.02), (left + size * 0.05, y), (left + size * 0.12, y)),
    )
    body = [*shoulder, *mirrored(shoulder, x)]
    dark = mix(glass, c.INK, 0.35)
    fill(
        image,
        body,
        across(
            (0, dark),
            (0.07, glass),
            (0.16, mix(glass, c.WHITE, 0.5)),
            (0.24, glass),
            (0.55, mix(glass, c.WHITE, 0.12)),
            (0.85, glass),
            (0.95, dark),
            (1, mix(glass, c.WHITE, 0.2)),
        ),
    )
    # The pipette is seen through the glass, above the liquid.
    fill(
        image,
        box(x - size * 0.045, top + size * 0.02, x + size * 0.045, y - size * 0.2, size * 0.04),
        c.WHITE,
        opacity=0.25,
        clip=body,
    )
    fill(image, box(left, top + size * 0.3, right, y), dark, opacity=0.26, clip=body)
    fill(image, ellipse(x, top + size * 0.3, width, size * 0.07), mix(glass, c.WHITE, 0.4), opacity=0.55, clip=body)
    fill(
        image,
        box(left + size * 0.07, top + size * 0.24, left + size * 0.12, y - size * 0.14, size * 0.025),
        c.WHITE,
        opacity=0.6,
        blur=3,
    )
    fill(image, box(left, y - size * 0.1, right, y + 3), c.INK, opacity=0.3, blur=9, clip=body)
    label(image, x - size * 0.27, top + size * 0.42, size * 0.54, size * 0.56)


def spray_bottle(image: Image.Image, x: float, y: float, size: float, tone: Colour, cap: Colour) -> None:
    """A slim bottle with a tall cap."""
    height = size * 2.35
    left, right, top = x - size / 2, x + size / 2, y - height
    standing_shadow(image, x, y, size, height * 1.25)
    fill(
        image,
        box(x - size * 0.4, top - size * 0.72, x + size * 0.4, top + size * 0.06, (size * 0.12, 0)),
        round_body(cap),
    )
    fill(image, box(x - size * 0.42, top - size * 0.04, x + size * 0.42, top + size * 0.1), round_body(c.HONEY, 0.8))
    body = box(left, top + size * 0.04, right, y, (size * 0.22, size * 0.1))
    fill(image, body, round_body(tone))
    fill(image, box(left, y - size * 0.14, right, y + 4), c.INK, opacity=0.18, blur=12, clip=body)
    sun(image, x, top + size * 0.84, size * 0.17)
    for at, share in ((1.32, 0.5), (1.46, 0.36), (1.6, 0.24)):
        line = [(x - size * share / 2, top + size * at), (x + size * share / 2, top + size * at)]
        strokes(image, [line], size * 0.024, c.INK, opacity=0.55 if at < 1.4 else 0.3)


def sun(image: Image.Image, x: float, y: float, radius: float) -> None:
    """A small drawn sun."""
    fill(image, ellipse(x, y, radius * 2, radius * 2), c.CLAY)
    rays = []
    for step in range(12):
        angle = math.tau * step / 12
        rays.append(
            [(x + radius * reach * math.cos(angle), y + radius * reach * math.sin(angle)) for reach in (1.35, 1.75)]
        )
    strokes(image, rays, radius * 0.14, c.CLAY)
