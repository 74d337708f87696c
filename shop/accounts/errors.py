"""What can go wrong with accounts, by Saleor's AccountErrorCode."""

from shop.kit.errors import Conflict, Denied, Invalid


class InvalidCredentials(Invalid):
    """The e-mail and password do not belong together, or nobody has that e-mail: one answer for both."""

    code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("Please, enter valid credentials", field="email")


class NotConfirmed(Conflict):
    """The mailbox has not been proved yet."""

    code = "ACCOUNT_NOT_CONFIRMED"

    def __init__(self) -> None:
        super().__init__("Account needs to be confirmed via email.", field="email")


class TokenRefused(Invalid):
    """A token that cannot be used; `code` says why."""

    code = "JWT_INVALID_TOKEN"

    @classmethod
    def missing(cls, field: str) -> "TokenRefused":
        """No token was given."""
        return cls("Missing token.", field=field, code="JWT_MISSING_TOKEN")

    @classmethod
    def expired(cls, field: str) -> "TokenRefused":
        """The token's time is over."""
        return cls("Signature has expired", field=field, code="JWT_SIGNATURE_EXPIRED")

    @classmethod
    def undecodable(cls, field: str) -> "TokenRefused":
        """The text is no token of ours."""
        return cls("Invalid token.", field=field, code="JWT_DECODE_ERROR")


class WeakPassword(Invalid):
    """The password is too short, too common or only digits."""

    code = "PASSWORD_TOO_SHORT"


class NotStaff(Denied):
    """Only members of staff may."""
