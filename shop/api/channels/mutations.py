"""Opening, changing and closing channels; all of it needs MANAGE_CHANNELS."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.context import Context, Info
from shop.api.core.enums import CountryCode, TransactionFlowStrategyEnum
from shop.api.core.fields import computed
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.metadata.inputs import MetadataInput, entries
from shop.execution import batch_field
from shop.stock.actions.channels import ChannelFields, Links, change_channel, open_channel, turn_channel

_MANAGERS: Final = ("MANAGE_CHANNELS",)

ChannelId = Annotated[strawberry.ID, strawberry.argument(description="The channel's ID.")]


@strawberry.enum(description="What went wrong with a channel.")
class ChannelErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    CHANNELS_CURRENCY_MUST_BE_THE_SAME = "channels_currency_must_be_the_same"
    CHANNEL_WITH_ORDERS = "channel_with_orders"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"


@strawberry.type(description="An expected error of a mutation of channels.")
class ChannelError(DomainError):
    code: ChannelErrorCode = strawberry.field(description="What went wrong, for programs.")
    shipping_zones: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the shipping zones that it is about."
    )
    warehouses: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the warehouses that it is about."
    )


@strawberry.type
class WrittenChannel(Payload):
    """A payload that shows the channel as it was stored."""

    channel_key: strawberry.Private[int | None] = None
    errors: list[ChannelError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def channel_errors(self) -> list[ChannelError]:
        return self.errors

    @batch_field(description="The channel as it is now; null where there are errors.")
    @staticmethod
    async def channel(parents: list["WrittenChannel"], context: Context) -> list[Channel | None]:
        found = await channels_by_id(context, {each.channel_key for each in parents if each.channel_key})
        return [found.get(each.channel_key) if each.channel_key else None for each in parents]


@strawberry.input(description="How orders of a channel come about. What is left out stays.")
class OrderSettingsInput:
    automatically_confirm_all_new_orders: bool | None = strawberry.field(
        default=None, description="Whether new orders may be fulfilled at once; yes at first. Else a person confirms."
    )
    allow_unpaid_orders: bool | None = strawberry.field(
        default=None, description="Whether a checkout may become an order before it is paid; no at first."
    )


@strawberry.input(description="How payments of a channel are handled. What is left out stays.")
class PaymentSettingsInput:
    default_transaction_flow_strategy: TransactionFlowStrategyEnum | None = strawberry.field(
        default=None, description="Whether payments are taken at once or only authorised; taken at first."
    )


@strawberry.input
class ChannelBaseInput:
    """What both inputs of channels share."""

    is_active: bool | None = strawberry.field(default=None, description="Whether it sells.")
    add_shipping_zones: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of shipping zones that it sends to, too."
    )
    add_warehouses: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of warehouses that supply it, after those that do already."
    )
    order_settings: OrderSettingsInput | None = strawberry.field(default=None, description="How orders come about.")
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Public metadata; keys that are not named stay."
    )
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata; keys that are not named stay."
    )
    payment_settings: PaymentSettingsInput | None = strawberry.field(
        default=None, description="How payments are handled."
    )


@strawberry.input(description="A new channel; it is inactive unless `isActive` says otherwise.")
class ChannelCreateInput(ChannelBaseInput):
    name: str = strawberry.field(description="Name for people.")
    slug: str = strawberry.field(description="Name in addresses and arguments.")
    currency_code: str = strawberry.field(description="Its one currency, ISO 4217. It stays.")
    default_country: CountryCode = strawberry.field(
        description="The country whose taxes show where no address is known."
    )


@strawberry.input(description="What to change of a channel. What is left out stays.")
class ChannelUpdateInput(ChannelBaseInput):
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Name for people.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="Name in addresses and arguments.")
    default_country: CountryCode | None = strawberry.field(
        default=None, description="The country whose taxes show where no address is known."
    )
    remove_shipping_zones: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of shipping zones that it does not send to any more."
    )
    remove_warehouses: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of warehouses that supply it no longer."
    )


@strawberry.type(description="A new channel.")
class ChannelCreate(WrittenChannel):
    pass


@strawberry.type(description="A changed channel.")
class ChannelUpdate(WrittenChannel):
    pass


@strawberry.type(description="A channel that sells.")
class ChannelActivate(WrittenChannel):
    pass


@strawberry.type(description="A channel that does not sell.")
class ChannelDeactivate(WrittenChannel):
    pass


@strawberry.type
class ChannelMutations:
    """Mutations of channels."""

    @mutation(
        description="Opens a channel, which charges taxes that its prices hold; nothing is listed in it yet. Needs "
        "MANAGE_CHANNELS.",
        permissions=_MANAGERS,
    )
    async def channel_create(
        self, info: Info, input: Annotated[ChannelCreateInput, strawberry.argument(description="The channel.")]
    ) -> ChannelCreate | None:
        fields = _fields(input)
        fields["currency"] = input.currency_code
        fields.setdefault("is_active", False)
        key = await open_channel(info.context.session, fields, _links(input))
        return ChannelCreate(channel_key=key)

    @mutation(description="Changes a channel. Needs MANAGE_CHANNELS.", permissions=_MANAGERS)
    async def channel_update(
        self,
        info: Info,
        id: ChannelId,
        input: Annotated[ChannelUpdateInput, strawberry.argument(description="What to change.")],
    ) -> ChannelUpdate | None:
        key = required_int(id, "Channel", field="id")
        await change_channel(info.context.session, key, _fields(input), _links(input))
        return ChannelUpdate(channel_key=key)

    @mutation(description="Lets a channel sell. Needs MANAGE_CHANNELS.", permissions=_MANAGERS)
    async def channel_activate(self, info: Info, id: ChannelId) -> ChannelActivate | None:
        key = required_int(id, "Channel", field="id")
        await turn_channel(info.context.session, key, on=True)
        return ChannelActivate(channel_key=key)

    @mutation(
        description="Lets a channel sell no longer; what is in it stays. Needs MANAGE_CHANNELS.", permissions=_MANAGERS
    )
    async def channel_deactivate(self, info: Info, id: ChannelId) -> ChannelDeactivate | None:
        key = required_int(id, "Channel", field="id")
        await turn_channel(info.context.session, key, on=False)
        return ChannelDeactivate(channel_key=key)


def _fields(given: ChannelCreateInput | ChannelUpdateInput) -> ChannelFields:
    found: dict[str, Any] = {"name": given.name, "slug": given.slug}
    fields: ChannelFields = {}
    fields.update({name: value for name, value in found.items() if value is not strawberry.UNSET})  # type: ignore[typeddict-item]
    if given.default_country is not None:
        fields["default_country"] = given.default_country.value
    if given.is_active is not None:
        fields["is_active"] = given.is_active
    orders, payments = given.order_settings, given.payment_settings
    if orders is not None and orders.automatically_confirm_all_new_orders is not None:
        fields["automatically_confirm_new_orders"] = orders.automatically_confirm_all_new_orders
    if orders is not None and orders.allow_unpaid_orders is not None:
        fields["allow_unpaid_orders"] = orders.allow_unpaid_orders
    if payments is not None and payments.default_transaction_flow_strategy is not None:
        fields["transaction_flow_strategy"] = payments.default_transaction_flow_strategy.value
    if given.metadata:
        fields["metadata_public"] = entries(given.metadata)
    if given.private_metadata:
        fields["metadata_private"] = entries(given.private_metadata, field="privateMetadata")
    return fields


def _links(given: ChannelCreateInput | ChannelUpdateInput) -> Links:
    zones = given.remove_shipping_zones if isinstance(given, ChannelUpdateInput) else None
    warehouses = given.remove_warehouses if isinstance(given, ChannelUpdateInput) else None
    return Links(
        add_zones=_zones(given.add_shipping_zones, "addShippingZones"),
        remove_zones=_zones(zones, "removeShippingZones"),
        add_warehouses=_warehouses(given.add_warehouses, "addWarehouses"),
        remove_warehouses=_warehouses(warehouses, "removeWarehouses"),
    )


def _zones(given: Sequence[strawberry.ID] | None, field: str) -> list[int]:
    return [required_int(each, "ShippingZone", field=field) for each in given or ()]


def _warehouses(given: Sequence[strawberry.ID] | None, field: str) -> list[Any]:
    return [required_uuid(each, "Warehouse", field=field) for each in given or ()]
