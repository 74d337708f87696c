"""What pages are made of: EditorJS blocks, from what a client sent to safe HTML, plain text and standard blocks."""

from shop.content.rules.addresses import former_address
from shop.content.rules.citations import Citation, citations, doi_of, pmid_of
from shop.content.rules.document import (
    KINDS,
    Content,
    Heading,
    Problem,
    lowered,
    plain_text,
    problems,
    product_ids,
    reading_time_minutes,
    render,
    sanitised,
    texts,
    toc,
    unknown_blocks,
)
from shop.content.rules.inline import clean_inline, plain
from shop.content.rules.kinds import NOTHING_RESOLVED, Card, Resolved

__all__ = [
    "KINDS",
    "NOTHING_RESOLVED",
    "Card",
    "Citation",
    "Content",
    "Heading",
    "Problem",
    "Resolved",
    "citations",
    "clean_inline",
    "doi_of",
    "former_address",
    "lowered",
    "plain",
    "plain_text",
    "pmid_of",
    "problems",
    "product_ids",
    "reading_time_minutes",
    "render",
    "sanitised",
    "texts",
    "toc",
    "unknown_blocks",
]
