"""Tokens and passwords: what is in a token, who may use it, and which passwords are accepted.

Source: Saleor's public documentation of its JWTs; RFC 7519, RFC 7517.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from shop.accounts.errors import WeakPassword
from shop.kit import ids

TokenType = Literal["access", "refresh"]
MINIMUM_PASSWORD_LENGTH: Final = 8
OWNER: Final = "saleor"
_EMAIL: Final = re.compile(r"[^@\s\0]{1,64}@[^@\s\0]+\.[^@\s\0.]{2,}")


class InvalidToken(ValueError):
    """The text is no token that we made; `reason` is a class name that Saleor's clients know."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class NotOurs(ValueError):
    """The text is no token at all, or another issuer's: who sends it is anonymous."""


@dataclass(frozen=True, slots=True)
class TokenUser:
    """What a token says of its user."""

    id: int
    email: str
    is_staff: bool
    token_key: str


def normalised_email(text: str) -> str:
    """The e-mail as it is stored and compared."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Whether mail could be sent there at all; only a sent mail proves more."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def check_password(password: str, *, email: str = "") -> None:
    """The password may be used. Raises: WeakPassword with Saleor's code.

    Source: NIST SP 800-63B, 5.1.1.2: length and no obvious values, no rules about kinds of characters.
    """
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise WeakPassword(
            f"This password is too short. It must contain at least {MINIMUM_PASSWORD_LENGTH} characters.",
            field="password",
        )
    if password.isdigit():
        raise WeakPassword("This password is entirely numeric.", field="password", code="PASSWORD_ENTIRELY_NUMERIC")
    name = email.partition("@")[0].lower()
    if len(name) >= 4 and name in password.lower():
        raise WeakPassword("The password is too similar to the email.", field="password", code="PASSWORD_TOO_SIMILAR")


def token_hash(token: str) -> str:
    """What is stored of a refresh token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Signer:
    """Makes and reads tokens with one RSA key; its `kid` is the key's RFC 7638 thumbprint."""

    def __init__(self, private_key_pem: str, issuer: str) -> None:
        self.key = RSAKey.import_key(private_key_pem)
        self.kid = self.key.thumbprint()
        self.issuer = issuer

    def public_keys(self) -> dict[str, Any]:
        """The JWKS: how others check our tokens."""
        public = self.key.as_dict(private=False)
        return {"keys": [{**public, "use": "sig", "alg": "RS256", "kid": self.kid, "key_ops": ["verify"]}]}

    def make(self, user: TokenUser, kind: TokenType, now: datetime, life: timedelta, csrf: str | None = None) -> str:
        """A signed token for the user."""
        claims: dict[str, Any] = {
            "iat": int(now.timestamp()),
            "owner": OWNER,
            "iss": self.issuer,
            "exp": int((now + life).timestamp()),
            "token": user.token_key,
            "email": user.email,
            "type": kind,
            "user_id": ids.encode("User", user.id),
            "is_staff": user.is_staff,
            # Two tokens of one second differ, so that each refresh token has a row of its own.
            "jti": secrets.token_hex(8),
        }
        if csrf is not None:
            claims["csrfToken"] = csrf
        return jwt.encode({"alg": "RS256", "kid": self.kid, "typ": "JWT"}, claims, self.key)

    def read(self, token: str, kind: TokenType, now: datetime) -> Mapping[str, Any]:
        """The claims. Raises: NotOurs for no token of this shop, InvalidToken for one that is not good (any more)."""
        if token.count(".") != 2 or len(token) > 4096:
            raise NotOurs("not a JWT")
        try:
            decoded = jwt.decode(token, self.key, algorithms=["RS256"])
        except JoseError as error:
            if error.error == "bad_signature":
                raise InvalidToken("InvalidSignatureError", "Signature verification failed") from None
            raise NotOurs(str(error)) from None
        except (ValueError, TypeError) as error:
            raise NotOurs(str(error)) from None
        claims = decoded.claims
        if claims.get("iss") != self.issuer or claims.get("owner") != OWNER:
            raise NotOurs("another issuer's token")
        if claims.get("type") != kind:
            raise InvalidToken(
                "InvalidTokenError", f"Not an {kind} token" if kind == "access" else "Not a refresh token"
            )
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires <= now.timestamp():
            raise InvalidToken("ExpiredSignatureError", "Signature has expired")
        return claims


def user_id_of(claims: Mapping[str, Any]) -> int:
    """The user's key. Raises: InvalidToken."""
    try:
        return ids.decode_int(str(claims.get("user_id")), "User")
    except ids.InvalidId:
        raise InvalidToken("InvalidTokenError", "Invalid token.") from None
