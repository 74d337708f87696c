"""Works that are cited, by the numbers under which anybody finds them: DOI and PubMed's PMID."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from shop.content.rules.inline import plain, text_of
from shop.content.rules.kinds import Data, attribute, rows

# Crossref's own pattern for the DOIs of today. Source: crossref.org/blog/dois-and-matching-regular-expressions
_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/[-._;()/:A-Z0-9]+)\Z", re.IGNORECASE)
_PMID: Final = re.compile(r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|pmid:\s*)?([1-9]\d{0,7})/?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Citation:
    """A work: how it is written, and its numbers, empty where it has none."""

    text: str
    doi: str
    pmid: str

    @property
    def links(self) -> list[tuple[str, str]]:
        """Pairs of label and address."""
        found = [(f"doi:{self.doi}", f"https://doi.org/{quote(self.doi, safe='/:;()._-')}")] if self.doi else []
        return [
            *found,
            *([(f"PMID {self.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/")] if self.pmid else []),
        ]

    @property
    def html(self) -> str:
        """The work with links to it."""
        links = [f'<a href="{attribute(href)}" rel="noopener">{attribute(label)}</a>' for label, href in self.links]
        return " ".join(part for part in (self.text, *links) if part)


def doi_of(value: Any) -> str:
    """The bare DOI, however it was written; empty where it is none."""
    found = _DOI.match(plain(value)) if isinstance(value, str) else None
    return found[1].lower() if found else ""


def pmid_of(value: Any) -> str:
    """The bare PMID, however it was written; empty where it is none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    found = _PMID.match(plain(text)) if isinstance(text, str) else None
    return found[1] if found else ""


def citations(data: Data) -> list[Citation]:
    """The works of a references block, without those that say nothing."""
    found = [
        Citation(text_of(item, "text").strip(), doi_of(item.get("doi")), pmid_of(item.get("pmid")))
        for item in rows(data.get("items"))
        if isinstance(item, dict)
    ]
    return [work for work in found if work.html]
