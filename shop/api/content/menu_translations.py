"""Entries of menus in other languages: what translators read and write. It needs MANAGE_TRANSLATIONS."""

from typing import Annotated

import strawberry

from shop.api.content.menus import MenuItem, whole_items
from shop.api.content.page_translations import TranslationError
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.content.actions.menus import translate_item
from shop.execution import batch_field
from shop.kit import ids


@strawberry.input(description="What something is called in a language.")
class NameTranslationInput:
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name. Left out, it stays; null or empty: not translated."
    )


@strawberry.type(description="An entry of a menu in another language, as it was stored.")
class MenuItemTranslate(Payload):
    item_key: strawberry.Private[int | None] = None
    errors: list[TranslationError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def translation_errors(self) -> list[TranslationError]:
        return self.errors

    @batch_field(description="The entry and its translations; null where there are errors.")
    @staticmethod
    async def menu_item(parents: list["MenuItemTranslate"], context: Context) -> list[MenuItem | None]:
        return await whole_items(context, [parent.item_key for parent in parents], None)


@strawberry.type
class MenuTranslationMutations:
    """Mutations of menus in other languages."""

    @mutation(
        description="Says what an entry of a menu is called in a language. Needs MANAGE_TRANSLATIONS.",
        permissions=("MANAGE_TRANSLATIONS",),
    )
    async def menu_item_translate(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="ID of the entry or its translatable content.")],
        input: Annotated[NameTranslationInput, strawberry.argument(description="The name.")],
        language_code: Annotated[LanguageCodeEnum, strawberry.argument(description="The language.")],
    ) -> MenuItemTranslate | None:
        given = ids.type_of(id)
        key = required_int(id, given if given == "MenuItemTranslatableContent" else "MenuItem", field="id")
        name = {} if input.name is strawberry.UNSET else {"name": input.name}
        await translate_item(info.context.session, key, language_code.value, name)
        return MenuItemTranslate(item_key=key)
