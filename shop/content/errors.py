"""What can be wrong with pages, menus and widget areas, under the codes of Saleor's enums where it has one."""

from collections.abc import Iterable
from enum import Enum

from shop.kit import ids
from shop.kit.errors import Conflict, Invalid, NotFound


class SlugTaken(Conflict):
    """Another one has this slug."""

    code = "UNIQUE"

    def __init__(self) -> None:
        super().__init__("This slug is taken.", field="slug")


class MenuNotFound(NotFound):
    """There is no such menu."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such menu.", field=field)


class MenuItemNotFound(NotFound):
    """The menu has no such entry."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("The menu has no such entry.", field=field)


class TargetNotFound(NotFound):
    """There is no such category, collection or page."""

    def __init__(self, *, field: str) -> None:
        super().__init__("There is nothing with this ID to lead to.", field=field)


class SeveralTargets(Invalid):
    """An entry leads to one place."""

    code = "TOO_MANY_MENU_ITEMS"

    def __init__(self, *, field: str | None) -> None:
        super().__init__("An entry leads to one of `url`, `category`, `collection` and `page`.", field=field)


class NoTarget(Invalid):
    """The entry leads nowhere."""

    code = "NO_MENU_ITEM_PROVIDED"

    def __init__(self, *, field: str | None) -> None:
        super().__init__("An entry needs one of `url`, `category`, `collection` and `page`.", field=field)


class CannotMoveThere(Invalid):
    """The entry would be below itself."""

    code = "CANNOT_ASSIGN_NODE"

    def __init__(self) -> None:
        super().__init__("An entry cannot be moved below itself.", field="parentId")


class PageNotFound(NotFound):
    """There is no such page."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such page.", field=field)


class PageTypeNotFound(NotFound):
    """There is no such page type."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such page type.", field=field)


class InvalidAttributes(Invalid):
    """A page type cannot have, or lose, these attributes."""

    def __init__(self, message: str, attribute_ids: Iterable[int], *, field: str, code: str | None = None) -> None:
        named = [ids.encode("Attribute", each) for each in sorted(attribute_ids)]
        super().__init__(message, field=field, code=code, params={"attributes": named})


class RevisionNotFound(NotFound):
    """There is no such revision."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such revision.", field=field)


class DraftNotFound(NotFound):
    """The page has no draft."""

    def __init__(self) -> None:
        super().__init__("The page has no draft.", field="id")


class DraftOutdated(Conflict):
    """The page was written since its draft was begun; publishing the draft would undo that."""

    code = "DRAFT_OUTDATED"

    def __init__(self, names: Iterable[str]) -> None:
        listed = ", ".join(names)
        message = f"The page was changed since the draft was begun: {listed}. Pass `overwrite` to publish it anyway."
        super().__init__(message, field="overwrite")


class DutyNotMet(Invalid):
    """The policy of its type keeps the page from being shown; `duty`, `path` and `language` say what and where."""

    def __init__(self, duty: Enum, message: str, *, field: str, path: str, language: str | None = None) -> None:
        params = {"duty": duty, "path": path or None, "language_tag": language}
        super().__init__(message, field=field, params=params)


class WidgetAreaNotFound(NotFound):
    """There is no such widget area."""

    def __init__(self) -> None:
        super().__init__("There is no widget area of this slug.", field="slug")


class InvalidWidget(Invalid):
    """A widget cannot be as it was given. `place`: which of those that were given, from 0 on."""

    def __init__(self, place: int, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, field=field, code=code, params={"index": place})


class WidgetTargetNotFound(NotFound):
    """There is nothing for the widget to show."""

    def __init__(self, place: int, field: str) -> None:
        super().__init__("There is nothing with this ID to show.", field=field, params={"index": place})
