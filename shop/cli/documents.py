"""Every column that holds documents of EditorJS blocks, of whichever room: what `shop content clean` goes through."""

from typing import Any, Final

from sqlalchemy.orm import InstrumentedAttribute

from shop.attributes.models import Value
from shop.catalogue.models import Category, Collection, Product
from shop.content.models import Page, PageDraft, PageRevision, Widget
from shop.discounts.models import Promotion
from shop.shipping.models import ShippingMethod
from shop.translations.models import Translation

# What a page was is cleaned too: it can be restored, and is shown to staff.
DOCUMENTS: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    Page.content,
    PageRevision.fields,
    PageRevision.attributes,
    PageDraft.fields,
    PageDraft.attributes,
    Widget.content,
    Value.rich_text,
    Product.description,
    Category.description,
    Collection.description,
    ShippingMethod.description,
    Promotion.description,
    Translation.texts,
)
