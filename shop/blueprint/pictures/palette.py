"""The colours of the demo's pictures: quiet greens, sand and clay, as the storefront has them."""

from typing import Final

from shop.blueprint.pictures.paint import colour

INK: Final = colour("#14302d")
PINE: Final = colour("#0d5c57")
TEAL: Final = colour("#3f827a")
SAGE: Final = colour("#8fbdb1")
MIST: Final = colour("#bcd9d0")
DEW: Final = colour("#dcebe6")
PAPER: Final = colour("#f7f6f1")
CREAM: Final = colour("#fbf3e6")
SAND: Final = colour("#f0dfc4")
HONEY: Final = colour("#e9bd80")
CLAY: Final = colour("#cf8f66")
BARK: Final = colour("#8a5a3b")
DUSK: Final = colour("#7f96ab")
WHITE: Final = (255, 255, 255)
