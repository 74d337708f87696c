"""Phrases that promise what medicine cannot keep, or that only an authority may say, in the languages known here.

A language without a list of its own is read for the English phrases. What a text denies or warns of it does not claim.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HYPHENS: Final = re.compile("[\u2010\u2011]")
# What is denied in one part of a sentence is not denied in the next: "not a cream, but a cure".
_ENDS: Final = r"[.!?;:,()\u2013\u2014]+"
_WORDS: Final = r"(?:\W+[\w'\u2019-]+)"
_ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class _Lint:
    """How a language claims, and how it denies: what parts its sentences, and what excuses a phrase beside it."""

    names: tuple[str, ...]
    phrase: re.Pattern[str]
    parts: re.Pattern[str]
    before: tuple[re.Pattern[str], ...]
    after: re.Pattern[str]


def _any_of(phrases: Mapping[str, str]) -> re.Pattern[str]:
    named = "|".join(f"(?P<p{at}>{pattern})" for at, pattern in enumerate(phrases.values()))
    return re.compile(rf"(?<![\w-])(?:{named})(?!\w)", re.IGNORECASE)


def _english() -> _Lint:
    phrases = {
        "cure": r"cur(?:e|es|ed|ing|able)",
        "guaranteed": r"guarantee(?:s|d|ing)?",
        "FDA-approved": r"(?:FDA|EMA)[- ](?:approved|cleared|certified)|(?:approved|cleared) by the (?:FDA|EMA)",
        "no side effects": r"(?:no|zero|without(?: any)?|free (?:of|from)) (?:known |serious )?side[- ]effects?"
        r"|side[- ]effect[- ]free",
        "miracle": r"mirac(?:les?|ulous(?:ly)?)",
        "risk-free": r"risk[- ]free|(?:no|zero|without(?: any)?) risks?(?![- ]free)",
        "100 % safe": r"100 ?(?:%|percent|per cent) (?:safe|effective|success(?:ful)?|certain)",
    }
    # "Not only" and "not just" promise more, not less.
    only = r"(?! (?:only|just|merely)\b)"
    denied = (
        rf"(?:\b(?:not|never|cannot|nobody|nothing|none|neither|nor|hardly)\b{only}|\w+n['\u2019]t\b{only}"
        rf"|\bfar from\b|\bno such thing as\b){_WORDS}{{0,5}}\W*\Z"
        # These deny what stands next to them alone: not the rest of "no surgery is needed for a cure".
        rf"|\b(?:no|without)\b{_WORDS}{{0,2}}\W*\Z"
    )
    warned = rf"\b(?:beware|avoid|wary|distrust|suspicious|misleading|false)\b{_WORDS}{{0,7}}\W*\Z"
    verbs = r"is|are|was|were|do|does|did|can|will|has|have"
    after = rf"\A{_WORDS}{{0,3}}?\W+(?:(?:{verbs})(?: not|n['\u2019]t)|cannot)\b{only}"
    return _Lint(
        tuple(phrases),
        _any_of(phrases),
        re.compile(_ENDS + r"|\b(?:but|yet|and is|and are)\b", re.IGNORECASE),
        (re.compile(denied, re.IGNORECASE), re.compile(warned, re.IGNORECASE)),
        re.compile(after, re.IGNORECASE),
    )


def _other(phrases: Mapping[str, str], *, denies: str, only: str, but: str, next_to: str) -> _Lint:
    """A language whose words of denial stand up to five words before or after what they deny; `next_to`: one."""
    word = rf"(?<!\w)(?:{denies})(?!\w)(?! (?:{only})\b)"
    before = rf"{word}{_WORDS}{{0,5}}\W*\Z|(?<!\w)(?:{next_to})(?!\w){_WORDS}?\W*\Z"
    return _Lint(
        tuple(phrases),
        _any_of(phrases),
        re.compile(rf"{_ENDS}|\b(?:{but})\b", re.IGNORECASE),
        (re.compile(before, re.IGNORECASE),),
        re.compile(rf"\A{_WORDS}{{0,5}}?\W+{word}", re.IGNORECASE),
    )


_LINTS: Final[Mapping[str, _Lint]] = {
    _ENGLISH: _english(),
    "de": _other(
        {
            "heilt": r"heil(?:t|en|te|ung(?:en)?|bar\w{0,2})|geheilt\w{0,2}",
            "garantiert": r"garantie(?:n|rt\w{0,2}|ren)?",
            "von der FDA zugelassen": r"(?:FDA|EMA)[- ](?:zugelassen|gepr\u00fcft)\w{0,2}"
            r"|von der (?:FDA|EMA) (?:zugelassen|genehmigt)\w{0,2}",
            "ohne Nebenwirkungen": r"(?:ohne|keine(?:rlei)?|frei von) (?:\w+ )?nebenwirkungen|nebenwirkungsfrei\w{0,2}",
            "Wunder": r"wunder(?:mittel|kur|heilung|waffe)?s?",
            "risikofrei": r"(?:risikofrei|risikolos)\w{0,2}|(?:ohne|kein(?:erlei)?) (?:\w+ )?risik(?:o|en)",
            "100 % sicher": r"100 ?(?:%|prozent)(?:ig)? (?:sicher|wirksam|erfolgreich)\w{0,2}",
        },
        denies=r"nicht|nie|niemals|niemand|nichts|weder|kaum|keineswegs",
        next_to=r"kein\w{0,2}|ohne",
        only="nur|blo\u00df",
        but="aber|sondern|doch",
    ),
    "fr": _other(
        {
            "gu\u00e9rit": r"gu\u00e9ri\w*",
            "garanti": r"garanti\w*",
            "approuv\u00e9 par la FDA": r"(?:approuv|autoris)\u00e9\w{0,2} par (?:la |l['\u2019])?(?:FDA|EMA)",
            "sans effets secondaires": r"(?:sans|aucun) effets? (?:secondaires?|ind\u00e9sirables?)",
            "miracle": r"mirac(?:les?|uleu\w+)",
            "sans risque": r"(?:sans(?: aucun)?|aucun) risques?",
            "100 % s\u00fbr": r"100 ?% (?:s\u00fbre?s?|efficaces?)",
        },
        denies=r"ne|n['\u2019]\w+|pas|jamais|personne|rien|ni",
        next_to=r"aucune?|sans",
        only="seulement|uniquement",
        but="mais",
    ),
    "es": _other(
        {
            "cura": r"cura(?:s|r|n|ci\u00f3n|d[oa]s?|bles?)?",
            "garantizado": r"garant(?:\u00edas?|iza\w*|ice\w*)",
            "aprobado por la FDA": r"aprobad[oa]s? por la (?:FDA|EMA)",
            "sin efectos secundarios": r"(?:sin|ning\u00fan) efectos? (?:secundario|adverso)s?",
            "milagro": r"milagros?(?:[oa]s?)?",
            "sin riesgo": r"sin (?:ning\u00fan )?riesgos?|libre de riesgos?",
            "100 % seguro": r"100 ?% (?:segur[oa]s?|efectiv[oa]s?|efica(?:z|ces))",
        },
        denies=r"no|nunca|jam\u00e1s|nadie|nada|ni|tampoco",
        next_to=r"ning\u00fan|ninguna|sin",
        only="solo|s\u00f3lo|solamente",
        but="pero|sino",
    ),
    "it": _other(
        {
            "guarigione": r"guari(?:gion[ei]|re|sc\w+|t[oaie]|bil[ei])",
            "garantito": r"garan(?:zi[ae]|ti\w+)",
            "approvato dalla FDA": r"approvat[oaie] dall(?:a |['\u2019])(?:FDA|EMA)",
            "senza effetti collaterali": r"(?:senza|nessun) effett[oi] (?:collateral[ei]|indesiderat[oi])",
            "miracolo": r"miracol(?:[oi]|os\w)",
            "senza rischi": r"senza (?:alcun )?rischi(?:o)?|priv[oaie] di rischi",
            "100 % sicuro": r"100 ?% (?:sicur[oaie]|efficac[ei])",
        },
        denies=r"non|mai|niente|nulla|n\u00e9",
        next_to=r"nessun[oa]?|senza",
        only="solo|soltanto",
        but="ma|bens\u00ec",
    ),
    "pt": _other(
        {
            "cura": r"cura(?:s|r|m|d[oa]s?|\u00e7\u00e3o)?|cur\u00e1ve(?:l|is)",
            "garantido": r"garant(?:ias?|id[oa]s?|e|em|imos|ir)",
            "aprovado pela FDA": r"aprovad[oa]s? pel[oa] (?:FDA|EMA)",
            "sem efeitos secund\u00e1rios": r"sem efeitos? (?:colaterais|secund\u00e1rios|adversos)",
            "milagre": r"milagr(?:es?|os[oa]s?)",
            "sem risco": r"sem (?:qualquer )?riscos?|livre de riscos?",
            "100 % seguro": r"100 ?% (?:segur[oa]s?|efica(?:z|zes))",
        },
        denies=r"n\u00e3o|nunca|jamais|ningu\u00e9m|nada|nem",
        next_to=r"nenhuma?|sem",
        only="s\u00f3|apenas|somente",
        but="mas",
    ),
}


def risky_phrases(text: str, language: str = _ENGLISH) -> list[str]:
    """The risky phrases that a text claims, in order; not those that it denies or warns of."""
    lint = _LINTS.get(language.partition("-")[0], _LINTS[_ENGLISH])
    found: list[str] = []
    for part in lint.parts.split(_HYPHENS.sub("-", text)):
        for match in lint.phrase.finditer(part):
            before, after = part[: match.start()], part[match.end() :]
            if not any(denied.search(before) for denied in lint.before) and not lint.after.match(after):
                found.append(lint.names[int(str(match.lastgroup)[1:])])
    return found
