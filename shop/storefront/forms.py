"""Forms: what was typed, and what the API said about it."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import FormData, QueryParams

ADDRESS_FIELDS: Final = (
    "firstName",
    "lastName",
    "companyName",
    "streetAddress1",
    "streetAddress2",
    "city",
    "postalCode",
    "country",
    "countryArea",
    "phone",
)
PERSON_FIELDS: Final = ("firstName", "lastName", "country")
LABELS: Final = {
    "email": "E-mail",
    "newEmail": "New e-mail",
    "password": "Password",
    "oldPassword": "Current password",
    "newPassword": "New password",
    "firstName": "First name",
    "lastName": "Last name",
    "companyName": "Company",
    "streetAddress1": "Street and number",
    "streetAddress2": "Flat, floor, building",
    "city": "City",
    "postalCode": "Postal code",
    "country": "Country",
    "countryArea": "State or region",
    "phone": "Phone",
}
_LENGTH: Final = 256
_TOKEN_LENGTH: Final = 2048


def texts(source: FormData | QueryParams, *names: str) -> dict[str, str]:
    """What was typed into these fields; empty where nothing was."""
    return {name: str(source.get(name) or "").strip()[:_TOKEN_LENGTH] for name in names}


def address(form: FormData, prefix: str, fields: tuple[str, ...]) -> dict[str, str]:
    """The AddressInput under a prefix: `shipping.city` becomes `city`."""
    typed = {field: str(form.get(f"{prefix}.{field}") or "").strip()[:_LENGTH] for field in fields}
    return {field: value for field, value in typed.items() if value}


def prefill(known: Mapping[str, Any] | None, fields: tuple[str, ...]) -> dict[str, str]:
    """An address of the checkout as the form shows it."""
    if known is None:
        return {}
    return {field: known["country"]["code"] if field == "country" else known[field] or "" for field in fields}


def errors(payload: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The payload's errors by form field; those of no field stand under the empty name."""
    found: dict[str, str] = {}
    for error in payload["errors"]:
        name = f"{prefix}{error['field']}" if error["field"] else ""
        found.setdefault(name, error["message"] or "Please check this field.")
    return found
