"""Base classes of mutation payloads and their errors: a payload has `errors`, and one field that is null when any."""

import strawberry


@strawberry.type
class DomainError:
    """An expected error of a mutation; each slice adds its `code` enum, and fields filled from the error's params."""

    field: str | None = strawberry.field(
        default=None, description="The input field that the error is about, or null for the whole input."
    )
    message: str | None = strawberry.field(default=None, description="What is wrong, in English.")


@strawberry.type
class Payload:
    """What a mutation returns. A subclass declares `errors` with its error type, and its result with default None."""
