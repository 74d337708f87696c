"""Saleor's metadata on objects: public for who may see the object, private for staff."""

from typing import ClassVar

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.permissions import require
from shop.api.core.scalars import Metadata
from shop.execution import batch_field


@strawberry.type(description="A key and its value.")
class MetadataItem:
    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="Its value.")


def _items(values: dict[str, str]) -> list[MetadataItem]:
    return [MetadataItem(key=key, value=value) for key, value in sorted(values.items())] if values else []


def _chosen(values: dict[str, str], keys: list[str] | None) -> Metadata:
    return Metadata(values if keys is None else {key: values[key] for key in keys if key in values})


@strawberry.interface(description="Something that carries free key-value pairs for the systems around the shop.")
class ObjectWithMetadata:
    # Who may read the private part; every type names its own.
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_SETTINGS",)

    metadata_public: strawberry.Private[dict[str, str]]
    metadata_private: strawberry.Private[dict[str, str]]

    @computed(description="Public metadata, sorted by key.")
    def metadata(self) -> list[MetadataItem]:
        return _items(self.metadata_public)

    @computed(description="The public value of one key.")
    def metafield(self, key: str) -> str | None:
        return self.metadata_public.get(key)

    @computed(description="The public values of some keys, or of all.")
    def metafields(self, keys: list[str] | None = None) -> Metadata | None:
        return _chosen(self.metadata_public, keys)

    @batch_field(description="Private metadata, sorted by key. Staff only.")
    @staticmethod
    async def private_metadata(parents: list["ObjectWithMetadata"], context: Context) -> list[list[MetadataItem]]:
        _require_private(parents, context)
        return [_items(parent.metadata_private) for parent in parents]

    @batch_field(description="The private value of one key. Staff only.")
    @staticmethod
    async def private_metafield(parents: list["ObjectWithMetadata"], context: Context, key: str) -> list[str | None]:
        _require_private(parents, context)
        return [parent.metadata_private.get(key) for parent in parents]

    @batch_field(description="The private values of some keys, or of all. Staff only.")
    @staticmethod
    async def private_metafields(
        parents: list["ObjectWithMetadata"], context: Context, keys: list[str] | None = None
    ) -> list[Metadata | None]:
        _require_private(parents, context)
        return [_chosen(parent.metadata_private, keys) for parent in parents]


def _require_private(parents: list[ObjectWithMetadata], context: Context) -> None:
    for permissions in {type(parent).metadata_permissions for parent in parents}:
        require(context, *permissions)
