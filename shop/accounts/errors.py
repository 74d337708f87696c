"""What can go wrong with accounts, by Saleor's AccountErrorCode."""

from datetime import datetime

from shop.kit.errors import Conflict, Denied, Invalid, NotFound


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


class LinkRefused(Invalid):
    """A mailed token that is malformed, another's, used, or over: one answer for all of them."""

    def __init__(self) -> None:
        super().__init__("Invalid or expired token.", field="token")


class WrongPassword(Invalid):
    """The password that was asked for once more is not the caller's."""

    code = "INVALID_CREDENTIALS"


class Delayed(Conflict):
    """Tried too often lately: the next attempt has to wait."""

    code = "LOGIN_ATTEMPT_DELAYED"

    def __init__(self, until: datetime, *, field: str | None, code: str | None = None) -> None:
        moment = until.isoformat(timespec="seconds")
        super().__init__(f"Too many attempts. The next one is possible at {moment}.", field=field, code=code)


class EmailTaken(Conflict):
    """Another account has this e-mail."""

    code = "UNIQUE"

    def __init__(self) -> None:
        super().__init__("Email already taken.", field="newEmail")


class StaffStays(Conflict):
    """Accounts of staff are not deleted by a link in a mail."""

    code = "DELETE_STAFF_ACCOUNT"

    def __init__(self) -> None:
        super().__init__("Cannot delete a staff account.")


class AddressNotFound(NotFound):
    """No such address, or in no book of the caller's: the same answer for both."""

    def __init__(self) -> None:
        super().__init__("There is no such address.", field="id")
