"""Global IDs at the edge of the API: what a malformed or foreign one answers differs between queries and mutations."""

import uuid
from functools import lru_cache

import strawberry
from graphql import GraphQLError

from shop.kit import ids
from shop.kit.errors import Invalid


# A page of products shows hundreds of IDs, and mostly the same ones as the page before.
@lru_cache(maxsize=16_384)
def global_id(type_name: str, pk: int | str | uuid.UUID) -> strawberry.ID:
    """The ID that clients see."""
    return strawberry.ID(ids.encode(type_name, pk))


def query_int(text: str, type_name: str) -> int | None:
    """The key, or None for an ID of another type. Raises: GraphQLError for a malformed ID."""
    try:
        return ids.decode_int(text, type_name)
    except ids.InvalidId as error:
        if error.other_type:
            return None
        raise GraphQLError(str(error)) from None


def query_uuid(text: str, type_name: str) -> uuid.UUID | None:
    """The key, or None for an ID of another type. Raises: GraphQLError for a malformed ID."""
    try:
        return ids.decode_uuid(text, type_name)
    except ids.InvalidId as error:
        if error.other_type:
            return None
        raise GraphQLError(str(error)) from None


def required_int(text: str, type_name: str, *, field: str) -> int:
    """The key. Raises: Invalid (GRAPHQL_ERROR) on `field` for a malformed ID or one of another type."""
    try:
        return ids.decode_int(text, type_name)
    except ids.InvalidId as error:
        raise _refused(error, type_name, field) from None


def required_uuid(text: str, type_name: str, *, field: str) -> uuid.UUID:
    """The key. Raises: Invalid (GRAPHQL_ERROR) on `field` for a malformed ID or one of another type."""
    try:
        return ids.decode_uuid(text, type_name)
    except ids.InvalidId as error:
        raise _refused(error, type_name, field) from None


def _refused(error: ids.InvalidId, type_name: str, field: str) -> Invalid:
    message = f"Must receive a {type_name} id." if error.other_type else str(error)
    return Invalid(message, field=field, code="GRAPHQL_ERROR")
