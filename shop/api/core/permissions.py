"""Who may. A refusal is a top-level error with Saleor's text; it nulls its field and changes nothing."""

from collections.abc import Callable

from graphql import GraphQLError

from shop.api.core.context import Context


def _denied(text: str) -> GraphQLError:
    return GraphQLError(text, extensions={"exception": {"code": "PermissionDenied"}})


def require(context: Context, *permissions: str) -> None:
    """The caller is staff with one of the permissions. Raises: GraphQLError (PermissionDenied)."""
    if context.caller.problem is not None:
        raise context.caller.problem
    context.is_private = True
    if not context.caller.may(*permissions):
        listed = ", ".join(permissions)
        raise _denied(f"To access this path, you need one of the following permissions: {listed}")


def require_user(context: Context) -> int:
    """The caller's user id. Raises: GraphQLError (PermissionDenied), or the reason why the token was refused."""
    if context.caller.problem is not None:
        raise context.caller.problem
    context.is_private = True
    if context.caller.user_id is None:
        raise _denied("To access this path, you need one of the following permissions: AUTHENTICATED_USER")
    return context.caller.user_id


def require_staff(context: Context) -> None:
    """The caller is a member of staff or an app. Raises: GraphQLError (PermissionDenied)."""
    if context.caller.problem is not None:
        raise context.caller.problem
    context.is_private = True
    if not context.caller.is_staff:
        raise _denied(
            "To access this path, you need one of the following permissions: AUTHENTICATED_STAFF_USER, "
            "AUTHENTICATED_APP"
        )


def staff_with(*permissions: str) -> Callable[[Context], None]:
    """A guard for batch fields: staff with one of the permissions."""

    def guard(context: Context) -> None:
        require(context, *permissions)

    return guard
