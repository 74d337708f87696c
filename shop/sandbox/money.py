"""Currencies as Stripe takes them: which, their smallest charge, their decimals, and how to show an amount."""

from decimal import Decimal

from shop.sandbox.errors import invalid

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
# Two decimals on the wire for old integrations' sake, but no fraction in circulation.
WHOLE_ONLY = frozenset(["isk", "ugx"])
SUPPORTED = (
    ZERO_DECIMAL
    | THREE_DECIMAL
    | frozenset(
        [
            "usd",
            "aed",
            "afn",
            "all",
            "amd",
            "ang",
            "aoa",
            "ars",
            "aud",
            "awg",
            "azn",
            "bam",
            "bbd",
            "bdt",
            "bgn",
            "bmd",
            "bnd",
            "bob",
            "brl",
            "bsd",
            "bwp",
            "byn",
            "bzd",
            "cad",
            "cdf",
            "chf",
            "cny",
            "cop",
            "crc",
            "cve",
            "czk",
            "dkk",
            "dop",
            "dzd",
            "egp",
            "etb",
            "eur",
            "fjd",
            "fkp",
            "gbp",
            "gel",
            "gip",
            "gmd",
            "gtq",
            "gyd",
            "hkd",
            "hnl",
            "htg",
            "huf",
            "idr",
            "ils",
            "inr",
            "isk",
            "jmd",
            "kes",
            "kgs",
            "khr",
            "kyd",
            "kzt",
            "lak",
            "lbp",
            "lkr",
            "lrd",
            "lsl",
            "mad",
            "mdl",
            "mkd",
            "mmk",
            "mnt",
            "mop",
            "mur",
            "mvr",
            "mwk",
            "mxn",
            "myr",
            "mzn",
            "nad",
            "ngn",
            "nio",
            "nok",
            "npr",
            "nzd",
            "pab",
            "pen",
            "pgk",
            "php",
            "pkr",
            "pln",
            "qar",
            "ron",
            "rsd",
            "rub",
            "sar",
            "sbd",
            "scr",
            "sek",
            "sgd",
            "shp",
            "sle",
            "sos",
            "srd",
            "std",
            "szl",
            "thb",
            "tjs",
            "top",
            "try",
            "ttd",
            "twd",
            "tzs",
            "uah",
            "ugx",
            "uyu",
            "uzs",
            "wst",
            "xcd",
            "xcg",
            "yer",
            "zar",
            "zmw",
        ]
    )
)
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MAXIMUM = 99_999_999
_SIGN = {
    "usd": "$",
    "eur": "€",
    "gbp": "£",
    "jpy": "¥",
    "cad": "CA$",
    "aud": "A$",
    "nzd": "NZ$",
    "inr": "₹",
    "krw": "₩",
}


def decimals(currency: str) -> int:
    """How many decimals the currency's minor unit stands for on the wire."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def show(amount_minor: int, currency: str) -> str:
    """The amount as a shopper reads it, with the currency's own number of decimals. Units: minor units in."""
    places = decimals(currency)
    value = Decimal(amount_minor).scaleb(-places)
    if currency in WHOLE_ONLY:
        places = 0
    text = f"{abs(value):,.{places}f}"
    minus = "-" if amount_minor < 0 else ""
    sign = _SIGN.get(currency)
    return f"{minus}{sign}{text}" if sign else f"{minus}{text} {currency.upper()}"


def check_currency(currency: str, param: str = "currency") -> str:
    """The code in lower case. Raises: ApiError for a code Stripe does not take."""
    code = currency.lower()
    if code not in SUPPORTED:
        raise invalid(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(SUPPORTED))}",
            param=param,
        )
    return code


def check_granularity(amount_minor: int, currency: str, param: str) -> None:
    """Raises: ApiError for an amount finer than the currency's smallest coin."""
    if currency in THREE_DECIMAL and amount_minor % 10:
        raise invalid(f"Invalid amount: {currency} amounts must be evenly divisible by 10.", param=param)
    if currency in WHOLE_ONLY and amount_minor % 100:
        raise invalid(f"Invalid amount: {currency} amounts must be evenly divisible by 100.", param=param)


def check_charge(amount_minor: int, currency: str, param: str = "amount", subject: str = "Amount") -> None:
    """Raises: ApiError for an amount below the currency's smallest or above Stripe's largest charge."""
    if amount_minor < 1:
        raise invalid("This value must be greater than or equal to 1.", param=param, code="parameter_invalid_integer")
    smallest = _MINIMUM.get(currency, 1)
    if amount_minor < smallest:
        raise invalid(
            f"{subject} must be at least {show(smallest, currency)} {currency}", param=param, code="amount_too_small"
        )
    if amount_minor > MAXIMUM:
        raise invalid(
            f"{subject} must be no more than {show(MAXIMUM, currency)} {currency}",
            param=param,
            code="amount_too_large",
        )
    check_granularity(amount_minor, currency, param)
