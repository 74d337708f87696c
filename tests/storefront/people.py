"""The accounts of the shop in memory: who is signed in follows from the token that comes with a document."""

import itertools
from typing import Any

Fields = dict[str, Any]

EMAIL = "shopper@example.com"
PASSWORD = "a short sentence"


def refused(field: str | None, message: str, code: str = "INVALID") -> Fields:
    """A payload that only holds an error."""
    error = {"field": field, "message": message, "code": code, "addressType": None}
    return {"errors": [error], "token": None, "refreshToken": None, "user": None, "address": None}


class People:
    """One customer with their sessions, as the API would know them."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.person: Fields = {"id": "VXNlcjox", "email": EMAIL, "firstName": "Example", "lastName": "Shopper"}
        self.password = PASSWORD
        self.is_confirmed = True
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.addresses: dict[str, Fields] = {}
        self.mailed: list[str] = []
        self.attached: list[str] = []
        self.delayed = False
        self._tokens = itertools.count(1)

    def me(self, info: Any) -> Fields | None:
        if self.token not in self.access:
            return None
        book = [address | {"id": key} for key, address in self.addresses.items()]
        return self.person | self.belongings() | {"addresses": book}

    def belongings(self) -> Fields:
        """What the rest of the shop has of the customer."""
        return {}

    def tokenCreate(self, info: Any, email: str, password: str) -> Fields:  # noqa: N802 - the schema's name
        if self.delayed:
            return refused(None, "Too many attempts. Try again in 8 seconds.", "LOGIN_ATTEMPT_DELAYED")
        if (email, password) != (self.person["email"], self.password) or not self.is_confirmed:
            return refused("email", "Please, enter valid credentials", "INVALID_CREDENTIALS")
        return self._session()

    def tokenRefresh(self, info: Any, refreshToken: str) -> Fields:  # noqa: N802, N803
        if refreshToken not in self.refresh:
            return refused("refreshToken", "Invalid token", "JWT_INVALID_TOKEN")
        return {"token": self._session()["token"], "errors": []}

    def accountRegister(self, info: Any, input: Fields) -> Fields:  # noqa: N802
        if len(input["password"]) < 8:
            return refused("password", "This password is too short.", "PASSWORD_TOO_SHORT")
        self.mailed.append(input["redirectUrl"])
        self.person |= {"email": input["email"], "firstName": input["firstName"]}
        self.password, self.is_confirmed = input["password"], False
        return {"requiresConfirmation": True, "errors": []}

    def confirmAccount(self, info: Any, email: str, token: str, password: str) -> Fields:  # noqa: N802
        if token != "good":
            return refused("token", "Invalid or expired token.")
        if password != self.password:
            return refused("password", "This is not the password.", "INVALID_CREDENTIALS")
        self.is_confirmed = True
        return {"errors": []}

    def requestPasswordReset(self, info: Any, email: str, redirectUrl: str) -> Fields:  # noqa: N802, N803
        self.mailed.append(redirectUrl)
        return {"errors": []}

    def setPassword(self, info: Any, email: str, token: str, password: str) -> Fields:  # noqa: N802
        if token != "good":
            return refused("token", "Invalid or expired token.")
        self.password = password
        self.end_sessions()
        return self._session()

    def passwordChange(self, info: Any, oldPassword: str, newPassword: str) -> Fields:  # noqa: N802, N803
        if oldPassword != self.password:
            return refused("oldPassword", "Old password isn't valid.", "INVALID_CREDENTIALS")
        self.password = newPassword
        self.end_sessions()
        return {"errors": []}

    def accountUpdate(self, info: Any, input: Fields) -> Fields:  # noqa: N802
        self.person |= input
        return {"errors": []}

    def requestEmailChange(self, info: Any, newEmail: str, password: str, redirectUrl: str) -> Fields:  # noqa: N802, N803
        if password != self.password:
            return refused("password", "Password isn't valid.", "INVALID_CREDENTIALS")
        self.mailed.append(redirectUrl)
        return {"errors": []}

    def confirmEmailChange(self, info: Any, token: str) -> Fields:  # noqa: N802
        if token != "good":
            return refused("token", "Invalid or expired token.")
        self.person |= {"email": "new@example.com"}
        return {"errors": []}

    def accountRequestDeletion(self, info: Any, redirectUrl: str) -> Fields:  # noqa: N802, N803
        self.mailed.append(redirectUrl)
        return {"errors": []}

    def accountDelete(self, info: Any, token: str) -> Fields:  # noqa: N802
        if token != "good":
            return refused("token", "Invalid or expired token.")
        self.end_sessions()
        return {"errors": []}

    def accountAddressCreate(self, info: Any, input: Fields) -> Fields:  # noqa: N802
        return self._keep(f"A{len(self.addresses) + 1}", input)

    def accountAddressUpdate(self, info: Any, id: str, input: Fields) -> Fields:  # noqa: N802
        return self._keep(id, input)

    def accountAddressDelete(self, info: Any, id: str) -> Fields:  # noqa: N802
        if self.addresses.pop(id, None) is None:
            return refused("id", "There is no such address.", "NOT_FOUND")
        return {"errors": []}

    def accountSetDefaultAddress(self, info: Any, id: str, type: str) -> Fields:  # noqa: N802
        field = {"SHIPPING": "isDefaultShippingAddress", "BILLING": "isDefaultBillingAddress"}[type]
        for key, address in self.addresses.items():
            address[field] = key == id
        return {"errors": []}

    def checkoutCustomerAttach(self, info: Any, id: str) -> Fields:  # noqa: N802
        self.attached.append(id)
        return refused("id", "It is somebody's already.") | {"checkout": None}

    def end_sessions(self) -> None:
        """As after a new password: every token given out so far is worth nothing."""
        self.access.clear()
        self.refresh.clear()

    def _session(self) -> Fields:
        number = next(self._tokens)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self.access.add(access)
        self.refresh.add(refresh)
        return {"token": access, "refreshToken": refresh, "user": self.person, "errors": []}

    def _keep(self, key: str, typed: Fields) -> Fields:
        if not typed.get("postalCode"):
            return refused("postalCode", "This field is required.", "REQUIRED")
        names = "firstName lastName companyName streetAddress1 streetAddress2 city postalCode countryArea phone"
        flags = {"isDefaultShippingAddress": False, "isDefaultBillingAddress": False}
        country = {"code": typed["country"], "country": "United States"}
        known = {name: typed.get(name) or "" for name in names.split()} | {"country": country}
        self.addresses[key] = flags | self.addresses.get(key, {}) | known
        return {"address": {"id": key}, "errors": []}
