"""What a form asks before a visit, and which answers it takes."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shop.kit.errors import Invalid, Many, ShopError

KINDS: Final = ("TEXT", "CHOICE", "MULTIPLE_CHOICE", "BOOLEAN", "DATE")
_WITH_CHOICES: Final = {"CHOICE", "MULTIPLE_CHOICE"}
_LONGEST: Final = 4000
_MOST: Final = 100
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a form. Shapes: `choices` only of the two kinds that have some."""

    key: str
    label: str
    kind: str
    choices: tuple[str, ...] = ()
    is_required: bool = False


def checked_questions(questions: Sequence[Question]) -> Sequence[Question]:
    """The questions, if a form can have them. Raises: Invalid on `questions`."""
    if not 0 < len(questions) <= _MOST:
        raise Invalid(f"A form has between 1 and {_MOST} questions.", field="questions")
    if len({question.key for question in questions}) < len(questions):
        raise Invalid("Each question of a form has a key of its own.", field="questions")
    for question in questions:
        if not _KEY.fullmatch(question.key) or not question.label.strip() or len(question.label) > _LONGEST:
            raise Invalid(
                f"The question {question.key[:60]!r} needs a label and a key such as 'allergies'.", field="questions"
            )
        if question.kind not in KINDS or (question.kind in _WITH_CHOICES) != bool(question.choices):
            raise Invalid(f"The question {question.key!r} has choices if and only if one chooses.", field="questions")
        if len(set(question.choices)) < len(question.choices) or not all(question.choices):
            raise Invalid(f"The choices of {question.key!r} are different words.", field="questions")
    return questions


def checked_answers(questions: Collection[Question], answers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The answers that are given, by the question's key; an empty one is none.

    Shapes: one text, several for MULTIPLE_CHOICE; `true` or `false`; a date as 2026-06-01.
    Raises: Many (an Invalid for each question, its key as `field`).
    """
    known = {question.key: question for question in questions}
    problems: list[ShopError] = [
        Invalid("The form has no such question.", field=key[:60]) for key in answers if key not in known
    ]
    result: dict[str, list[str]] = {}
    for key, question in known.items():
        given = [text.strip() for text in answers.get(key, ()) if text.strip()]
        if not given:
            if question.is_required:
                problems.append(Invalid("An answer is needed.", field=key, code="REQUIRED"))
        elif (problem := _problem(question, given)) is not None:
            problems.append(Invalid(problem, field=key))
        else:
            result[key] = given
    if problems:
        raise Many(problems)
    return result


def _problem(question: Question, given: Sequence[str]) -> str | None:
    if len(given) > 1 and question.kind != "MULTIPLE_CHOICE":
        return "One answer is enough."
    if question.kind in _WITH_CHOICES:
        return (
            None if set(given) <= set(question.choices) and len(set(given)) == len(given) else "Choose from the list."
        )
    (text,) = given
    if question.kind == "BOOLEAN":
        return None if text in {"true", "false"} else "Say true or false."
    if question.kind == "DATE":
        return None if _is_date(text) else "Write a date as 2026-06-01."
    return f"An answer holds {_LONGEST} characters at most." if len(text) > _LONGEST else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
