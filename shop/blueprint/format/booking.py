"""Time that is sold: who is there when, what can be booked with them, and packages of sessions."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shop.blueprint.format.base import Currency, Name, Percent, Price, Section, Sku, Slug
from shop.booking.errors import InvalidHours
from shop.booking.rules import intake, parsed_hours, timezones
from shop.booking.rules.intake import checked_questions
from shop.kit.errors import Invalid
from shop.kit.money import ZERO

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = Annotated[int, Field(ge=0, le=1440)]


def _known_zone(name: str) -> str:
    if name not in timezones():
        raise ValueError(f"there is no time zone {name!r}: expected one such as Europe/Berlin")
    return name


def _known_hours(text: str) -> str:
    opens, _, closes = text.partition("-")
    try:
        parsed_hours(opens, closes)
    except InvalidHours:
        raise ValueError(f"expected hours such as 09:00-17:00, not {text!r}") from None
    return text


Timezone = Annotated[str, AfterValidator(_known_zone), Field(description="IANA time zone: `Europe/Berlin`")]
Hours = Annotated[
    str, AfterValidator(_known_hours), Field(description="`09:00-17:00`; `22:00-26:00` ends at two in the night")
]


class Resource(Section):
    """A practitioner, a room or a device: it is in one place at a time."""

    slug: Slug
    name: Name
    kind: Literal["practitioner", "room", "device"] = "practitioner"
    description: str = Field("", max_length=1_000)
    timezone: Timezone
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[Hours]] = Field(
        {}, description="When it is there, on the clock of its time zone; a day left out is closed"
    )
    active: bool = True


class CancellationPolicy(Section):
    """What is paid back to who cancels."""

    slug: Slug
    name: Name
    refunds: dict[Annotated[int, Field(ge=0, le=8_760)], Percent] = Field(
        {}, description="Percent by the least notice in hours: `{48: 100, 24: 50}`"
    )
    fee: Price | None = Field(None, description="Kept in any case, with its `currency`")
    currency: Currency | None = None
    no_show_percent: Percent = Field(ZERO, description="Owed of the price by who does not come")

    @model_validator(mode="after")
    def _fee_is_money(self) -> Self:
        if (self.fee is None) != (self.currency is None):
            raise ValueError("fee and currency belong together")
        return self


class Question(Section):
    """Something that is asked before a visit."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="Its name within the form")]
    ask: Annotated[str, Field(min_length=1, max_length=4_000, description="The question")]
    kind: Literal["text", "choice", "multiple_choice", "boolean", "date"] = "text"
    choices: list[Annotated[str, Field(min_length=1, max_length=250)]] = Field([], description="Of the kinds to choose")
    required: bool = False


class IntakeForm(Section):
    """What is asked before visits; answers are encrypted and no business of the file."""

    slug: Slug
    name: Name
    questions: Annotated[list[Question], Field(min_length=1, max_length=100, description="In order, all of them")]

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        try:
            checked_questions(
                [intake.Question(one.key, one.ask, one.kind.upper(), tuple(one.choices)) for one in self.questions]
            )
        except Invalid as error:
            raise ValueError(error.message) from None
        return self


class Role(Section):
    """Something that a visit needs one of."""

    kind: Literal["practitioner", "room", "device"]
    name: Name | None = Field(None, description="Left out: the kind")
    resources: Annotated[list[Slug], Field(min_length=1, description="Who can fill it, the preferred one first")]


class Service(Section):
    """What is booked: a variant that takes place at a time."""

    variant: Sku
    minutes: Annotated[int, Field(ge=1, le=10_080)]
    step: Annotated[int, Field(ge=1, le=1_440, description="Minutes between two offered starts")] = 15
    starts: Literal["from_opening", "on_the_clock"] = Field(
        "from_opening", description="Where steps are counted from: the opening, or midnight"
    )
    buffer_before: Minutes = 0
    buffer_after: Minutes = 0
    lead_hours: Annotated[int, Field(ge=0, le=8_760, description="The least notice")] = 0
    horizon_days: Annotated[int, Field(ge=1, le=1_100, description="How far ahead the book is open")] = 90
    seats: Annotated[int, Field(ge=1, le=1_000, description="Above 1: a group session")] = 1
    place: Literal["in_person", "video"] = "in_person"
    confirmed_by: Literal["payment", "staff"] = "payment"
    deposit_percent: Annotated[Percent, Field(gt=0, lt=100)] | None = Field(None, description="Paid when booking")
    policy: Slug | None = Field(None, description="Its cancellation policy; left out: free of charge to the last")
    intake: Slug | None = Field(None, description="The form that visitors answer before; left out: as it was")
    roles: Annotated[list[Role], Field(min_length=1, description="The first one leads: visitors choose among them")]
    active: bool = True


class Package(Section):
    """A variant that grants sessions."""

    variant: Sku
    sessions: Annotated[int, Field(ge=1, le=1_000)]
    valid_days: Annotated[int, Field(ge=1)] | None = Field(None, description="Left out: for ever")
    services: Annotated[list[Sku], Field(min_length=1, description="Variants of the services that a session pays for")]
    transferable: bool = False
    active: bool = True


class Holiday(Section):
    """A date on which everything is closed, but for resources that say otherwise."""

    day: date
    name: Name
