"""Errors of payment mutations."""

from enum import Enum

import strawberry

from shop.api.core.payloads import DomainError


@strawberry.enum(description="What went wrong with payment gateways.")
class PaymentGatewayInitializeErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"


@strawberry.type(description="An expected error of asking payment gateways.")
class PaymentGatewayInitializeError(DomainError):
    code: PaymentGatewayInitializeErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.enum(description="What went wrong with one payment gateway.")
class PaymentGatewayConfigErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"


@strawberry.type(description="An expected error of one payment gateway.")
class PaymentGatewayConfigError(DomainError):
    code: PaymentGatewayConfigErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.enum(description="What went wrong with starting a payment.")
class TransactionInitializeErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    UNIQUE = "unique"
    CHECKOUT_COMPLETION_IN_PROGRESS = "checkout_completion_in_progress"


@strawberry.type(description="An expected error of starting a payment.")
class TransactionInitializeError(DomainError):
    code: TransactionInitializeErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.enum(description="What went wrong with an action on a payment.")
class TransactionRequestActionErrorCode(Enum):
    INVALID = "invalid"
    REQUIRED = "required"
    GRAPHQL_ERROR = "graphql_error"
    NOT_FOUND = "not_found"
    MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK = "missing_transaction_action_request_webhook"


@strawberry.type(description="An expected error of an action on a payment.")
class TransactionRequestActionError(DomainError):
    code: TransactionRequestActionErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.enum(description="What went wrong with looking up a payment.")
class TransactionProcessErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    TRANSACTION_ALREADY_PROCESSED = "transaction_already_processed"
    MISSING_PAYMENT_APP_RELATION = "missing_payment_app_relation"
    MISSING_PAYMENT_APP = "missing_payment_app"
    CHECKOUT_COMPLETION_IN_PROGRESS = "checkout_completion_in_progress"


@strawberry.type(description="An expected error of looking up a payment.")
class TransactionProcessError(DomainError):
    code: TransactionProcessErrorCode = strawberry.field(description="What went wrong, for programs.")
