"""What can be wrong with appointments, under the codes of `BookingErrorCode`."""

from datetime import datetime

from shop.kit.errors import Invalid


class UnknownTimezone(Invalid):
    """The IANA database has no zone of this name."""

    def __init__(self, name: str, *, field: str | None = "timezone") -> None:
        super().__init__(f"There is no time zone {name[:60]!r}; names look like 'Europe/Berlin'.", field=field)


class NoSuchLocalTime(Invalid):
    """The clocks skip this time on that day."""

    def __init__(self, local: datetime, timezone: str, *, field: str | None = "start") -> None:
        shown = local.isoformat(sep=" ", timespec="minutes")
        super().__init__(f"In {timezone} the clocks skip {shown}.", field=field)


class InvalidHours(Invalid):
    """The text is no time of day, or its window ends before it starts."""

    def __init__(self, start: str, end: str, *, field: str | None = None) -> None:
        super().__init__(
            f"{start[:20]!r} to {end[:20]!r} are no opening hours: write '09:00' to '17:00', "
            "and '22:00' to '26:00' for a window that ends at two in the morning.",
            field=field,
        )
