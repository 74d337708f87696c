"""The kinds of block that are this shop's own: product, booking, disclaimer, references.

A product or booking block stores the ID of a product; what it shows of it is read anew (`Card`). It shows no price: an
article is the same in all channels, a price is not.
"""

from typing import Final

from shop.content.rules.citations import citations, doi_of, pmid_of
from shop.content.rules.inline import clean_inline, plain, text_of
from shop.content.rules.kinds import Block, Card, Data, Kind, Resolved, Scope, Told, attribute, rows, texts_of
from shop.kit import ids

_BOOK: Final = "Book a consultation"


def product_id(data: Data) -> str:
    """The global ID of the product that a block shows; empty where it holds none."""
    value = data.get("productId")
    try:
        return ids.encode("Product", ids.decode_int(value, "Product")) if isinstance(value, str) else ""
    except ids.InvalidId:
        return ""


def _card(data: Data, resolved: Resolved) -> Card | None:
    return resolved.get(product_id(data))


def _product(data: Data, scope: Scope) -> str:
    card = _card(data, scope.resolved)
    if card is None:
        return ""
    picture = f'<img src="{attribute(card.picture)}" alt="" loading="lazy">' if card.picture else ""
    description = f"<p>{attribute(card.description)}</p>" if card.description else ""
    return (
        f'<div class="product-card">{picture}<p><a href="{attribute(card.href)}">{attribute(card.name)}</a></p>'
        f"{description}</div>"
    )


def _booking(data: Data, scope: Scope) -> str:
    card = _card(data, scope.resolved)
    if card is None:
        return ""
    text = text_of(data, "text")
    text = f"<p>{text}</p>" if text.strip() else ""
    link = f'<a class="button" href="{attribute(card.href)}">{_label(data)}</a>'
    return f'<div class="booking-card">{text}<p>{link}</p></div>'


def _label(data: Data) -> str:
    return attribute(plain(text_of(data, "label"))) or _BOOK


def _lower_product(data: Data, resolved: Resolved) -> list[Block]:
    card = _card(data, resolved)
    return [] if card is None else [_linked(card, attribute(card.name))]


def _lower_booking(data: Data, resolved: Resolved) -> list[Block]:
    card = _card(data, resolved)
    if card is None:
        return []
    text = text_of(data, "text")
    return [*([_block("paragraph", {"text": text})] if text.strip() else []), _linked(card, _label(data))]


def _linked(card: Card, label: str) -> Block:
    return _block("paragraph", {"text": clean_inline(f'<a href="{attribute(card.href)}">{label}</a>')})


def _block(kind: str, data: Data) -> Block:
    return {"type": kind, "data": data}


def _clean_target(data: Data) -> Data:
    return {"productId": product_id(data)}


def _target_problems(data: Data) -> Told:
    if not product_id(data):
        yield "productId", "The ID of a product is needed."


def _disclaimer(data: Data, _scope: Scope) -> str:
    title, text = text_of(data, "title"), text_of(data, "text")
    if not text.strip():
        return ""
    title = f"<strong>{title}</strong> " if title.strip() else ""
    return f'<div class="disclaimer" role="note"><p>{title}{text}</p></div>'


def _lower_disclaimer(data: Data, _resolved: Resolved) -> list[Block]:
    title, text = text_of(data, "title"), text_of(data, "text")
    if not text.strip():
        return []
    title = f"<b>{title}</b> " if title.strip() else ""
    return [_block("quote", {"text": f"{title}{text}", "caption": "", "alignment": "left"})]


def _disclaimer_problems(data: Data) -> Told:
    if not text_of(data, "text").strip():
        yield "text", "A disclaimer says something."


def _references(data: Data, scope: Scope) -> str:
    works = citations(data)
    if not works:
        return ""
    title = text_of(data, "title")
    title = f"<p><strong>{title}</strong></p>" if title.strip() else ""
    items = "".join(f'<li id="{scope.reference()}">{work.html}</li>' for work in works)
    return f'<div class="references">{title}<ol>{items}</ol></div>'


def _lower_references(data: Data, _resolved: Resolved) -> list[Block]:
    works = citations(data)
    if not works:
        return []
    title = text_of(data, "title")
    return [
        *([_block("paragraph", {"text": f"<b>{title}</b>"})] if title.strip() else []),
        _block("list", {"style": "ordered", "items": [work.html for work in works]}),
    ]


def _clean_references(data: Data) -> Data:
    return {
        "items": [
            {"text": text_of(item, "text"), "doi": doi_of(item.get("doi")), "pmid": pmid_of(item.get("pmid"))}
            for item in rows(data.get("items"))
            if isinstance(item, dict)
        ]
    }


def _references_texts(data: Data) -> Told:
    yield from texts_of("title")(data)
    for at, item in enumerate(rows(data.get("items"))):
        if isinstance(item, dict) and isinstance(item.get("text"), str):
            yield f"items[{at}].text", item["text"]


def _references_problems(data: Data) -> Told:
    if not rows(data.get("items")):
        yield "items", "References need at least one work."
    for at, item in enumerate(rows(data.get("items"))):
        if not isinstance(item, dict):
            yield f"items[{at}]", "A work is an object with its text and its DOI or PMID."
            continue
        for name, known in (("doi", doi_of), ("pmid", pmid_of)):
            if item.get(name) and not known(item[name]):
                yield f"items[{at}].{name}", f"This is no {name.upper()}."
        if not item.get("doi") and not item.get("pmid"):
            yield f"items[{at}]", "The work needs a DOI or a PMID, so that a reader can find it."


KINDS: Final = {
    "product": Kind(_product, clean=_clean_target, problems=_target_problems, lower=_lower_product, product=product_id),
    "booking": Kind(
        _booking, texts_of("text", "label"), _clean_target, _target_problems, _lower_booking, product=product_id
    ),
    "disclaimer": Kind(_disclaimer, texts_of("title", "text"), problems=_disclaimer_problems, lower=_lower_disclaimer),
    "references": Kind(_references, _references_texts, _clean_references, _references_problems, _lower_references),
}
