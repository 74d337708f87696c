"""The schema: every slice's queries and mutations as one. Made once a process, exported to `graphql/schema.graphql`."""

from functools import lru_cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from shop.api.accounts.mutations import AccountMutations
from shop.api.accounts.queries import AccountQueries
from shop.api.attributes.mutations import AttributeMutations
from shop.api.attributes.owners import ASSIGNED_TYPES
from shop.api.attributes.queries import AttributeQueries
from shop.api.booking.entitlements import EntitlementMutations, EntitlementQueries
from shop.api.booking.feeds import FeedMutations
from shop.api.booking.intake import IntakeMutations, IntakeQueries
from shop.api.booking.mutations import BookingMutations, BookingQuoteQueries
from shop.api.booking.places import BookingPlaceMutations, BookingPlaceQueries
from shop.api.booking.queries import BookingQueries
from shop.api.booking.staff import BookingStaffMutations
from shop.api.booking.waitlist import WaitlistMutations, WaitlistQueries
from shop.api.catalogue.mutations import CatalogueMutations
from shop.api.catalogue.queries import CatalogueQueries
from shop.api.channels.mutations import ChannelMutations
from shop.api.channels.queries import ChannelQueries
from shop.api.checkout.customers import CheckoutCustomerMutations
from shop.api.checkout.mutations import CheckoutMutations
from shop.api.checkout.promo import CheckoutPromoMutations
from shop.api.checkout.queries import CheckoutQueries
from shop.api.comments.fields import CommentMutations, CommentQueries
from shop.api.content.addresses import AddressQueries
from shop.api.content.menu_mutations import MenuMutations
from shop.api.content.menu_queries import MenuQueries
from shop.api.content.menu_translations import MenuTranslationMutations
from shop.api.content.navigation import NavigationMutations
from shop.api.content.page_drafts import PageDraftMutations
from shop.api.content.page_mutations import PageMutations
from shop.api.content.page_translations import PageTranslationMutations
from shop.api.content.page_type_mutations import PageTypeMutations
from shop.api.content.page_type_queries import PageTypeQueries
from shop.api.content.queries import ContentQueries
from shop.api.content.widget_mutations import WidgetMutations
from shop.api.content.widgets import WIDGET_TYPES
from shop.api.core.errors import is_unavailable
from shop.api.core.scalars import SCALARS
from shop.api.discounts.queries import DiscountQueries
from shop.api.discounts.voucher_mutations import VoucherMutations
from shop.api.giftcards.mutations import GiftCardMutations
from shop.api.giftcards.queries import GiftCardQueries
from shop.api.media.mutations import MediaMutations
from shop.api.metadata.mutations import MetadataMutations
from shop.api.orders.mutations import OrderMutations
from shop.api.orders.queries import OrderQueries
from shop.api.payments.mutations import PaymentMutations
from shop.api.site.queries import SiteQueries
from shop.api.stock.queries import StockQueries
from shop.execution import execution_context
from shop.kit.settings import ExecutionMode


@strawberry.type(description="What can be read.")
class Query(
    CatalogueQueries,
    AttributeQueries,
    ContentQueries,
    PageTypeQueries,
    AddressQueries,
    MenuQueries,
    CommentQueries,
    CheckoutQueries,
    OrderQueries,
    DiscountQueries,
    BookingQueries,
    BookingQuoteQueries,
    WaitlistQueries,
    BookingPlaceQueries,
    IntakeQueries,
    EntitlementQueries,
    GiftCardQueries,
    AccountQueries,
    ChannelQueries,
    SiteQueries,
    StockQueries,
):
    pass


@strawberry.type(description="What can be changed. Each field is a transaction of its own.")
class Mutation(
    CheckoutMutations,
    CheckoutCustomerMutations,
    GiftCardMutations,
    VoucherMutations,
    CheckoutPromoMutations,
    PaymentMutations,
    OrderMutations,
    BookingMutations,
    BookingStaffMutations,
    BookingPlaceMutations,
    WaitlistMutations,
    IntakeMutations,
    EntitlementMutations,
    FeedMutations,
    AccountMutations,
    MenuMutations,
    MenuTranslationMutations,
    NavigationMutations,
    WidgetMutations,
    PageMutations,
    PageDraftMutations,
    PageTypeMutations,
    PageTranslationMutations,
    MetadataMutations,
    MediaMutations,
    CommentMutations,
    CatalogueMutations,
    AttributeMutations,
    ChannelMutations,
):
    pass


Schema = strawberry.Schema


@lru_cache(maxsize=2)
def make_schema(mode: ExecutionMode = ExecutionMode.ENGINE) -> Schema:
    """The schema with its executor: the compiled engine, or graphql-core as its oracle."""
    return Schema(
        query=Query,
        mutation=Mutation,
        types=[*ASSIGNED_TYPES, *WIDGET_TYPES],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=execution_context(mode=mode.value, unavailable=is_unavailable),
    )


def export() -> str:
    """The schema in GraphQL's own language, as committed in `graphql/schema.graphql`."""
    return make_schema().as_str() + "\n"
