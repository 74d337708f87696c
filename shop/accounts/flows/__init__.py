"""Use cases with work that no transaction should wait for: a password is hashed, a picture decoded, between units."""

from shop.accounts.flows.avatars import show_with
from shop.accounts.flows.passwords import change_password, confirm_account, request_email_change, set_password
from shop.accounts.flows.registration import register
from shop.accounts.flows.sessions import Lives, Tokens, is_current, log_in, refreshed

__all__ = [
    "Lives",
    "Tokens",
    "change_password",
    "confirm_account",
    "is_current",
    "log_in",
    "refreshed",
    "register",
    "request_email_change",
    "set_password",
    "show_with",
]
