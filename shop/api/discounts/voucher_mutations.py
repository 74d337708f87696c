"""Writing vouchers; all of it needs MANAGE_DISCOUNTS."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import global_id, required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.scalars import PositiveDecimal
from shop.api.discounts.enums import DiscountValueTypeEnum, VoucherTypeEnum
from shop.api.discounts.vouchers import MANAGERS, Voucher, vouchers_by_id
from shop.discounts import actions
from shop.discounts.actions import NewVoucher, Targets, VoucherChange, Worth
from shop.discounts.rules import clean_code
from shop.execution import batch_field
from shop.giftcards.rules import new_code
from shop.kit.errors import Invalid
from shop.kit.ids import InvalidId, decode_uuid

_UNSET: Final[Any] = strawberry.UNSET
VoucherId = Annotated[strawberry.ID, strawberry.argument(description="The voucher's ID.")]


@strawberry.enum(description="What went wrong with a voucher.")
class DiscountErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    CANNOT_MANAGE_PRODUCT_WITHOUT_VARIANT = "cannot_manage_product_without_variant"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    VOUCHER_ALREADY_USED = "voucher_already_used"


@strawberry.type(description="An expected error of a voucher mutation.")
class DiscountError(DomainError):
    code: DiscountErrorCode = strawberry.field(description="What went wrong, for programs.")
    products: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Always null: no error is about single products."
    )
    voucher_codes: list[str] | None = strawberry.field(default=None, description="The codes that it is about.")
    channel_keys: strawberry.Private[list[int] | None] = None

    @computed(description="IDs of the channels that it is about.")
    def channels(self) -> list[strawberry.ID] | None:
        return None if self.channel_keys is None else [global_id("Channel", key) for key in self.channel_keys]


@strawberry.input(description="What a voucher is like. What is left out stays, or is as the words here say at first.")
class VoucherInput:
    type: VoucherTypeEnum | None = strawberry.field(default=None, description="What it makes cheaper; the whole order.")
    name: str | None = strawberry.field(default=_UNSET, description="What shoppers see beside the discount.")
    code: str | None = strawberry.field(
        default=None, description="One more code.", deprecation_reason="Use `addCodes`."
    )
    add_codes: list[str] | None = strawberry.field(
        default=None,
        description="More codes by which it works. A new voucher without any gets one that nobody guesses.",
    )
    start_date: datetime | None = strawberry.field(default=None, description="From when on it works; from now.")
    end_date: datetime | None = strawberry.field(default=_UNSET, description="Until when it works; null: for good.")
    discount_value_type: DiscountValueTypeEnum | None = strawberry.field(
        default=None, description="Whether it is worth an amount or a share; an amount."
    )
    products: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the products that it is about, instead of those before."
    )
    variants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the variants that it is about, instead of those before."
    )
    collections: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the collections that it is about, instead of those before."
    )
    categories: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the categories that it is about, with all below, instead of those before."
    )
    min_checkout_items_quantity: int | None = strawberry.field(
        default=_UNSET, description="How many items a cart must hold for it; null: any number."
    )
    countries: list[str] | None = strawberry.field(
        default=None, description="Codes of the countries to which a delivery must go; empty: anywhere."
    )
    apply_once_per_order: bool | None = strawberry.field(
        default=None, description="Make only one unit of the cheapest item cheaper; no."
    )
    apply_once_per_customer: bool | None = strawberry.field(
        default=None, description="Let a customer, known by account or e-mail, use it only once; no."
    )
    only_for_staff: bool | None = strawberry.field(default=None, description="Let members of staff alone use it; no.")
    single_use: bool | None = strawberry.field(
        default=None, description="Let each code work only once; no. It stays as it is once a code was used."
    )
    usage_limit: int | None = strawberry.field(
        default=_UNSET, description="How many orders may use it, by all codes together; null: any number."
    )


@strawberry.input(description="What a voucher is worth in a channel.")
class VoucherChannelListingAddInput:
    channel_id: strawberry.ID = strawberry.field(description="ID of the channel.")
    discount_value: PositiveDecimal | None = strawberry.field(
        default=None, description="Percent, or an amount of the channel's currency. Left out: as before."
    )
    min_amount_spent: PositiveDecimal | None = strawberry.field(
        default=_UNSET, description="What the goods must cost for it to apply; null: anything. Left out: as before."
    )


@strawberry.input(description="Channels in which a voucher is to be worth something, and others in which it is not.")
class VoucherChannelListingInput:
    add_channels: list[VoucherChannelListingAddInput] | None = strawberry.field(
        default=None, description="Channels to add or to change."
    )
    remove_channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of channels to leave."
    )


@strawberry.input(description="Goods of the catalogue, by kind.")
class CatalogueInput:
    products: list[strawberry.ID] | None = strawberry.field(default=None, description="IDs of products.")
    categories: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of categories; each means all below it too."
    )
    collections: list[strawberry.ID] | None = strawberry.field(default=None, description="IDs of collections.")
    variants: list[strawberry.ID] | None = strawberry.field(default=None, description="IDs of variants.")


@strawberry.type
class _Written(Payload):
    errors: list[DiscountError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def discount_errors(self) -> list[DiscountError]:
        return self.errors


@strawberry.type
class _WrittenVoucher(_Written):
    voucher_key: strawberry.Private[int | None] = None

    @batch_field(description="The voucher as it is now; null where there are errors.")
    @staticmethod
    async def voucher(parents: list["_WrittenVoucher"], context: Context) -> list[Voucher | None]:
        return await vouchers_by_id(context, [(parent.voucher_key, None) for parent in parents])


@strawberry.type(description="A new voucher.")
class VoucherCreate(_WrittenVoucher):
    pass


@strawberry.type(description="A changed voucher.")
class VoucherUpdate(_WrittenVoucher):
    pass


@strawberry.type(description="A voucher that is worth something else somewhere.")
class VoucherChannelListingUpdate(_WrittenVoucher):
    pass


@strawberry.type(description="A voucher that is about more goods.")
class VoucherAddCatalogues(_WrittenVoucher):
    pass


@strawberry.type(description="A voucher that is about fewer goods.")
class VoucherRemoveCatalogues(_WrittenVoucher):
    pass


@strawberry.type(description="A voucher is gone, with its codes.")
class VoucherDelete(_Written):
    voucher: Voucher | None = strawberry.field(default=None, description="As it was; its codes are gone.")


@strawberry.enum(description="What went wrong with the codes of a voucher.")
class VoucherCodeBulkDeleteErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


@strawberry.type(description="An expected error about codes of a voucher.")
class VoucherCodeBulkDeleteError:
    path: str | None = strawberry.field(default=None, description="The argument that the error is about.")
    message: str | None = strawberry.field(default=None, description="What is wrong, in English.")
    code: VoucherCodeBulkDeleteErrorCode = strawberry.field(description="What went wrong, for programs.")
    voucher_codes: list[strawberry.ID] | None = strawberry.field(default=None, description="The IDs that it is about.")


@strawberry.type(description="Codes are gone, or none of them is.")
class VoucherCodeBulkDelete:
    count: int = strawberry.field(default=0, description="How many are gone.")
    errors: list[VoucherCodeBulkDeleteError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class VoucherMutations:
    """Mutations of vouchers."""

    @mutation(
        description="Makes a voucher. It works in no channel until `voucherChannelListingUpdate` says what it is worth "
        "there, and one for single goods takes nothing off until it knows them.",
        permissions=MANAGERS,
    )
    async def voucher_create(
        self,
        info: Info,
        input: Annotated[VoucherInput, strawberry.argument(description="What it is like.")],
    ) -> VoucherCreate | None:
        terms = _terms(input)
        codes = _codes(input)
        new = NewVoucher(
            codes=codes or [new_code()],
            listings=(),
            targets=_targets(input),
            **({"value_type": "FIXED"} | terms),
        )
        key = await actions.create_voucher(info.context.session, new, now=info.context.now, complete=False)
        return VoucherCreate(voucher_key=key)

    @mutation(
        description="Changes a voucher, and gives it more codes. Orders keep what it took off.", permissions=MANAGERS
    )
    async def voucher_update(
        self,
        info: Info,
        id: VoucherId,
        input: Annotated[VoucherInput, strawberry.argument(description="What becomes of it.")],
    ) -> VoucherUpdate | None:
        key = required_int(id, "Voucher", field="id")
        change = VoucherChange(_terms(input), _codes(input), _targets(input))
        await actions.update_voucher(info.context.session, key, change)
        return VoucherUpdate(voucher_key=key)

    @mutation(
        description="Deletes a voucher with its codes. Orders keep what it took off; carts must give up its codes.",
        permissions=MANAGERS,
    )
    async def voucher_delete(self, info: Info, id: VoucherId) -> VoucherDelete | None:
        context = info.context
        key = required_int(id, "Voucher", field="id")
        (before,) = await vouchers_by_id(context, [(key, None)])
        await actions.delete_voucher(context.session, key)
        return VoucherDelete(voucher=before)

    @mutation(
        description="Makes a voucher for single goods be about these too. Those that it is about already stay.",
        permissions=MANAGERS,
    )
    async def voucher_catalogues_add(
        self,
        info: Info,
        id: VoucherId,
        input: Annotated[CatalogueInput, strawberry.argument(description="The goods to add.")],
    ) -> VoucherAddCatalogues | None:
        key = required_int(id, "Voucher", field="id")
        await actions.add_targets(info.context.session, key, _targets(input))
        return VoucherAddCatalogues(voucher_key=key)

    @mutation(
        description="Makes a voucher for single goods be no longer about these. Those that it was not about do not "
        "matter.",
        permissions=MANAGERS,
    )
    async def voucher_catalogues_remove(
        self,
        info: Info,
        id: VoucherId,
        input: Annotated[CatalogueInput, strawberry.argument(description="The goods to take out.")],
    ) -> VoucherRemoveCatalogues | None:
        key = required_int(id, "Voucher", field="id")
        await actions.remove_targets(info.context.session, key, _targets(input))
        return VoucherRemoveCatalogues(voucher_key=key)

    @mutation(
        description="Says what a voucher is worth in some channels, and takes it out of others. All of it, or nothing.",
        permissions=MANAGERS,
    )
    async def voucher_channel_listing_update(
        self,
        info: Info,
        id: VoucherId,
        input: Annotated[VoucherChannelListingInput, strawberry.argument(description="The channels.")],
    ) -> VoucherChannelListingUpdate | None:
        key = required_int(id, "Voucher", field="id")
        add = [
            Worth(
                required_int(one.channel_id, "Channel", field="addChannels"),
                one.discount_value,
                None if one.min_amount_spent is _UNSET else one.min_amount_spent,
                keeps_minimum=one.min_amount_spent is _UNSET,
            )
            for one in input.add_channels or ()
        ]
        remove = _keys(input.remove_channels, "Channel", "removeChannels") or ()
        await actions.list_voucher(info.context.session, key, add, remove)
        return VoucherChannelListingUpdate(voucher_key=key)

    @mutation(
        description="Deletes codes of vouchers, all of them or none. What was used stays counted.",
        permissions=MANAGERS,
    )
    async def voucher_code_bulk_delete(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="IDs of the codes.")],
    ) -> VoucherCodeBulkDelete | None:
        keys = {}
        for text in ids:
            try:
                keys[_code_key(text)] = text
            except Invalid as error:
                return _refused(VoucherCodeBulkDeleteErrorCode.GRAPHQL_ERROR, error.message, [text])
        missing = await actions.delete_codes(info.context.session, list(keys))
        if missing:
            strange = [keys[key] for key in missing]
            return _refused(VoucherCodeBulkDeleteErrorCode.NOT_FOUND, "There is no such code.", strange)
        return VoucherCodeBulkDelete(count=len(keys))


def _code_key(text: str) -> uuid.UUID:
    try:
        return decode_uuid(text, "VoucherCode")
    except InvalidId as error:
        raise Invalid("Must receive a VoucherCode id." if error.other_type else str(error)) from None


def _refused(code: VoucherCodeBulkDeleteErrorCode, message: str, about: Sequence[str]) -> VoucherCodeBulkDelete:
    wrong = [strawberry.ID(text) for text in about]
    return VoucherCodeBulkDelete(
        errors=[VoucherCodeBulkDeleteError(path="ids", message=message, code=code, voucher_codes=wrong)]
    )


def _terms(given: VoucherInput) -> dict[str, Any]:
    """The columns that the input names. What cannot be null is left out where it is."""
    never_null = {
        "type": given.type and given.type.value,
        "value_type": given.discount_value_type and given.discount_value_type.value,
        "starts_at": given.start_date,
        "countries": None if given.countries is None else sorted({code.upper() for code in given.countries}),
        "apply_once_per_order": given.apply_once_per_order,
        "apply_once_per_customer": given.apply_once_per_customer,
        "only_for_staff": given.only_for_staff,
        "single_use": given.single_use,
    }
    may_be_null = {
        "name": given.name,
        "ends_at": given.end_date,
        "minimum_quantity": given.min_checkout_items_quantity,
        "usage_limit": given.usage_limit,
    }
    return {name: value for name, value in never_null.items() if value is not None} | {
        name: value for name, value in may_be_null.items() if value is not _UNSET
    }


def _codes(given: VoucherInput) -> list[str]:
    """The codes to add; a `code` that stands among them is no second one."""
    codes = list(given.add_codes or ())
    if given.code is not None and clean_code(given.code) not in {clean_code(code) for code in codes}:
        codes.append(given.code)
    return codes


def _targets(given: VoucherInput | CatalogueInput) -> Targets:
    return Targets(
        product_ids=_keys(given.products, "Product", "products"),
        variant_ids=_keys(given.variants, "ProductVariant", "variants"),
        collection_ids=_keys(given.collections, "Collection", "collections"),
        category_ids=_keys(given.categories, "Category", "categories"),
    )


def _keys(given: Sequence[str] | None, kind: str, field: str) -> list[int] | None:
    return None if given is None else [required_int(text, kind, field=field) for text in given]
