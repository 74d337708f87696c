"""Invoices: asked for and sent by staff, read by the order's buyer and by staff through a link that ends."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, TypeVar

import strawberry

from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import global_id, required_int, required_uuid
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.orders.lines import MANAGERS
from shop.checkout.flows import order_url
from shop.execution import batch_field
from shop.kit.errors import Invalid, NotFound
from shop.orders import actions, queries
from shop.orders.rules import invoice_link

if TYPE_CHECKING:
    from shop.api.orders.types import Order

K = TypeVar("K")
# Long enough to click on a page that was open for a while.
_LINK_LASTS: Final = timedelta(hours=1)
_MAIL_LASTS: Final = timedelta(days=14)


@strawberry.enum(description="What went wrong with an invoice.")
class InvoiceErrorCode(Enum):
    REQUIRED = "required"
    NOT_READY = "not_ready"
    URL_NOT_SET = "url_not_set"
    EMAIL_NOT_SET = "email_not_set"
    NUMBER_NOT_SET = "number_not_set"
    NOT_FOUND = "not_found"
    INVALID_STATUS = "invalid_status"
    NO_INVOICE_PLUGIN = "no_invoice_plugin"


@strawberry.type(description="An expected error of an invoice mutation.")
class InvoiceError(DomainError):
    code: InvoiceErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.enum(description="How far some work is.")
class JobStatusEnum(Enum):
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    DELETED = "DELETED"


@strawberry.interface(description="Work that goes on after the mutation that asked for it.")
class Job:
    created_at: datetime = strawberry.field(description="When it was asked for.")
    updated_at: datetime = strawberry.field(description="When it last went on.")
    message: str | None = strawberry.field(description="What went wrong, if anything did.")
    status_name: strawberry.Private[str]

    @computed(description="How far it is.")
    def status(self) -> JobStatusEnum:
        return JobStatusEnum(self.status_name)


@strawberry.type(description="A bill for an order, as a PDF file. Its number never changes.")
class Invoice(ObjectWithMetadata, Job):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    pk: strawberry.Private[int]
    order_id: strawberry.Private[uuid.UUID]
    number: str | None = strawberry.field(description="Its number.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Invoice", self.pk)

    @batch_field(description="Where its file is, for the next hour; null until it was made.")
    @staticmethod
    async def url(parents: list["Invoice"], context: Context) -> list[str | None]:
        return [
            invoice_url(context, invoice.pk, _LINK_LASTS) if invoice.status_name == "SUCCESS" else None
            for invoice in parents
        ]

    @batch_field(description="Where its file is.", deprecation_reason="Use `url`.")
    @staticmethod
    async def external_url(parents: list["Invoice"], context: Context) -> list[str | None]:
        return [None for _ in parents]

    @batch_field(description="The order that it bills.")
    @staticmethod
    async def order(
        parents: list["Invoice"], context: Context
    ) -> list[Annotated["Order", strawberry.lazy("shop.api.orders.types")] | None]:
        from shop.api.orders.types import orders_by_id

        found = await orders_by_id(context, [invoice.order_id for invoice in parents])
        return [found.get(invoice.order_id) for invoice in parents]


def invoice_url(context: Context, invoice_id: int, lasting: timedelta) -> str | None:
    """A link to the invoice's file that ends; None where the process has no secret to sign it with."""
    secret = context.settings.secret_key
    if secret is None:
        return None
    link = invoice_link(secret.get_secret_value(), invoice_id, now=context.now, lasting=lasting)
    return f"{context.settings.public_url or context.base_url}/invoices/{link}"


async def invoices_by_order(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Invoice]]:
    """The invoices of orders, oldest first, in one statement; none for no keys."""
    bills: dict[uuid.UUID, list[Invoice]] = defaultdict(list)
    if ids:
        for invoice in await context.fetch(Invoice, queries.INVOICES_BY_ORDER, ids=list(set(ids))):
            bills[invoice.order_id].append(invoice)
    return bills


@strawberry.type
class _Billed(Payload):
    """With the invoice, and errors under both of their names."""

    invoice_key: strawberry.Private[int | None] = None
    errors: list[InvoiceError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def invoice_errors(self) -> list[InvoiceError]:
        return self.errors

    @batch_field(description="The invoice, as things stand now.")
    @staticmethod
    async def invoice(parents: list["_Billed"], context: Context) -> list[Invoice | None]:
        wanted = [one.invoice_key for one in parents if one.invoice_key is not None]
        rows = await context.fetch(Invoice, queries.INVOICES_BY_ID, ids=wanted) if wanted else []
        found = {invoice.pk: invoice for invoice in rows}
        return [None if one.invoice_key is None else found.get(one.invoice_key) for one in parents]


@strawberry.type(description="An invoice that was asked for.")
class InvoiceRequest(_Billed):
    order_key: strawberry.Private[uuid.UUID | None] = None

    @batch_field(description="The order that it bills.")
    @staticmethod
    async def order(
        parents: list["InvoiceRequest"], context: Context
    ) -> list[Annotated["Order", strawberry.lazy("shop.api.orders.types")] | None]:
        from shop.api.orders.types import orders_by_id

        found = await orders_by_id(context, [one.order_key for one in parents if one.order_key is not None])
        return [None if one.order_key is None else found.get(one.order_key) for one in parents]


@strawberry.type(description="An invoice that was sent to its buyer.")
class InvoiceSendNotification(_Billed):
    pass


def _known(read: Callable[[], K]) -> K:
    """The key inside an ID. Saleor has no code of its own for a malformed one here. Raises: NotFound."""
    try:
        return read()
    except Invalid as error:
        raise NotFound(error.message, field=error.field) from error


@strawberry.type
class InvoiceMutations:
    """Mutations of invoices."""

    @mutation(
        description="Bills an order. Its file is made right after; `status` tells when. Asked again without a number, "
        "the same invoice is the answer: the shop's own numbers count up within a year and leave no gap. "
        "Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def invoice_request(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
        number: Annotated[
            str | None, strawberry.argument(description="A number of another system's; none: the shop's next one.")
        ] = None,
    ) -> InvoiceRequest | None:
        context = info.context
        key = _known(lambda: required_uuid(order_id, "Order", field="orderId"))
        by = actions.By(context.caller.user_id)
        invoice = await actions.request_invoice(context.session, key, by, number=number)
        return InvoiceRequest(invoice_key=invoice, order_key=key)

    @mutation(
        description="Sends the buyer a mail with a link to the invoice that lasts two weeks. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def invoice_send_notification(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The invoice.")]
    ) -> InvoiceSendNotification | None:
        context = info.context
        key = _known(lambda: required_int(id, "Invoice", field="id"))
        url = invoice_url(context, key, _MAIL_LASTS)
        by = actions.By(context.caller.user_id, order_url(context.settings))
        await actions.send_invoice(context.session, key, by, invoice_url=url)
        return InvoiceSendNotification(invoice_key=key)
