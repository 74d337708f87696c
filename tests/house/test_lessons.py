"""What the explorer offers: every saved document, in an order in which each needs only what came before."""

from collections import Counter

import pytest
from graphql import OperationDefinitionNode, parse

from shop.kit.resources import graphql_folder
from shop.storefront.documents import Documents
from shop.web.lessons import Chapter, Lesson, chapters, page_data

CHAPTERS = chapters(graphql_folder())
LESSONS = [lesson for chapter in CHAPTERS for lesson in chapter.documents]
DOCUMENTS = Documents(graphql_folder())


def test_every_saved_document_is_a_lesson() -> None:
    assert set(DOCUMENTS.names()) - {lesson.saved for lesson in LESSONS} == set(), "add them to graphql/explorer.yaml"
    assert {lesson.saved for lesson in LESSONS} <= set(DOCUMENTS.names())


def test_names_are_one_lesson_s() -> None:
    assert [name for name, count in Counter(lesson.name for lesson in LESSONS).items() if count > 1] == []
    assert [name for name, count in Counter(thing for one in LESSONS for thing in one.keeps).items() if count > 1] == []


def test_a_lesson_is_named_like_its_document_and_tells_what_is_different() -> None:
    assert [lesson.name for lesson in LESSONS if not lesson.name.startswith(lesson.saved)] == []


def test_each_needs_only_what_came_before() -> None:
    """Things are forgotten when they are used up: who needs them then asks for them again, as on the first time."""
    known: set[str] = set()
    early: list[tuple[str, str]] = []
    for lesson in LESSONS:
        early += [(lesson.name, thing) for thing in [*lesson.needs, *lesson.after] if thing not in known]
        known |= {lesson.name, *lesson.keeps}
    assert early == []


def test_what_is_forgotten_was_known() -> None:
    things = {"fresh email", *(lesson.name for lesson in LESSONS), *(thing for one in LESSONS for thing in one.keeps)}
    assert [(lesson.name, thing) for lesson in LESSONS for thing in lesson.forgets if thing not in things] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_sends_variables_that_its_document_declares(lesson: Lesson) -> None:
    (operation,) = (
        node for node in parse(DOCUMENTS[lesson.saved].text).definitions if isinstance(node, OperationDefinitionNode)
    )
    declared = {variable.variable.name.value: variable for variable in operation.variable_definitions or ()}
    assert set(lesson.variables) <= set(declared)
    required = {name for name, one in declared.items() if one.type.kind == "non_null_type" and not one.default_value}
    assert required <= set(lesson.variables)


def test_the_chapters_go_from_the_shop_to_its_staff() -> None:
    assert [chapter.title for chapter in CHAPTERS] == [
        "Shop",
        "Catalogue",
        "Cart",
        "Appointments",
        "Waiting list",
        "Checkout",
        "Orders and visits",
        "Account",
        "Content",
        "Comments",
        "Staff",
    ]
    assert [chapter.title for chapter in CHAPTERS if not chapter.about.endswith(".")] == []


def test_a_word_that_no_lesson_has_is_refused() -> None:
    with pytest.raises(ValueError, match="variable"):
        Chapter(title="x", about="x", documents=[{"name": "Home", "variable": {}}])


def test_the_page_has_the_documents_with_their_fragments() -> None:
    data = page_data(graphql_folder())
    home = next(lesson for lesson in data[0]["lessons"] if lesson["name"] == "Home")
    assert home["purpose"].startswith("The start page")
    assert "fragment ProductCard on Product" in home["query"]
    assert home["variables"] == {"channel": "default-channel"}
