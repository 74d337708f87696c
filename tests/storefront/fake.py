"""A shop in memory behind the real schema: the storefront's documents are validated and executed for real, the data is
made up. Prices, stock and refusals are just enough to see every page; the rules themselves are tested elsewhere.
"""

import itertools
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute,
    parse,
    validate,
)
from starlette.requests import Request

from shop.kit import ids, resources
from tests.storefront.people import People
from tests.storefront.talk import Talk
from tests.storefront.visits import VISIT, Visits, slot

Fields = dict[str, Any]


@cache
def schema() -> GraphQLSchema:
    """The committed contract."""
    text = (resources.graphql_folder() / "schema.graphql").read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True)


@cache
def checked(document: str) -> DocumentNode:
    """The document, which is one of the contract; read once, however often it is asked."""
    found = parse(document)
    assert validate(schema(), found) == []
    return found


def amount(value: float, currency: str) -> Fields:
    """A Money."""
    return {"amount": value, "currency": currency}


def taxed(net: float, currency: str, rate: float = 0.0) -> Fields:
    """A TaxedMoney."""
    tax = round(net * rate, 2)
    return {"net": amount(net, currency), "tax": amount(tax, currency), "gross": amount(round(net + tax, 2), currency)}


def edges(items: list[Fields]) -> Fields:
    """A connection of one page."""
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    return {"edges": [{"node": item, "cursor": "c"} for item in items], "pageInfo": info, "totalCount": len(items)}


