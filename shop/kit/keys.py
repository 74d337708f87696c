"""Keys for one purpose each, derived from the root secret; signing and encryption with them.

One label a purpose: a token made for one can never pass for another.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=64)
def derive(root: str, purpose: str) -> bytes:
    """32 bytes for this purpose. Source: RFC 5869."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"shop", info=purpose.encode()).derive(root.encode())


def sign(key: bytes, text: str) -> str:
    """The text's HMAC-SHA256, URL-safe."""
    return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()


def verify(key: bytes, text: str, signature: str) -> bool:
    """Whether the signature is the text's; in constant time."""
    return hmac.compare_digest(sign(key, text).encode(), signature.encode())


def encrypt(key: bytes, plain: str, *, bound_to: str = "") -> str:
    """AES-GCM, URL-safe text; `bound_to` (a row's key, say) must be given again to decrypt."""
    nonce = secrets.token_bytes(12)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain.encode(), bound_to.encode())).decode()


def decrypt(key: bytes, sealed: str, *, bound_to: str = "") -> str:
    """The plain text. Raises: cryptography.exceptions.InvalidTag for another key, binding or a changed text."""
    raw = base64.urlsafe_b64decode(sealed)
    return AESGCM(key).decrypt(raw[:12], raw[12:], bound_to.encode()).decode()
