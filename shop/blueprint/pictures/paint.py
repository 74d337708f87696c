"""A small painter on Pillow: smooth filled shapes, strokes, gradients and soft shadows, the same on every machine.

Units: pixels of the finished picture; angles in degrees; opacity from 0 to 1.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Point = tuple[float, float]
Points = Sequence[Point]
Colour = tuple[int, int, int]
# A colour, or what makes a picture of the given size to fill with.
Paint = Colour | Callable[[tuple[int, int]], Image.Image]

# Shapes are drawn this much larger and reduced, which smooths their edges.
_FINE: Final = 2


def colour(code: str) -> Colour:
    """The colour of a hexadecimal code."""
    red, green, blue = ImageColor.getrgb(code)[:3]
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with a share of the second in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _ramp(stops: Sequence[tuple[float, Colour]], length: int) -> list[Colour]:
    found = []
    for at in range(length):
        place = at / (length - 1)
        low = max((stop for stop in stops if stop[0] <= place), default=stops[0], key=lambda stop: stop[0])
        high = min((stop for stop in stops if stop[0] >= place), default=stops[-1], key=lambda stop: stop[0])
        span = high[0] - low[0]
        found.append(mix(low[1], high[1], (place - low[0]) / span if span else 0))
    return found


def across(*stops: tuple[float, Colour]) -> Paint:
    """A gradient from left to right: places from 0 to 1 with their colours."""
    strip = Image.new("RGB", (96, 1))
    strip.putdata(_ramp(stops, 96))
    return lambda size: strip.resize(size, Image.Resampling.BILINEAR)


def down(*stops: tuple[float, Colour]) -> Paint:
    """A gradient from top to bottom."""
    strip = Image.new("RGB", (1, 96))
    strip.putdata(_ramp(stops, 96))
    return lambda size: strip.resize(size, Image.Resampling.BILINEAR)


def canvas(size: tuple[int, int], paint: Paint) -> Image.Image:
    """A new picture."""
    return Image.new("RGB", size, paint) if isinstance(paint, tuple) else paint(size)


def fill(
    image: Image.Image,
    points: Points,
    paint: Paint,
    *,
    opacity: float = 1.0,
    blur: float = 0,
    clip: Points | None = None,
) -> None:
    """The shape is painted, its edges smooth or blurred, only inside `clip` where that is given."""
    _lay(
        image, points, blur * 2.5 + 2, paint, opacity, clip, lambda draw, place: draw.polygon(place(points), 255), blur
    )


def strokes(
    image: Image.Image,
    lines: Sequence[Points],
    width: float,
    paint: Paint,
    *,
    end: float = 1.0,
    opacity: float = 1.0,
    blur: float = 0,
    clip: Points | None = None,
) -> None:
    """The lines are painted with round ends; at its last point a line is `end` times as wide as at its first."""

    def draw_all(draw: ImageDraw.ImageDraw, place: Callable[[Points], list[Point]]) -> None:
        scale = place([(0, 0), (1, 0)])
        thick = width * (scale[1][0] - scale[0][0])
        for line in lines:
            placed = place(line)
            if thick < 4 and end == 1:
                draw.line(placed, 255, max(1, round(thick)))
                continue
            draw.polygon(_outline(placed, thick, end), 255)
            for (x, y), size in ((placed[0], thick), (placed[-1], thick * end)):
                draw.ellipse((x - size / 2, y - size / 2, x + size / 2, y + size / 2), 255)

    everything = [point for line in lines for point in line]
    _lay(image, everything, width + blur * 2.5 + 2, paint, opacity, clip, draw_all, blur)


def _outline(line: Points, width: float, end: float) -> list[Point]:
    """The edge of a line of that width, for a line without sharp corners."""
    sides: tuple[list[Point], list[Point]] = ([], [])
    for at, (x, y) in enumerate(line):
        (x0, y0), (x1, y1) = line[max(0, at - 1)], line[min(len(line) - 1, at + 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1
        half = width / 2 * (1 + (end - 1) * at / (len(line) - 1))
        dx, dy = (y0 - y1) / length * half, (x1 - x0) / length * half
        sides[0].append((x + dx, y + dy))
        sides[1].append((x - dx, y - dy))
    return [*sides[0], *reversed(sides[1])]


def _lay(
    image: Image.Image,
    points: Points,
    margin: float,
    paint: Paint,
    opacity: float,
    clip: Points | None,
    draw: Callable[[ImageDraw.ImageDraw, Callable[[Points], list[Point]]], None],
    blur: float,
) -> None:
    left = max(0, math.floor(min(x for x, _ in points) - margin))
    top = max(0, math.floor(min(y for _, y in points) - margin))
    right = min(image.width, math.ceil(max(x for x, _ in points) + margin))
    bottom = min(image.height, math.ceil(max(y for _, y in points) + margin))
    if right <= left or bottom <= top:
        return
    size = right - left, bottom - top
    # What is blurred needs no fine edge: it is drawn small, which makes blurring quick.
    scale = _FINE if not blur else 1 if blur < 6 else 0.25
    fine = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

    def mask_of(paint_on: Callable[[ImageDraw.ImageDraw, Callable[[Points], list[Point]]], None]) -> Image.Image:
        mask = Image.new("L", fine)
        paint_on(
            ImageDraw.Draw(mask),
            lambda line: [((x - left) * fine[0] / size[0], (y - top) * fine[1] / size[1]) for x, y in line],
        )
        return mask

    mask = mask_of(draw)
    if blur:
        mask = mask.filter(ImageFilter.GaussianBlur(blur * scale))
    if clip is not None:
        inside = clip
        mask = ImageChops.multiply(mask, mask_of(lambda pen, place: pen.polygon(place(inside), 255)))
    if fine != size:
        mask = mask.reduce(_FINE) if scale == _FINE else mask.resize(size, Image.Resampling.BILINEAR)
    if opacity < 1:
        mask = mask.point([round(level * opacity) for level in range(256)])
    image.paste(paint if isinstance(paint, tuple) else paint(size), (left, top, right, bottom), mask)


def ellipse(x: float, y: float, width: float, height: float, *, turn: float = 0) -> list[Point]:
    """An ellipse around its centre."""
    points = [
        (x + width / 2 * math.cos(angle), y + height / 2 * math.sin(angle))
        for angle in (math.tau * step / 72 for step in range(72))
    ]
    return turned(points, turn, (x, y)) if turn else points


def box(left: float, top: float, right: float, bottom: float, radius: float | tuple[float, float] = 0) -> list[Point]:
    """A rectangle with rounded corners; two radii are those above and those below."""
    above, below = radius if isinstance(radius, tuple) else (radius, radius)
    corners = (
        (right - above, top + above, above, -90),
        (right - below, bottom - below, below, 0),
        (left + below, bottom - below, below, 90),
        (left + above, top + above, above, 180),
    )
    points: list[Point] = []
    for x, y, size, start in corners:
        for step in range(13):
            angle = math.radians(start + step * 7.5)
            points.append((x + size * math.cos(angle), y + size * math.sin(angle)))
    return points


def arch(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """A window with a round head."""
    return box(left, top, right, bottom, ((right - left) / 2, 0))


def curve(start: Point, *parts: tuple[Point, Point, Point]) -> list[Point]:
    """A line of cubic Bézier parts, each two handles and an end."""
    points = [start]
    for first, second, end in parts:
        for step in range(1, 25):
            t = step / 24
            a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
            points.append(
                (
                    a * start[0] + b * first[0] + c * second[0] + d * end[0],
                    a * start[1] + b * first[1] + c * second[1] + d * end[1],
                )
            )
        start = end
    return points


def moved(points: Iterable[Point], dx: float, dy: float) -> list[Point]:
    """The shape elsewhere."""
    return [(x + dx, y + dy) for x, y in points]


def turned(points: Iterable[Point], degrees: float, centre: Point) -> list[Point]:
    """The shape turned clockwise around a point."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x0, y0 = centre
    return [(x0 + (x - x0) * cosine - (y - y0) * sine, y0 + (x - x0) * sine + (y - y0) * cosine) for x, y in points]


def mirrored(points: Iterable[Point], x0: float) -> list[Point]:
    """The shape seen in a mirror that stands at `x0`, in the order that continues a line."""
    return [(2 * x0 - x, y) for x, y in reversed(list(points))]
