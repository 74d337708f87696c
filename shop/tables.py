"""Imports every `models.py`, so that `Base.metadata` is whole for Alembic and for the tests."""

from shop.accounts import models as accounts
from shop.attributes import models as attributes
from shop.booking import models as booking
from shop.browse import models as browse
from shop.catalogue import models as catalogue
from shop.changes import models as changes
from shop.channels import models as channels
from shop.checkout import models as checkout
from shop.comments import models as comments
from shop.content import models as content
from shop.discounts import models as discounts
from shop.exchange import models as exchange
from shop.giftcards import models as giftcards
from shop.idempotency import models as idempotency
from shop.kit.db import Base
from shop.mail import models as mail
from shop.media import models as media
from shop.orders import models as orders
from shop.payments import models as payments
from shop.pricing import models as pricing
from shop.shipping import models as shipping
from shop.site import models as site
from shop.stock import models as stock
from shop.tax import models as tax
from shop.translations import models as translations

metadata = Base.metadata

__all__ = [
    "accounts",
    "attributes",
    "booking",
    "browse",
    "catalogue",
    "changes",
    "channels",
    "checkout",
    "comments",
    "content",
    "discounts",
    "exchange",
    "giftcards",
    "idempotency",
    "mail",
    "media",
    "metadata",
    "orders",
    "payments",
    "pricing",
    "shipping",
    "site",
    "stock",
    "tax",
    "translations",
]
