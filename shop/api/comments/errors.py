"""Errors of mutations about comments."""

from enum import Enum

import strawberry

from shop.api.core.payloads import DomainError


@strawberry.enum(description="What went wrong with a comment.")
class CommentErrorCode(Enum):
    CLOSED = "closed"
    DELAYED = "delayed"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    INVALID_STATE = "invalid_state"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    THREAD_FULL = "thread_full"


@strawberry.type(description="An expected error of a mutation about comments.")
class CommentError(DomainError):
    code: CommentErrorCode = strawberry.field(description="What went wrong, for programs.")