def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A key of a dictionary or a method of the shop, called with the arguments that the document gave."""
    value = source.get(info.field_name) if isinstance(source, dict) else getattr(source, info.field_name)
    given = {name: argument for name, argument in arguments.items() if argument is not None}
    return value(info, **given) if callable(value) else value


def _told(error: GraphQLError) -> Fields:
    """The error as the real API tells it: of a variable that it cannot read with a code."""
    told: Fields = dict(error.formatted)
    return told if error.path else told | {"extensions": {"exception": {"code": "GraphQLError"}}}


class FakeShop(Visits, People, Talk):
    """The root of every query and mutation, with its state in attributes that tests read and set."""

    def __init__(self) -> None:
        People.__init__(self)
        Visits.__init__(self)
        Talk.__init__(self)
        self.currencies = {"default-channel": "USD", "europe": "EUR"}
        # What is in the drawer, and what staff would read there.
        self.widgets: list[Fields] = []
        self.hint: str | None = None
        self.voucher_ended = False
        self.checkouts: dict[str, Fields] = {}
        self.orders: dict[str, Fields] = {}
        # None: the payment was made in another tab meanwhile.
        self.session_url: str | None = "https://checkout.stripe.test/pay/cs_1"
        self.payment_type = "CHARGE_SUCCESS"
        self.charge_status = "NONE"
        self.problems: list[str] = []
        self.complete_error: str | None = None
        self.broken = ""
        self.page_order: Fields | None = None
        self.operations: list[str] = []
        self.variables: list[Fields] = []
        self._numbers = itertools.count(1)
        self.stock = [
            self._product("course-of-3-consultations", "Course of 3 consultations", 330, ships=False),
            self._product("gentle-shampoo", "Gentle shampoo", 18, 29, ships=True),
            self._product("sold-out-comb", "Sold-out comb", 12, ships=True, left=0),
            self._product("few-caps", "Recovery cap", 24, ships=True, left=3),
        ]

    async def execute(self, request: Request, document: str, name: str, variables: Fields, token: str | None) -> Fields:
        """What the real API does with a document."""
        self.token = token
        self.operations.append(name)
        self.variables.append(variables)
        if self.broken:
            error = {"message": "broken on purpose", "extensions": {"exception": {"code": self.broken}}}
            return {"data": {"checkout": None}, "errors": [error | {"path": ["checkout"]}]}
        result = execute(
            schema(), checked(document), self, variable_values=variables, operation_name=name, field_resolver=resolve
        )
        assert isinstance(result, ExecutionResult)
        reply: Fields = {"data": result.data}
        if result.errors:
            reply["errors"] = [_told(error) for error in result.errors]
        return reply

    def sent(self, name: str) -> Fields:
        """The variables that an operation was last sent with."""
        last = len(self.operations) - 1 - self.operations[::-1].index(name)
        return self.variables[last]

    # --- queries

    def shop(self, info: Any) -> Fields:
        return {
            "name": "Example Hair Clinic",
            "description": "Consultations on hair and scalp, and a small range of aftercare.",
            "headerText": "Clear answers about hair and scalp",
            "navigation": self.navigation,
        }

    def channel(self, info: Any, slug: str) -> Fields | None:
        if slug not in self.currencies:
            return None
        countries = [{"code": "US", "country": "United States"}, {"code": "DE", "country": "Germany"}]
        currency = self.currencies[slug]
        return {"id": slug, "slug": slug, "name": slug.title(), "currencyCode": currency, "countries": countries}

    def navigation(self, info: Any, channel: str) -> Fields:
        blank: Fields = {"url": None, "category": None, "collection": None, "page": None, "children": []}
        about = blank | {"id": "1", "name": "About", "page": {"slug": "about"}}
        care = blank | {"id": "2", "name": "Aftercare", "category": {"slug": "aftercare"}}
        group = blank | {"id": "3", "name": "Read", "children": [about]}
        elsewhere = blank | {"id": "4", "name": "Featured", "collection": {"slug": "featured-products"}}
        return {"main": {"items": [care, about]}, "secondary": {"items": [group, elsewhere]}}

    def widgetArea(self, info: Any, slug: str, channel: str) -> Fields | None:  # noqa: N802 - the schema's name
        return {"hint": self.hint, "widgets": self.widgets} if slug == "offcanvas-sidebar" else None

    def collection(self, info: Any, slug: str, channel: str) -> Fields | None:
        if slug != "featured-products":
            return None
        found = [self._listed(product, channel) for product in self.stock]
        node = {"id": ids.encode("Collection", 1), "name": "Featured products", "slug": slug, "descriptionHtml": None}
        return node | {"seoTitle": None, "seoDescription": None, "products": lambda info, first: edges(found[:first])}

    def collections(self, info: Any, **paging: Any) -> Fields:
        return edges([{"slug": "featured-products"}])

    def categories(self, info: Any, first: int, **rest: Any) -> Fields:
        return edges([self._category("aftercare"), self._category("consultations")])

    def category(self, info: Any, slug: str) -> Fields | None:
        return self._category(slug) if slug in {"aftercare", "consultations"} else None

    def pages(self, info: Any, first: int, search: str = "", **rest: Any) -> Fields:
        self.page_order = rest.get("sortBy", self.page_order)
        found = [self._page("hair", "article"), self._page("terms", "information")]
        return edges([page for page in found if search.lower() in page["title"].lower()])

    def page(self, info: Any, slug: str, **how: Any) -> Fields | None:
        """`old-hair` was the slug of `hair`, which is `haar` in German and was `altes-haar`; `draft` is shown to who
        holds its token. The terms had the address `agb` in German, and have none any more.
        """
        kinds = {"hair": "article", "terms": "information"}
        if how.get("slugLanguageCode") is not None:
            german = {"haar": "hair"} | ({"altes-haar": "hair", "agb": "terms"} if how.get("moved") else {})
            found = german.get(slug) if how["slugLanguageCode"] == "DE" else None
            return None if found is None else self._page(found, kinds[found])
        if slug == "old-hair" and how.get("moved"):
            return self._page("hair", "article")
        if slug == "draft" and how.get("previewToken") == "token":
            return self._page(slug, "article")
        return self._page(slug, kinds[slug]) if slug in kinds else None

    def pageByFormerAddress(self, info: Any, address: str) -> Fields | None:  # noqa: N802 - the schema's name
        return {"slug": "hair"} if address in {"/2024/05/hair/", "/?p=5"} else None

    def products(self, info: Any, channel: str, **wanted: Any) -> Fields:
        search = (wanted.get("search") or (wanted.get("filter") or {}).get("search") or "").lower()
        return edges([self._listed(product, channel) for product in self.stock if search in product["name"].lower()])

    def product(self, info: Any, slug: str, channel: str) -> Fields | None:
        return next((self._listed(p, channel) for p in self.stock if p["slug"] == slug), None)

    def productVariants(self, info: Any, ids: list[str], channel: str, **rest: Any) -> Fields:  # noqa: N802
        sold = [(variant, product) for product in self.stock for variant in product["variants"]]
        return edges([variant | {"product": product} for variant, product in sold if variant["id"] in ids])

    def checkout(self, info: Any, id: str) -> Fields | None:
        return self._priced(self.checkouts[id]) if id in self.checkouts else None

    def order(self, info: Any, id: str) -> Fields | None:
        return self.orders.get(id)

    def belongings(self) -> Fields:
        """What the customer has ordered, booked and bought in advance."""
        return {"orders": self.own_orders, "bookings": self.own_bookings, "entitlements": self.own_packages}

    def own_orders(self, info: Any, first: int, after: str | None = None) -> Fields:
        mine = [order for order in self.orders.values() if order["userEmail"] == self.person["email"]]
        start = int(after or 0)
        found = edges(mine[start : start + first])
        more = len(mine) > start + first
        return found | {"pageInfo": found["pageInfo"] | {"hasNextPage": more, "endCursor": str(start + first)}}

    # --- mutations

    def checkoutCreate(self, info: Any, input: Fields) -> Fields:  # noqa: N802 - the schema's name
        key = ids.encode("Checkout", uuid.uuid4())
        checkout: Fields = {"id": key, "channel": {"slug": input["channel"]}, "items": {}, "email": None}
        checkout |= {"shippingAddress": None, "billingAddress": None, "delivery": None}
        self.checkouts[key] = checkout
        return self._add(key, input["lines"])

    def checkoutLinesAdd(self, info: Any, id: str, lines: list[Fields]) -> Fields:  # noqa: N802
        return self._add(id, lines)

    def waitlistAccept(self, info: Any, token: str, checkoutId: str) -> Fields:  # noqa: N802, N803
        assert self.place is not None
        start = datetime.fromisoformat(self.place["offeredStart"])
        if checkoutId not in self.checkouts:
            return self._refusal("NOT_FOUND", "checkoutId", "Couldn't resolve to a node.")
        if slot(start) in self.taken:
            return self._refusal("INVALID_STATE", "id", "Nothing is offered any more.")
        self.offer("ACCEPTED")
        line = {"variantId": VISIT, "quantity": 1, "booking": {"slotToken": slot(start)}}
        return self._add(checkoutId, [line])

    def checkoutLinesUpdate(self, info: Any, id: str, lines: list[Fields]) -> Fields:  # noqa: N802
        return self._change(id, lambda c: c["items"].update({line["lineId"]: line["quantity"] for line in lines}))

    def checkoutLineDelete(self, info: Any, id: str, lineId: str) -> Fields:  # noqa: N802, N803
        return self._change(id, lambda c: c["items"].pop(lineId, None))

    def checkoutAddPromoCode(self, info: Any, id: str, promoCode: str) -> Fields:  # noqa: N802, N803
        if promoCode == "GIFT-CARD":
            card = {"id": ids.encode("GiftCard", 1), "displayCode": "CARD", "currentBalance": amount(30, "USD")}
            return self._change(id, lambda c: c.update(giftCards=[card]))
        if promoCode.upper() != "WELCOME10":
            return self._refusal("INVALID", "promoCode", "This code is not valid.")
        return self._change(id, lambda c: c.update(voucherCode="WELCOME10"))

    def checkoutRemovePromoCode(  # noqa: N802
        self,
        info: Any,
        id: str,
        promoCode: str | None = None,  # noqa: N803
        promoCodeId: str | None = None,  # noqa: N803
    ) -> Fields:
        gone: Fields = {"giftCards": []} if promoCodeId else {"voucherCode": None}
        return self._change(id, lambda c: c.update(gone))

    def checkoutEmailUpdate(self, info: Any, id: str, email: str) -> Fields:  # noqa: N802
        if "@" not in email:
            return self._refusal("REQUIRED", "email", "Enter a valid e-mail address.")
        return self._change(id, lambda c: c.update(email=email))

    def checkoutShippingAddressUpdate(self, info: Any, id: str, shippingAddress: Fields, **rules: Any) -> Fields:  # noqa: N802, N803
        if not shippingAddress.get("postalCode"):
            return self._refusal("REQUIRED", "postalCode", "This field is required.")
        return self._change(id, lambda c: c.update(shippingAddress=self._address(shippingAddress)))

    def checkoutBillingAddressUpdate(self, info: Any, id: str, billingAddress: Fields, **rules: Any) -> Fields:  # noqa: N802, N803
        return self._change(id, lambda c: c.update(billingAddress=self._address(billingAddress)))

    def checkoutDeliveryMethodUpdate(self, info: Any, id: str, deliveryMethodId: str) -> Fields:  # noqa: N802, N803
        if deliveryMethodId != "D1":
            return self._refusal("NOT_FOUND", "deliveryMethodId", "Not found.")
        return self._change(id, lambda c: c.update(delivery=self._delivery("USD")))

    def deliveryOptionsCalculate(self, info: Any, id: str) -> Fields:  # noqa: N802
        return {"deliveries": [self._delivery("USD")], "errors": []}

    def transactionInitialize(self, info: Any, id: str, paymentGateway: Fields) -> Fields:  # noqa: N802, N803
        event = {"type": "CHARGE_ACTION_REQUIRED" if self.session_url else "CHARGE_SUCCESS", "message": ""}
        data = {"checkoutSession": {"id": "cs_1", "url": self.session_url}}
        return {"transaction": {"id": "T1"}, "transactionEvent": event, "data": data, "errors": []}

    def transactionProcess(self, info: Any, id: str) -> Fields:  # noqa: N802
        event = {"type": self.payment_type, "message": ""}
        return {"transaction": {"id": id}, "transactionEvent": event, "data": None, "errors": []}

    def checkoutComplete(self, info: Any, id: str, **rest: Any) -> Fields:  # noqa: N802
        if self.complete_error:
            return {"order": None, **self._refusal(self.complete_error, None, "Could not be completed.")}
        done = next((order for order in self.orders.values() if order["checkout"] == id), None)
        if done is None:
            done = self._ordered(id)
            self.orders[done["id"]] = done
            del self.checkouts[id]
        return {"order": done, "errors": []}

    # --- data

    def _ordered(self, key: str) -> Fields:
        checkout = self._priced(self.checkouts[key])
        lines = [
            {
                "id": line["id"],
                "productName": line["variant"]["product"]["name"],
                "variantName": line["variant"]["name"],
                "quantity": line["quantity"],
                "thumbnail": None,
                "unitPrice": line["unitPrice"],
                "totalPrice": line["totalPrice"],
            }
            for line in checkout["lines"]
        ]
        return checkout | {
            "id": ids.encode("Order", uuid.uuid4()),
            "checkout": key,
            "number": str(next(self._numbers)),
            "created": "2026-03-01T12:00:00+00:00",
            "status": "UNFULFILLED",
            "statusDisplay": "Unfulfilled",
            "isPaid": True,
            "chargeStatus": "FULL",
            "userEmail": checkout["email"],
            "lines": lines,
            "subtotal": checkout["subtotalPrice"],
            "total": checkout["totalPrice"],
            "deliveryMethod": None,
            "paymentStatus": "FULLY_CHARGED",
            "totalCharged": checkout["totalPrice"]["gross"],
            "fulfillments": [],
            "invoices": [],
            "bookings": self.booked(checkout["lines"]),
        }

    def _product(self, slug: str, name: str, *prices: float, ships: bool, left: int = 50) -> Fields:
        variants = [
            {"id": f"{slug}-{number}", "name": f"Size {number}", "sku": f"SKU-{slug}-{number}", "price": price}
            for number, price in enumerate(prices, 1)
        ]
        kind = {"slug": "aftercare" if ships else "consultation", "isShippingRequired": ships}
        return {"slug": slug, "name": name, "variants": variants, "left": left, "productType": kind}

    def _listed(self, product: Fields, channel: str) -> Fields:
        currency = self.currencies[channel]
        prices = [taxed(variant["price"], currency) for variant in product["variants"]]
        offers = [
            variant
            | {
                "media": [],
                "bookableService": self.services.get(variant["id"]),
                "quantityAvailable": product["left"],
                "pricing": {
                    "price": price,
                    "priceUndiscounted": taxed(variant.get("before", variant["price"]), currency),
                },
            }
            for variant, price in zip(product["variants"], prices, strict=True)
        ]
        return product | {
            "id": product["slug"],
            "descriptionHtml": "<p>Mild &amp; <b>kind</b>.</p>",
            "seoTitle": None,
            "seoDescription": "About it.",
            "isAvailable": product["left"] > 0,
            "category": self._category("aftercare"),
            "thumbnail": lambda info, size, format: {"url": "/static/hero.svg", "alt": "A picture"},
            "pricing": {
                "displayGrossPrices": currency == "EUR",
                "onSale": any("before" in variant for variant in product["variants"]),
                "priceRange": {"start": prices[0], "stop": prices[-1]},
            },
            "media": [
                {
                    "alt": "A picture",
                    "type": "IMAGE",
                    "url": lambda info, size, format: "http://shop.test/static/hero.svg",
                }
            ],
            "productVariants": lambda info, first: edges(offers),
            "updatedAt": "2026-03-01T12:00:00+00:00",
        }

    def _category(self, slug: str) -> Fields:
        node = {"id": slug, "name": slug.title(), "slug": slug, "descriptionHtml": "<p>All of it.</p>"}
        return node | {"seoTitle": None, "seoDescription": "Of this kind.", "backgroundImage": None}

    def _page(self, slug: str, kind: str) -> Fields:
        parts = [{"level": 2, "anchor": f"part-{n}", "text": f"Part {n} & more"} for n in range(1, 5)]
        url = f"http://shop.test/pages/{slug}"
        alternates = [{"hreflang": "de", "slug": "haar", "url": "http://shop.test/de/pages/haar"}]
        medical = {
            "author": {"name": "Example clinic, editorial team"},
            "lastReviewed": "2026-01-10",
            "reviewDue": "2026-02-10",
            "reviewStatus": "OVERDUE",
            "regulatoryStatus": "Investigational.",
            "conflictOfInterest": "This site sells consultations.",
        }
        return self.talk_of(slug) | {
            "id": slug,
            "slug": slug,
            "title": slug.title(),
            "contentHtml": '<p>First words.</p><div class="disclaimer"><p>This is no medical advice.</p></div>'
            + "".join(
                f'<h2 id="{part["anchor"]}">Part {n} &amp; more</h2><ul><li><strong>Label:</strong> text</li></ul>'
                for n, part in enumerate(parts, 1)
            ),
            "isPublished": True,
            "publishedAt": "2026-03-01T12:00:00+00:00",
            "updatedAt": "2026-03-02T12:00:00+00:00",
            "canonicalUrl": url,
            "jsonLd": {"@context": "https://schema.org", "@type": "Article", "headline": slug.title()},
            "readingTimeMinutes": 4,
            "toc": [*parts, {"level": 3, "anchor": "deeper", "text": "Deeper"}],
            "openGraph": {
                "description": "First words.",
                "type": "article",
                "image": "http://shop.test/media/hair.jpg",
                "publishedTime": "2026-03-01T12:00:00+00:00",
                "modifiedTime": "2026-03-02T12:00:00+00:00",
            },
            "alternates": alternates if slug == "hair" else [],
            "pageType": {"slug": kind},
            "translation": lambda info, **language: {
                "title": "Haar",
                "slug": "haar" if slug == "hair" else None,
                "contentHtml": "<p>Erste Worte.</p>",
                "toc": [],
            },
            **(medical if kind == "article" else {}),
        }

    def _address(self, typed: Fields) -> Fields:
        names = "firstName lastName companyName streetAddress1 streetAddress2 city postalCode countryArea phone"
        country = {"code": typed["country"], "country": {"US": "United States"}.get(typed["country"], "Germany")}
        return {name: typed.get(name) or "" for name in names.split()} | {"country": country}

    def _delivery(self, currency: str) -> Fields:
        method = {"id": "S1", "name": "Standard", "minimumDeliveryDays": 3, "maximumDeliveryDays": 5}
        return {"id": "D1", "shippingMethod": method | {"price": amount(6, currency)}}

    def _add(self, key: str, lines: list[Fields]) -> Fields:
        if key not in self.checkouts:
            return self._refusal("NOT_FOUND", "id", "Couldn't resolve to a node.")
        known = {variant["id"]: product for product in self.stock for variant in product["variants"]}
        for line in lines:
            if line["variantId"] not in known:
                return self._refusal("NOT_FOUND", "variantId", "There is no such variant.")
            if line["quantity"] > known[line["variantId"]]["left"]:
                return self._refusal("INSUFFICIENT_STOCK", "quantity", "Not enough in stock.")

        def change(checkout: Fields) -> None:
            for line in lines:
                already = checkout["items"].get(line["variantId"], 0)
                checkout["items"][line["variantId"]] = already + line["quantity"]
                if line.get("booking"):
                    self.holds[line["variantId"]] = self.hold(line["booking"])

        if any(line["booking"]["slotToken"] in self.taken for line in lines if line.get("booking")):
            return self._refusal("INSUFFICIENT_STOCK", "lines", "This time is not available any more.")
        return self._change(key, change)

    def _change(self, key: str, change: Callable[[Fields], object]) -> Fields:
        if key not in self.checkouts:
            return self._refusal("NOT_FOUND", "id", "Couldn't resolve to a node.")
        change(self.checkouts[key])
        return {"checkout": self._priced(self.checkouts[key]), "errors": []}

    def _refusal(self, code: str, field: str | None, message: str) -> Fields:
        return {"checkout": None, "errors": [{"code": code, "field": field, "message": message}]}

    def _priced(self, checkout: Fields) -> Fields:
        currency = self.currencies[checkout["channel"]["slug"]]
        lines = [
            self._line(key, quantity, currency, checkout["channel"]["slug"])
            for key, quantity in checkout["items"].items()
            if quantity
        ]
        subtotal = sum(line["totalPrice"]["net"]["amount"] for line in lines)
        off = subtotal / 10 if checkout.get("voucherCode") and not self.voucher_ended else 0
        ships = any(line["variant"]["product"]["productType"]["isShippingRequired"] for line in lines)
        shipping = 6 if checkout["delivery"] and ships else 0
        cards = checkout.get("giftCards", [])
        given = sum(card["currentBalance"]["amount"] for card in cards)
        return checkout | {
            "lines": lines,
            "isShippingRequired": ships,
            "displayGrossPrices": currency == "EUR",
            "discount": amount(off, currency),
            "giftCards": cards,
            "subtotalPrice": taxed(subtotal - off, currency),
            "shippingPrice": taxed(shipping, currency),
            "totalPrice": taxed(max(subtotal - off + shipping - given, 0), currency),
            "undiscountedTotal": taxed(subtotal + shipping, currency),
            "authorizeStatus": "NONE",
            "chargeStatus": self.charge_status,
            "problems": [{"__typename": name} for name in self.problems],
        }

    def _line(self, key: str, quantity: int, currency: str, channel: str) -> Fields:
        product = next(p for p in self.stock if any(v["id"] == key for v in p["variants"]))
        variant = next(v for v in product["variants"] if v["id"] == key)
        return {
            "id": key,
            "quantity": quantity,
            "booking": self.holds.get(key),
            "unitPrice": taxed(variant["price"], currency),
            "totalPrice": taxed(variant["price"] * quantity, currency),
            "problems": []
            if product["left"] >= quantity
            else [{"__typename": "CheckoutLineProblemInsufficientStock", "availableQuantity": product["left"]}],
            "variant": variant | {"product": self._listed(product, channel), "quantityAvailable": product["left"]},
        }
