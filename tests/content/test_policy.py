"""What an article on medicine must hold, and which phrases claim too much."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shop.content.rules.phrases import risky_phrases
from shop.content.rules.policy import (
    MEDICAL_DUTY,
    Article,
    Duty,
    ReviewStatus,
    default_policy,
    findings,
    review_status,
    translation_findings,
)
from shop.kit import ids

TODAY = date(2026, 11, 23)
DISCLAIMER = {"type": "disclaimer", "data": {"text": "No advice."}}
REFERENCES = {"type": "references", "data": {"items": [{"text": "A work", "pmid": "123"}]}}
BOOKING = {"type": "booking", "data": {"productId": ids.encode("Product", 1)}}
GOOD = Article(
    title="Hair",
    content={"blocks": [DISCLAIMER, BOOKING, REFERENCES]},
    author_name="Example clinic, editorial team",
    reviewer_name="Example practitioner A",
    reviewer_credentials="Dermatologist",
    last_reviewed=date(2026, 1, 1),
    review_due=date(2027, 1, 1),
    regulatory_status="Investigational.",
    conflict_of_interest="This site sells consultations.",
)


def _duties(article: Article) -> list[Duty]:
    return [finding.duty for finding in findings(MEDICAL_DUTY, article, TODAY)]


def test_a_whole_article_meets_its_duties() -> None:
    assert findings(MEDICAL_DUTY, GOOD, TODAY) == []


def test_nothing_is_asked_of_pages_without_the_policy() -> None:
    assert findings(None, Article(title="A guaranteed miracle"), TODAY) == []


@pytest.mark.parametrize(
    ("change", "duty"),
    [
        ({"author_name": " "}, Duty.AUTHOR_MISSING),
        ({"reviewer_name": None, "reviewer_credentials": None}, Duty.REVIEWER_MISSING),
        ({"reviewer_credentials": None}, Duty.REVIEWER_CREDENTIALS_MISSING),
        ({"last_reviewed": None}, Duty.LAST_REVIEWED_MISSING),
        ({"last_reviewed": date(2026, 11, 24)}, Duty.LAST_REVIEWED_IN_FUTURE),
        ({"review_due": None}, Duty.REVIEW_DUE_MISSING),
        ({"review_due": TODAY}, Duty.REVIEW_OVERDUE),
        ({"regulatory_status": ""}, Duty.REGULATORY_STATUS_MISSING),
        ({"conflict_of_interest": None}, Duty.CONFLICT_OF_INTEREST_MISSING),
        ({"title": "A miracle"}, Duty.RISKY_PHRASE),
        ({"seo_title": "Guaranteed"}, Duty.RISKY_PHRASE),
        ({"seo_description": "We cure it"}, Duty.RISKY_PHRASE),
    ],
)
def test_each_duty_is_missed_alone(change: dict[str, Any], duty: Duty) -> None:
    assert _duties(replace(GOOD, **change)) == [duty]


@pytest.mark.parametrize(
    ("blocks", "duties"),
    [
        ([BOOKING, DISCLAIMER, REFERENCES], [Duty.DISCLAIMER_AFTER_OFFER]),
        ([{**BOOKING, "type": "product"}, DISCLAIMER, REFERENCES], [Duty.DISCLAIMER_AFTER_OFFER]),
        # An offer that shows nothing is none.
        ([{"type": "booking", "data": {"productId": "x"}}, DISCLAIMER, REFERENCES], []),
        ([REFERENCES, DISCLAIMER, BOOKING], []),
        ([BOOKING, REFERENCES], [Duty.DISCLAIMER_MISSING]),
        ([{"type": "disclaimer", "data": {"text": " "}}, REFERENCES], [Duty.DISCLAIMER_MISSING]),
        ([DISCLAIMER], [Duty.REFERENCE_MISSING]),
        ([DISCLAIMER, {"type": "references", "data": {"items": [{"text": "No number"}]}}], [Duty.REFERENCE_MISSING]),
        ([DISCLAIMER, {"type": "references", "data": {"items": [{"doi": "x"}]}}], [Duty.REFERENCE_MISSING]),
        ([None, {"type": "header"}, DISCLAIMER, REFERENCES], []),
    ],
)
def test_the_disclaimer_stands_before_the_first_offer_and_a_work_is_cited(
    blocks: list[Any], duties: list[Duty]
) -> None:
    assert _duties(replace(GOOD, content={"blocks": blocks})) == duties


def test_a_phrase_is_found_at_its_place() -> None:
    items = ["It is <b>risk-free</b>.", {"content": "x", "items": [{"content": "no side effects", "items": []}]}]
    listed = {"type": "list", "data": {"style": "unordered", "items": items}}
    found = findings(MEDICAL_DUTY, replace(GOOD, content={"blocks": [DISCLAIMER, listed, REFERENCES]}), TODAY)
    assert [(each.field, each.path) for each in found] == [
        ("content", "blocks[1].data.items[0]"),
        ("content", "blocks[1].data.items[1].items[0].content"),
    ]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("It cures baldness for good.", ["cure"]),
        ("A curable disease, cured at last", ["cure", "cure"]),
        ("Results are guaranteed!", ["guaranteed"]),
        ("Our money-back guarantee", ["guaranteed"]),
        ("An FDA-approved therapy", ["FDA-approved"]),
        ("FDA approved", ["FDA-approved"]),
        ("It was approved by the FDA.", ["FDA-approved"]),
        ("It has no side effects.", ["no side effects"]),
        ("Works without any side effects", ["no side effects"]),
        ("Free of side-effects", ["no side effects"]),
        ("A small miracle", ["miracle"]),
        ("Miraculous hair", ["miracle"]),
        ("Completely risk-free", ["risk-free"]),
        ("Risk\u2011free", ["risk-free"]),
        ("There is no risk.", ["risk-free"]),
        ("Regrow hair without risks", ["risk-free"]),
        ("100% safe and 100 percent effective", ["100 % safe", "100 % safe"]),
        ("GUARANTEED MIRACLE CURE", ["guaranteed", "miracle", "cure"]),
    ],
)
def test_claims_are_found(text: str, phrases: list[str]) -> None:
    assert risky_phrases(text) == phrases


@pytest.mark.parametrize(
    "text",
    [
        "There is no cure for hair loss.",
        "There is no known cure.",
        "It cannot be cured.",
        "Nobody can promise a cure.",
        "It isn't a cure.",
        "It isn\u2019t a cure.",
        "A cure does not exist.",
        "A cure is not known.",
        "Results cannot be guaranteed.",
        "No one can guarantee it.",
        "Nothing in medicine is guaranteed.",
        "This is not FDA-approved.",
        "It was never approved by the FDA.",
        "No treatment is risk-free.",
        "It is not without risk.",
        "It is never free of side effects.",
        "That does not mean that there are no side effects.",
        "It is far from a miracle.",
        "There is no such thing as a risk-free injection.",
        "Beware of clinics that promise a miracle.",
        "Be wary of anybody who speaks of guaranteed results.",
        "A secure, procured manicure of the curette",
        "A risk-based approach with side effects",
    ],
)
def test_what_is_denied_or_warned_of_is_no_claim(text: str) -> None:
    assert risky_phrases(text) == []


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("It is not a cream, but a cure.", ["cure"]),
        ("No surgery, guaranteed results.", ["guaranteed"]),
        ("No surgery is needed for a cure.", ["cure"]),
        ("Without surgery you are cured.", ["cure"]),
        ("It is not only safe and guaranteed.", ["guaranteed"]),
        ("We don't just treat and cure.", ["cure"]),
        ("This does not hurt. It is a miracle.", ["miracle"]),
        ("It is guaranteed; it does not hurt.", ["guaranteed"]),
    ],
)
def test_what_denies_something_else_does_not_excuse_a_claim(text: str, phrases: list[str]) -> None:
    assert risky_phrases(text) == phrases


@pytest.mark.parametrize(
    ("policy", "reviewer", "last", "due", "status"),
    [
        (None, None, None, None, None),
        (MEDICAL_DUTY, None, None, None, ReviewStatus.NOT_REVIEWED),
        (MEDICAL_DUTY, "A", None, None, ReviewStatus.NOT_REVIEWED),
        (MEDICAL_DUTY, None, date(2026, 1, 1), None, ReviewStatus.NOT_REVIEWED),
        (MEDICAL_DUTY, "A", date(2026, 1, 1), None, ReviewStatus.REVIEWED),
        (MEDICAL_DUTY, "A", date(2026, 1, 1), date(2026, 11, 24), ReviewStatus.REVIEWED),
        (MEDICAL_DUTY, "A", date(2026, 1, 1), TODAY, ReviewStatus.OVERDUE),
        (None, "A", date(2026, 1, 1), TODAY, ReviewStatus.OVERDUE),
    ],
)
def test_a_review_holds_until_the_next_one_is_due(
    policy: str | None, reviewer: str | None, last: date | None, due: date | None, status: ReviewStatus | None
) -> None:
    assert review_status(policy, reviewer, last, due, TODAY) is status


def test_medical_articles_have_the_policy_unless_somebody_chose_otherwise() -> None:
    assert default_policy("medical-article") == MEDICAL_DUTY
    assert default_policy("article") is None


@pytest.mark.parametrize(
    ("language", "text", "phrases"),
    [
        ("de", "Die Therapie heilt Haarausfall, garantiert.", ["heilt", "garantiert"]),
        (
            "de-at",
            "Ein Wunder, ohne Nebenwirkungen und ohne jedes Risiko",
            ["Wunder", "ohne Nebenwirkungen", "risikofrei"],
        ),
        ("de", "Von der FDA zugelassen und 100 % sicher", ["von der FDA zugelassen", "100 % sicher"]),
        ("de", "Das ist nicht nur sicher und garantiert wirksam.", ["garantiert"]),
        ("de", "Nicht nur eine Creme, sondern Heilung", ["heilt"]),
        ("de", "Es gibt keine Heilung.", []),
        ("de", "Eine Heilung gibt es bisher nicht.", []),
        ("de", "Niemand kann das garantieren.", []),
        ("de", "Die Wundheilung beim Heilpraktiker", []),
        ("de", "Das ist nicht ohne Risiko.", []),
        ("fr", "Un miracle qui gu\u00e9rit, sans risque", ["miracle", "gu\u00e9rit", "sans risque"]),
        ("fr", "R\u00e9sultats garantis sans effets secondaires", ["garanti", "sans effets secondaires"]),
        ("fr", "Approuv\u00e9 par la FDA, 100 % efficace", ["approuv\u00e9 par la FDA", "100 % s\u00fbr"]),
        ("fr", "Ce n\u2019est pas un miracle. Rien ne gu\u00e9rit cela.", []),
        ("fr", "Pas seulement un soin qui gu\u00e9rit", ["gu\u00e9rit"]),
        ("es", "Una cura milagrosa, garantizada", ["cura", "milagro", "garantizado"]),
        (
            "es",
            "Aprobado por la FDA, sin efectos secundarios, sin riesgos",
            ["aprobado por la FDA", "sin efectos secundarios", "sin riesgo"],
        ),
        ("es", "No existe ninguna cura. Nadie puede garantizar nada.", []),
        ("it", "Guarigione garantita, 100 % sicuro", ["guarigione", "garantito", "100 % sicuro"]),
        (
            "it",
            "Senza rischi e senza effetti collaterali: un miracolo",
            ["senza rischi", "senza effetti collaterali", "miracolo"],
        ),
        ("it", "La cura non guarisce la calvizie.", []),
        ("pt-br", "Cura garantida, sem risco", ["cura", "garantido", "sem risco"]),
        (
            "pt",
            "Aprovado pela EMA, sem efeitos colaterais: milagre",
            ["aprovado pela FDA", "sem efeitos secund\u00e1rios", "milagre"],
        ),
        ("pt", "N\u00e3o h\u00e1 cura. Ningu\u00e9m pode garantir isso.", []),
        # Without a list of its own a language is read for the English one.
        ("nl", "A guaranteed cure", ["guaranteed", "cure"]),
    ],
)
def test_claims_are_found_in_other_languages(language: str, text: str, phrases: list[str]) -> None:
    assert risky_phrases(text, language) == phrases


def test_a_translation_shows_a_disclaimer_before_its_first_offer_and_claims_nothing() -> None:
    def duties(language: str = "de", **texts: Any) -> list[tuple[Duty, str, str | None]]:
        found = translation_findings(MEDICAL_DUTY, language, texts)
        return [(each.duty, each.field, each.language) for each in found]

    assert duties(title="Haar", content={"blocks": [DISCLAIMER, BOOKING, REFERENCES]}) == []
    # What is not translated is shown as the page has it.
    assert duties(title="Haar") == duties() == []
    assert duties(content={"blocks": [BOOKING, DISCLAIMER, REFERENCES]}) == [
        (Duty.DISCLAIMER_AFTER_OFFER, "content", "de")
    ]
    assert duties(content={"blocks": []}) == [
        (Duty.DISCLAIMER_MISSING, "content", "de"),
        (Duty.REFERENCE_MISSING, "content", "de"),
    ]
    assert duties(title="Heilung", seo_title="Garantiert", seo_description="Ein Wunder") == [
        (Duty.RISKY_PHRASE, "title", "de"),
        (Duty.RISKY_PHRASE, "seo", "de"),
        (Duty.RISKY_PHRASE, "seo", "de"),
    ]
    assert translation_findings(None, "de", {"title": "Heilung"}) == []
