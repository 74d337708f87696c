"""One use of a secret a document: the list of such mutations is kept in step with the schema."""

import re

from shop.api.core.schema import make_schema
from shop.web.graphql import AUTH_FIELDS


def test_every_mutation_that_tests_or_sets_a_secret_is_on_the_list() -> None:
    mutation = make_schema().get_type_by_name("Mutation")
    assert mutation is not None
    fields = {
        make_schema().config.name_converter.from_field(field)
        for field in mutation.fields  # type: ignore[union-attr]
    }
    assert fields >= AUTH_FIELDS
    # A preview token is made for staff who may read the page anyway: there is nothing to try.
    secret = re.compile(
        r"(?<!preview)token(?!sDeactivate)|password|confirm(?:account|email)|register|externalobtain|emailchange|accountdelete",
        re.IGNORECASE,
    )
    assert {name for name in fields if secret.search(name)} <= AUTH_FIELDS
