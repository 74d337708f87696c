"""Tokens and passwords: what is in a token, who may use it, and which passwords are accepted.

Source: Saleor's public documentation of its JWTs; RFC 7519, RFC 7517.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from shop.accounts.errors import WeakPassword
from shop.kit import ids
from shop.kit.errors import Invalid

TokenType = Literal["access", "refresh"]
MINIMUM_PASSWORD_LENGTH: Final = 8
_LONGEST_NAME: Final = 256
# What lists of leaked passwords begin with, as far as it is long enough and not only digits.
_COMMON: Final = frozenset(
    [
        *("password", "password1", "password12", "password123", "password1234", "passw0rd", "p@ssw0rd"),
        *("p@ssword", "qwertyui", "qwertyuiop", "qwerty12", "qwerty123", "qwerty1234", "1q2w3e4r"),
        *("1q2w3e4r5t", "1qaz2wsx", "1qazxsw2", "zaq12wsx", "q1w2e3r4", "asdfghjk", "asdfghjkl"),
        *("zxcvbnm1", "abcd1234", "abc12345", "a1b2c3d4", "aa123456", "1234qwer", "iloveyou", "iloveyou1"),
        *("sunshine", "sunshine1", "princess", "princess1", "football", "football1", "baseball"),
        *("baseball1", "superman", "superman1", "starwars", "trustno1", "whatever", "computer"),
        *("michelle", "jennifer", "samantha", "charlie1", "welcome1", "welcome123", "letmein1"),
        *("letmein123", "admin123", "administrator", "changeme", "changeme1", "changeme123", "default1"),
        *("internet", "dragon123", "monkey123", "master123", "shadow123", "liverpool", "chelsea1"),
        *("arsenal1", "chocolate", "butterfly", "pokemon1", "minecraft", "corvette"),
    ]
)
OWNER: Final = "saleor"
_PUBLIC_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
# Without the signs that mail headers give a meaning: they would make another address of it.
_EMAIL: Final = re.compile(r"[^@\s\0<>()\[\],;:\"\\]{1,64}@[^@\s\0<>()\[\],;:\"\\]+\.[^@\s\0.<>()\[\],;:\"\\]{2,}")


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


def check_email(email: str, *, field: str) -> None:
    """Mail could be sent there. Raises: Invalid on `field`."""
    if not is_email(email):
        raise Invalid("Enter a valid email address.", field=field)


def check_name(text: str, *, field: str) -> None:
    """A first or last name that fits. Raises: Invalid on `field`."""
    if len(text) > _LONGEST_NAME:
        raise Invalid(f"This field holds at most {_LONGEST_NAME} characters.", field=field)


def check_password(password: str, *, email: str = "", field: str = "password", common: bool = False) -> None:
    """The password may be used; with `common` even one that everybody tries first.

    Raises: WeakPassword with Saleor's code. Source: NIST SP 800-63B, 5.1.1.2: length and no obvious values, no rules
    about kinds of characters.
    """
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise WeakPassword(
            f"This password is too short. It must contain at least {MINIMUM_PASSWORD_LENGTH} characters.",
            field=field,
        )
    if password.isdigit():
        raise WeakPassword("This password is entirely numeric.", field=field, code="PASSWORD_ENTIRELY_NUMERIC")
    if not common and password.lower() in _COMMON:
        raise WeakPassword("This password is too common.", field=field, code="PASSWORD_TOO_COMMON")
    name = email.partition("@")[0].lower()
    if len(name) >= 4 and name in password.lower():
        raise WeakPassword("The password is too similar to the email.", field=field, code="PASSWORD_TOO_SIMILAR")


def token_hash(token: str) -> str:
    """What is stored of a refresh token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Signer:
    """Makes tokens with one RSA key, and reads those of the keys before it too; a `kid` is an RFC 7638 thumbprint."""

    def __init__(self, private_key_pem: str, issuer: str, previous_public_pems: Sequence[str] = ()) -> None:
        self.key = RSAKey.import_key(private_key_pem)
        self.kid = self.key.thumbprint()
        self.issuer = issuer
        previous = [RSAKey.import_key(pem) for pem in previous_public_pems]
        self._known = {key.thumbprint(): key for key in (self.key, *previous)}

    def public_keys(self) -> dict[str, Any]:
        """The JWKS: how others check our tokens, the newest key first."""
        about = {"use": "sig", "alg": "RS256", "key_ops": ["verify"]}
        return {"keys": [{**key.as_dict(private=False), **about, "kid": kid} for kid, key in self._known.items()]}

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
            decoded = jwt.decode(token, self._known.get(_kid_of(token), self.key), algorithms=["RS256"])
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


def _kid_of(token: str) -> str:
    """The key that the token says it was signed with; empty where it names none."""
    head = token.partition(".")[0]
    try:
        named = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return ""
    return str(named.get("kid", "")) if isinstance(named, dict) else ""


def public_pems(text: str) -> tuple[str, ...]:
    """The public keys in a text that holds one PEM after the other. Raises: ValueError for a text without any."""
    found = tuple(_PUBLIC_PEM.findall(text))
    if not found or _PUBLIC_PEM.sub("", text).strip():
        raise ValueError("one or more PEM blocks of PUBLIC KEY are expected")
    return found


def user_id_of(claims: Mapping[str, Any]) -> int:
    """The user's key. Raises: InvalidToken."""
    try:
        return ids.decode_int(str(claims.get("user_id")), "User")
    except ids.InvalidId:
        raise InvalidToken("InvalidTokenError", "Invalid token.") from None
