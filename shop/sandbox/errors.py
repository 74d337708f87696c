"""Errors as Stripe's API words and shapes them. Everything the API refuses is raised as one of these."""

from typing import Any


class ApiError(Exception):
    """A refusal with its HTTP status and the fields of Stripe's `error` object.

    `executed` says whether the endpoint had begun its work: only then is the answer stored under the caller's
    idempotency key. `keeps_changes` marks a refusal whose effects are real (a declined charge is still a charge).
    Source: https://docs.stripe.com/api/errors, https://docs.stripe.com/api/idempotent_requests
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: dict[str, Any] | None = None,
        executed: bool = True,
        keeps_changes: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.code = code
        self.param = param
        self.extra = extra or {}
        self.executed = executed
        self.keeps_changes = keeps_changes

    def body(self) -> dict[str, Any]:
        """The JSON body Stripe would send: absent fields are left out."""
        error: dict[str, Any] = {"message": self.message, "type": self.type, **self.extra}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    """A 400 for a request that cannot be carried out in the state things are in."""
    return ApiError(400, message, code=code, param=param)


def unexpected_state(message: str, field: str, obj: dict[str, Any]) -> ApiError:
    """A 400 that carries the object whose status forbids the call. `field` is `payment_intent` or `setup_intent`."""
    return ApiError(400, message, code=f"{field}_unexpected_state", extra={field: obj})


def not_found(noun: str, key: str, param: str = "id") -> ApiError:
    """The 404 for an id that names nothing here."""
    return ApiError(404, f"No such {noun}: '{key}'", code="resource_missing", param=param)


def card_error(
    message: str,
    *,
    code: str,
    decline_code: str | None = None,
    param: str | None = None,
    extra: dict[str, Any] | None = None,
) -> ApiError:
    """The 402 for a card that was refused. What the attempt left behind (a failed charge, events) is kept."""
    fields = dict(extra or {})
    if decline_code is not None:
        fields["decline_code"] = decline_code
    return ApiError(402, message, type="card_error", code=code, param=param, extra=fields, keeps_changes=True)
