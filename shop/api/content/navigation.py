"""The menus of every page: which ones staff chose, and choosing them."""

import dataclasses
from enum import Enum
from typing import Annotated, Final

import strawberry

from shop.api.content.menu_mutations import WrittenMenu
from shop.api.content.menus import Menu
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.content import queries
from shop.content.actions import menus
from shop.execution import batch_field

# The slugs that storefronts look for themselves: what is shown until staff chooses.
_USUAL: Final = {"main": "navbar", "secondary": "footer"}


@strawberry.enum(description="A place on every page that shows a menu.")
class NavigationType(Enum):
    MAIN = strawberry.enum_value("main", description="At the top of every page.")
    SECONDARY = strawberry.enum_value("secondary", description="At the foot of every page.")


@strawberry.type(description="The menus of every page.")
class Navigation:
    channel: strawberry.Private[str | None] = None

    @batch_field(description="The menu at the top: the one that staff chose, else the one with the slug `navbar`.")
    @staticmethod
    async def main(parents: list["Navigation"], context: Context) -> list[Menu | None]:
        return await _chosen(context, parents, "main")

    @batch_field(description="The menu at the foot: the one that staff chose, else the one with the slug `footer`.")
    @staticmethod
    async def secondary(parents: list["Navigation"], context: Context) -> list[Menu | None]:
        return await _chosen(context, parents, "secondary")


async def _chosen(context: Context, parents: list[Navigation], place: str) -> list[Menu | None]:
    found = await context.fetch(Menu, queries.MENU_AT, place=place, slug=_USUAL[place])
    return [dataclasses.replace(found[0], channel=parent.channel) if found else None for parent in parents]


@strawberry.type(description="A place shows another menu, or none of its own any more.")
class AssignNavigation(WrittenMenu):
    pass


@strawberry.type
class NavigationMutations:
    """Mutations of what every page shows."""

    @mutation(
        description="Chooses the menu of a place on every page, which `shop { navigation }` tells; without a menu the "
        "place goes back to its usual one. Needs MANAGE_MENUS or MANAGE_SETTINGS.",
        permissions=("MANAGE_MENUS", "MANAGE_SETTINGS"),
    )
    async def assign_navigation(
        self,
        info: Info,
        navigation_type: Annotated[NavigationType, strawberry.argument(description="The place.")],
        menu: Annotated[strawberry.ID | None, strawberry.argument(description="The menu's ID.")] = None,
    ) -> AssignNavigation | None:
        key = None if menu is None else required_int(menu, "Menu", field="menu")
        await menus.assign(info.context.session, navigation_type.name.lower(), key)
        return AssignNavigation(menu_key=key)
