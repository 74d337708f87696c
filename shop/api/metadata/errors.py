"""Errors of metadata mutations."""

from enum import Enum

import strawberry

from shop.api.core.payloads import DomainError


@strawberry.enum(description="What went wrong with metadata.")
class MetadataErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    NOT_UPDATED = "not_updated"


@strawberry.type(description="An expected error of a metadata mutation.")
class MetadataError(DomainError):
    code: MetadataErrorCode = strawberry.field(description="What went wrong, for programs.")
