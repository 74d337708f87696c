"""What shoppers type: hundreds of different searches over the seeded products, whole words, beginnings and mistakes."""

import random
from collections.abc import Iterator
from typing import Final

from shop.blueprint.seed_words import MATERIALS, QUALITIES, TREE, WORDS

EACH: Final = 60


def searches() -> list[str]:
    """The same ones in each run, each once: as many words as beginnings, mistyped words and pairs of words."""
    chance = random.Random(1)
    leaves = [leaf.lower() for name, below in TREE.items() for leaf in (name, *below)]
    words = sorted({part for text in (*QUALITIES, *MATERIALS, *WORDS, *leaves) for part in text.split()})
    long = [word for word in words if len(word) > 4]
    found: dict[str, None] = {}
    for kind in (
        (chance.choice(words) for _ in _ever()),
        (word[: chance.randint(2, len(word) - 2)] for word in (chance.choice(long) for _ in _ever())),
        (_mistyped(chance, chance.choice(long)) for _ in _ever()),
        (f"{chance.choice(words)} {chance.choice(words)}" for _ in _ever()),
    ):
        wanted = len(found) + EACH
        for text in kind:
            found[text] = None
            if len(found) == wanted:
                break
    return list(found)


def _ever() -> Iterator[None]:
    while True:
        yield None


def _mistyped(chance: random.Random, word: str) -> str:
    """The word with a letter too few, or with two letters in the wrong order."""
    at = chance.randint(1, len(word) - 3)
    if chance.random() < 0.5:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
