"""The test cards, test bank accounts and test payment methods, and what each of them does when it is charged.

Source: https://docs.stripe.com/testing
"""

from dataclasses import dataclass
from typing import Any

from shop.sandbox.errors import ApiError, card_error, invalid


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What becomes of a charge: declined with `code`, asked for 3-D Secure, disputed, refund trouble.

    `slow` is for bank debits, which are under way for a while before they succeed or fail with `code`.
    """

    code: str | None = None
    decline_code: str | None = None
    message: str = ""
    attaches: bool = True
    authenticates: bool = False
    disputed: bool = False
    refund: str = "succeeded"
    slow: bool = False


def _declined(decline_code: str, message: str = "Your card was declined.", *, attaches: bool = False) -> Behaviour:
    return Behaviour("card_declined", decline_code, message, attaches=attaches)


GOOD = Behaviour()
_FUNDS = "Your card has insufficient funds."
_BEHAVIOURS: dict[str, Behaviour] = {
    "4000000000000002": _declined("generic_decline"),
    "4000000000009995": _declined("insufficient_funds", _FUNDS),
    "4000000000009987": _declined("lost_card"),
    "4000000000009979": _declined("stolen_card"),
    "4000000000000069": Behaviour("expired_card", None, "Your card has expired.", attaches=False),
    "4000000000000127": Behaviour("incorrect_cvc", None, "Your card's security code is incorrect.", attaches=False),
    "4000000000000119": Behaviour(
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
        attaches=False,
    ),
    "4000000000000341": _declined("generic_decline", attaches=True),
    "4000002500003155": Behaviour(authenticates=True),
    "4000002760003184": Behaviour(authenticates=True),
    "4000008260003178": Behaviour("card_declined", "insufficient_funds", _FUNDS, authenticates=True),
    "4000000000000259": Behaviour(disputed=True),
    "4000000000007726": Behaviour(refund="pending"),
    "4000000000005126": Behaviour(refund="failed"),
}
# Bank accounts for SEPA debits, by IBAN.
_DEBITS: dict[str, Behaviour] = {
    "DE89370400440532013000": Behaviour(slow=True),
    "AT611904300234573201": Behaviour(slow=True),
    "DE62370400440532013001": Behaviour(
        "insufficient_funds", None, "The customer's account has insufficient funds to cover this payment.", slow=True
    ),
}
_BRANDS = (("34", "amex"), ("37", "amex"), ("4", "visa"), ("5", "mastercard"), ("2", "mastercard"), ("6", "discover"))
NAMED = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_mastercard_debit": "5200828282828210",
    "pm_card_amex": "378282246310005",
    "pm_card_discover": "6011111111111117",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_threeDSecure2Required": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


# Any other number may be somebody's real card: it is refused and never stored.
_TEST_PREFIXES = ("4000", "4242")
_TEST_NUMBERS = frozenset(NAMED.values()) | frozenset(
    [
        "4012888888881881",
        "4111111111111111",
        "2223003122003222",
        "5105105105105100",
        "5454545454545454",
        "371449635398431",
        "6011000990139424",
        "6011981111111113",
        "3056930009020004",
        "36227206271667",
        "6555900000604105",
        "3566002020360505",
        "6200000000000005",
        "6200000000000047",
    ]
)


def behaviour(number: str) -> Behaviour:
    """What this card or account does. A number without a part of its own is a good card."""
    return _DEBITS.get(number) or _BEHAVIOURS.get(number, GOOD)


def check_iban(iban: str) -> str:
    """The account's number without blanks. Raises: ApiError (400) for any but the test accounts."""
    number = "".join(iban.split()).upper()
    if number not in _DEBITS:
        raise invalid(
            "This IBAN is not one of the test accounts.", param="sepa_debit[iban]", code="invalid_bank_account_iban"
        )
    return number


def brand(number: str) -> str:
    """The network that the number's first digits belong to."""
    return next((name for prefix, name in _BRANDS if number.startswith(prefix)), "unknown")


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def check(number: str, month: int | None, year: int | None, cvc: str | None, now: tuple[int, int]) -> dict[str, Any]:
    """The card's stored details.

    Shapes: `now` is (year, month). Raises: ApiError (402) with the code and parameter that Stripe names for a number
    that cannot exist, a date in the past or a malformed security code.
    """
    digits = "".join(number.split()).replace("-", "")
    if not digits.isascii() or not digits.isdecimal() or not 12 <= len(digits) <= 19:
        raise _bad("number", "The card number is not a valid credit card number.", "invalid_number")
    if not _luhn(digits):
        raise _bad("number", "Your card number is incorrect.", "incorrect_number")
    if not digits.startswith(_TEST_PREFIXES) and digits not in _TEST_NUMBERS:
        raise _bad(
            "number",
            "Your card was declined. Your request was in test mode, but used a non test (live) card.",
            "card_declined",
            "test_mode_live_card",
        )
    if month is None or not 1 <= month <= 12:
        raise _bad("exp_month", "Your card's expiration month is invalid.", "invalid_expiry_month")
    if year is None or not 0 <= year <= 9999:
        raise _bad("exp_year", "Your card's expiration year is invalid.", "invalid_expiry_year")
    full_year = year + 2000 if year < 100 else year
    if not now <= (full_year, month) or full_year > now[0] + 50:
        raise _bad("exp_year", "Your card's expiration year is invalid.", "invalid_expiry_year")
    length = 4 if brand(digits) == "amex" else 3
    if cvc is not None and (not cvc.isascii() or not cvc.isdecimal() or len(cvc) != length):
        raise _bad("cvc", "Your card's security code is invalid.", "invalid_cvc")
    return {"number": digits, "exp_month": month, "exp_year": full_year, "cvc_given": cvc is not None}


def _bad(param: str, message: str, code: str, decline_code: str | None = None) -> ApiError:
    error = card_error(message, code=code, decline_code=decline_code, param=param)
    error.keeps_changes = False  # nothing has happened yet
    return error
