"""Sessions of packages in the API. Whoever holds an `Entitlement` object was allowed to see it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry

from shop.api.booking.bookings import BookingDispute, BookingRefund, BookingRefundStatus
from shop.api.booking.errors import BookingError
from shop.api.core.connections import CountableConnection, CountableEdge, connect, connect_each, nodes_of, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed, query
from shop.api.core.ids import global_id, required_uuid
from shop.api.core.money import Money, money
from shop.api.core.mutation import flow, mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require, require_user
from shop.api.core.scalars import PositiveDecimal
from shop.booking.actions import entitlements as actions
from shop.booking.queries import entitlements as queries
from shop.execution import Selection, batch_field
from shop.orders import flows
from shop.orders.actions import RefundedSessions
from shop.payments.queries import refunds_by_reason
from shop.payments.stripe import provider

MANAGERS = ("MANAGE_BOOKINGS",)
_KEYS = len(queries.NEWEST_FIRST.keys)


@strawberry.enum(description="Why the sessions of a package became more or fewer.")
class EntitlementEntryKind(Enum):
    GRANT = "GRANT"
    REDEEM = "REDEEM"
    RELEASE = "RELEASE"
    FORFEIT = "FORFEIT"
    TRANSFER_IN = "TRANSFER_IN"
    TRANSFER_OUT = "TRANSFER_OUT"
    EXPIRE = "EXPIRE"
    REFUND = "REFUND"
    ADJUST = "ADJUST"


@strawberry.type(description="A change of the sessions that somebody has left. Entries are never changed or removed.")
class EntitlementEntry:
    entitlement_id: strawberry.Private[uuid.UUID]
    pk: strawberry.Private[int]
    kind_name: strawberry.Private[str]
    amount: int = strawberry.field(description="How many sessions came, or went if negative; none for a lost visit.")
    balance_after: int = strawberry.field(description="How many were left then.")
    reason: str = strawberry.field(description="What staff said about it, or empty.")
    created: datetime = strawberry.field(description="When it happened.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("EntitlementEntry", self.pk)

    @computed(description="Why.")
    def kind(self) -> EntitlementEntryKind:
        return EntitlementEntryKind[self.kind_name]


@strawberry.type(description="Sessions of a package that somebody has bought or was given, and how many are left.")
class Entitlement:
    pk: strawberry.Private[uuid.UUID]
    package_id: strawberry.Private[int]
    user_id: strawberry.Private[int | None]
    owner_email: str = strawberry.field(description="The e-mail of whom they belong to.")
    name: str = strawberry.field(description="The package's name as it was sold.")
    granted: int = strawberry.field(description="How many sessions were bought, or handed on.")
    balance: int = strawberry.field(description="How many are left. Those that carts hold are still among them.")
    is_transferable: bool = strawberry.field(description="Whether the owner may hand sessions on to somebody else.")
    expires_at: datetime | None = strawberry.field(
        description="Visits must start before; null for sessions that never lapse."
    )
    currency: strawberry.Private[str]
    price_amount: strawberry.Private[Decimal]
    created: datetime = strawberry.field(description="Since when they are there.")
    dispute_name: strawberry.Private[str | None]
    seq: strawberry.Private[int]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Entitlement", self.pk)

    @computed(
        description="How a dispute of their payment stands; null where there is none. While it is open none is spent."
    )
    def dispute(self) -> BookingDispute | None:
        return None if self.dispute_name is None else BookingDispute(self.dispute_name)

    @computed(description="Whether their order has yet to be paid. Before it is none is there, and time does not run.")
    def awaits_payment(self) -> bool:
        return self.seq == 0

    @computed(description="What was paid for all granted sessions together.")
    def price(self) -> Money:
        return money(self.price_amount, self.currency)

    @batch_field(description="Each change of the balance, the first one first.")
    @staticmethod
    async def entries(parents: list["Entitlement"], context: Context) -> list[list[EntitlementEntry]]:
        keys = sorted({parent.pk for parent in parents})
        found: dict[uuid.UUID, list[EntitlementEntry]] = defaultdict(list)
        for entry in await context.fetch(EntitlementEntry, queries.ENTRIES_BY_ENTITLEMENT, ids=keys):
            found[entry.entitlement_id].append(entry)
        return [found[parent.pk] for parent in parents]

    @batch_field(description="IDs of the product variants that a session can be spent on.")
    @staticmethod
    async def variant_ids(parents: list["Entitlement"], context: Context) -> list[list[strawberry.ID]]:
        keys = sorted({parent.package_id for parent in parents})
        found: dict[int, list[strawberry.ID]] = defaultdict(list)
        for row in await context.rows(queries.VARIANTS_BY_PACKAGE, package_ids=keys):
            found[row["package_id"]].append(global_id("ProductVariant", row["variant_id"]))
        return [found[parent.package_id] for parent in parents]


@strawberry.type(description="An entitlement of a page.")
class EntitlementCountableEdge(CountableEdge[Entitlement]):
    pass


@strawberry.type(description="A page of entitlements.")
class EntitlementCountableConnection(CountableConnection[EntitlementCountableEdge]):
    pass


async def list_entitlements_of_users(
    context: Context, user_ids: Sequence[int], selection: Selection, **paging: Any
) -> list[EntitlementCountableConnection | None]:
    """A page of the entitlements of each user, in their order, with the statements of one."""
    window = window_of(context, queries.NEWEST_FIRST, "entitlements", selection, **paging)
    return await connect_each(
        context,
        user_ids,
        selection,
        queries.NEWEST_FIRST,
        window,
        page=queries.users_entitlements_page(window.shape),
        count=queries.USERS_ENTITLEMENTS_COUNT,
        node=Entitlement,
        connection=EntitlementCountableConnection,
        edge=EntitlementCountableEdge,
    )


async def _entitlement(context: Context, key: uuid.UUID) -> Entitlement:
    """As it stands after the unit that changed it."""
    (found,) = await context.fetch(Entitlement, queries.ENTITLEMENTS_BY_ID, ids=[key])
    return found


@strawberry.type
class EntitlementQueries:
    """Queries of sessions of packages."""

    @query(description="Everybody's sessions of packages, newest first. Needs MANAGE_BOOKINGS.")
    async def entitlements(
        self,
        info: Info,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> EntitlementCountableConnection | None:
        context = info.context
        require(context, *MANAGERS)
        selection = Selection.below(info)
        window = window_of(
            context, queries.NEWEST_FIRST, "entitlements", selection, before=before, after=after, first=first, last=last
        )
        statement = queries.entitlements_page(window.shape)
        page = queries.NEWEST_FIRST.page(await context.rows(statement, **window.params), window)
        total = None
        if "totalCount" in selection:
            total = (await context.rows(queries.ENTITLEMENTS_COUNT))[0]["total"]
        nodes = nodes_of(Entitlement, statement, page.items, extra=_KEYS)
        made: EntitlementCountableConnection = connect(
            EntitlementCountableConnection, EntitlementCountableEdge, page, nodes, total_count=total
        )
        return made


@strawberry.type
class _EntitlementPayload(Payload):
    key: strawberry.Private[uuid.UUID | None] = None
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="What is left after sessions were handed on, or why they were not.")
class EntitlementTransfer(_EntitlementPayload):
    @batch_field(description="The sessions that stay; null where there are errors.")
    @staticmethod
    async def entitlement(parents: list["EntitlementTransfer"], context: Context) -> list[Entitlement | None]:
        return [None if parent.key is None else await _entitlement(context, parent.key) for parent in parents]


@strawberry.type(description="What is left after staff gave or took sessions, or why it could not.")
class EntitlementAdjust(_EntitlementPayload):
    @batch_field(description="The sessions as they are now; null where there are errors.")
    @staticmethod
    async def entitlement(parents: list["EntitlementAdjust"], context: Context) -> list[Entitlement | None]:
        return [None if parent.key is None else await _entitlement(context, parent.key) for parent in parents]


@strawberry.type(description="What is left after sessions were handed in for money, or why they were not.")
class EntitlementRefund(_EntitlementPayload):
    given_back: strawberry.Private[RefundedSessions | None] = None

    @batch_field(description="The sessions as they are now; null where there are errors.")
    @staticmethod
    async def entitlement(parents: list["EntitlementRefund"], context: Context) -> list[Entitlement | None]:
        return [None if parent.key is None else await _entitlement(context, parent.key) for parent in parents]

    @batch_field(description="What goes back, and how far that is; null where there are errors.")
    @staticmethod
    async def refund(parents: list["EntitlementRefund"], context: Context) -> list[BookingRefund | None]:
        done = [parent.given_back for parent in parents if parent.given_back is not None]
        found = await refunds_by_reason(context.rows, {one.purchase_key for one in done}, {one.reason for one in done})
        return [None if parent.given_back is None else _refund(parent.given_back, found) for parent in parents]


def _refund(done: RefundedSessions, found: Mapping[str, tuple[Decimal, str]]) -> BookingRefund:
    status = "SUCCESS" if done.refund else "NONE"
    if not done.is_over:
        status = "PENDING"
    elif done.reason in found:
        _, status = found[done.reason]
    return BookingRefund(amount=money(done.refund.amount, done.refund.currency), status=BookingRefundStatus(status))


EntitlementId = Annotated[strawberry.ID, strawberry.argument(description="The entitlement's ID.")]


@strawberry.type
class EntitlementMutations:
    """Mutations of sessions of packages."""

    @mutation(
        description="Hands sessions on to somebody else, who is told by mail and finds them in the account of that "
        "e-mail. For the owner, where the package allows it, or with MANAGE_BOOKINGS."
    )
    async def entitlement_transfer(
        self,
        info: Info,
        id: EntitlementId,
        email: Annotated[str, strawberry.argument(description="The e-mail of who gets them.")],
        sessions: Annotated[
            int | None, strawberry.argument(description="How many; all that are left if not given.")
        ] = None,
    ) -> EntitlementTransfer | None:
        context = info.context
        user_id = require_user(context)
        key = required_uuid(id, "Entitlement", field="id")
        await actions.transfer(
            context.session,
            key,
            email=email,
            sessions=sessions,
            owner_id=None if context.caller.may(*MANAGERS) else user_id,
            by_user_id=user_id,
            now=context.now,
        )
        return EntitlementTransfer(key=key)

    @mutation(
        description="Gives somebody sessions, or takes some, and says why. Needs MANAGE_BOOKINGS.", permissions=MANAGERS
    )
    async def entitlement_adjust(
        self,
        info: Info,
        id: EntitlementId,
        change: Annotated[int, strawberry.argument(description="How many more; fewer if negative.")],
        reason: Annotated[str, strawberry.argument(description="Why; it stays in the list of entries.")],
    ) -> EntitlementAdjust | None:
        context = info.context
        key = required_uuid(id, "Entitlement", field="id")
        await actions.adjust(context.session, key, change, reason=reason, by_user_id=context.caller.user_id)
        return EntitlementAdjust(key=key)

    @flow(
        description="Takes all unused sessions back and pays their share of the package's price to who paid for it, "
        "never more than that less what went back before; sessions that carts hold are taken too. A provider that does "
        "not answer is asked again later. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def entitlement_refund(
        self,
        info: Info,
        id: EntitlementId,
        session_price: Annotated[
            PositiveDecimal | None,
            strawberry.argument(
                description="What a session costs alone. If given, each used one is charged at it, and the rest of the "
                "package's price goes back if that is less."
            ),
        ] = None,
    ) -> EntitlementRefund | None:
        context = info.context
        key = required_uuid(id, "Entitlement", field="id")
        done = await flows.refund_sessions(
            context.units,
            provider(context.settings),
            key,
            session_price=session_price,
            by_user_id=context.caller.user_id,
        )
        return EntitlementRefund(key=key, given_back=done)
