"""The words that seeded products are made of."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


QUALITIES: Final = _words("""
    calm gentle soft light pure fresh mild quiet warm cool clear deep daily classic simple fine smooth bright
    natural rich slow early evening morning winter summer coastal alpine garden forest meadow harbour
""")
MATERIALS: Final = _words("""
    cedar linen silk oat almond olive rosemary lavender mint chamomile bamboo cotton sage birch honey jasmine sea-salt
    argan coconut calendula green-tea aloe rice walnut beech wool rose neroli bergamot ginger flax hemp
""")
# The most frequent first: texts take their words by rank.
WORDS: Final = _words("""
    for with and the daily care made from small batches in use hair skin scalp gentle without perfume colour leaves
    no film rinses out quickly keeps its shape after washing packed paper refill glass bottle lasts about three
    months suits dry sensitive normal fine thick curly straight hands body night travel home gift tested by people
    who work standing all day soft firm grip light weight easy to clean store cool place away heat children do not
    apply broken open wounds read label first ask us when unsure returned within thirty days unopened natural fibre
    woven dyed plant based oil wax water glycerin panthenol mineral filter tooth rounded handle spare part repair
""")
TREE: Final = {
    "Hair care": ("Shampoo", "Conditioner", "Hair mask", "Hair oil", "Scalp serum", "Styling spray"),
    "Skin care": ("Cleanser", "Day cream", "Toner", "Balm", "Body lotion", "Face mist"),
    "Tools": ("Comb", "Brush", "Hair clip", "Towel", "Mirror", "Scissors"),
    "Textiles": ("Pillowcase", "Cap", "Scarf", "Robe", "Headband", "Blanket"),
    "Wellness": ("Herbal tea", "Candle", "Bath salt", "Diffuser", "Journal", "Cushion"),
    "Sun and travel": ("Sunscreen", "Sun hat", "After-sun gel", "Lip balm", "Travel bottle", "Wash bag"),
}
OPTIONS: Final = (("50 ml", "100 ml", "250 ml"), ("Small", "Medium", "Large"), ("Ivory", "Sage", "Dusk blue"))
