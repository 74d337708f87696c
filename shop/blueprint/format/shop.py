"""The whole of a shop file, and what belongs to no other section."""

from typing import Literal

from pydantic import Field

from shop.blueprint.format.base import Country, Email, Name, Percent, Section
from shop.blueprint.format.booking import CancellationPolicy, Holiday, IntakeForm, Package, Resource, Service
from shop.blueprint.format.catalogue import Category, Collection, Product, ProductType
from shop.blueprint.format.comments import Comment
from shop.blueprint.format.content import Menu, Page, PageType
from shop.blueprint.format.describing import Attribute
from shop.blueprint.format.discounts import Promotion, Voucher
from shop.blueprint.format.selling import Address, Channel, GiftCard, ShippingZone, TaxClass, Warehouse
from shop.blueprint.format.widgets import WidgetArea


class Staff(Section):
    """A staff user. Passwords have no place in a file: `shop user` sets them."""

    email: Email
    first_name: str = Field("", max_length=256)
    last_name: str = Field("", max_length=256)
    permissions: list[str] | Literal["all"] = Field("all", description="`all`, or names such as `MANAGE_ORDERS`")
    active: bool = True


class ReserveMinutes(Section):
    """How long the lines of a cart keep their stock after each change of them; 0: not at all."""

    guest: int = Field(0, ge=0, le=10_080)
    user: int = Field(0, ge=0, le=10_080)


class Seller(Section):
    """Who sells: what invoices name."""

    address: Address
    vat_number: str = Field("", max_length=64)


class Site(Section):
    """The shop itself."""

    name: Name
    description: str = Field("", max_length=1_000)
    header: str = Field("", max_length=200)
    contact_email: Email | Literal[""] = ""
    quantity_limit: int = Field(
        50, ge=1, le=1_000_000, description="The most of one variant in an order, unless the variant says otherwise"
    )
    reserve_minutes: ReserveMinutes = ReserveMinutes()
    ship_unpaid: bool = Field(True, description="Whether parcels may leave before an order is paid whole")
    seller: Seller | None = Field(None, description="Who sells, as invoices name it; absent: what is stored stays")


class ShopFile(Section):
    """A shop file: every section may be absent, and an absent section leaves its things alone."""

    version: Literal[1] = Field(1, description="Version of this format")
    stock_mode: Literal["initial", "exact"] = Field(
        "initial",
        description="`initial`: quantities count only where there is no stock row yet, since sales change them; "
        "`exact`: each apply sets them again",
    )
    site: Site | None = None
    default_tax_rates: dict[Country, Percent] = Field({}, description="Percent by country for things without a class")
    tax_classes: list[TaxClass] = []
    warehouses: list[Warehouse] = []
    channels: list[Channel] = []
    shipping_zones: list[ShippingZone] = []
    attributes: list[Attribute] = []
    product_types: list[ProductType] = []
    categories: list[Category] = Field([], description="The tree, from its roots")
    products: list[Product] = []
    collections: list[Collection] = []
    page_types: list[PageType] = []
    pages: list[Page] = []
    comments: list[Comment] = Field([], description="What readers said, by thread; made once")
    menus: list[Menu] = []
    widget_areas: list[WidgetArea] = Field([], description="Places on pages that staff fills")
    vouchers: list[Voucher] = []
    promotions: list[Promotion] = []
    gift_cards: list[GiftCard] = []
    resources: list[Resource] = Field([], description="Who or what is booked: practitioners, rooms, devices")
    cancellation_policies: list[CancellationPolicy] = []
    intake_forms: list[IntakeForm] = Field([], description="What is asked before visits")
    services: list[Service] = Field([], description="Variants that take place at a time")
    packages: list[Package] = Field([], description="Variants that grant sessions")
    holidays: list[Holiday] = []
    staff: list[Staff] = []
