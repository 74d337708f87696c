"""Resources with their hours, services, packages, cancellation policies, intake forms and holidays of a shop file."""

from typing import Any, Final

from sqlalchemy import select

from shop.blueprint import format as form
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere, slug_of
from shop.blueprint.apply.table import Row, Scope, Sync
from shop.blueprint.format.booking import WEEKDAYS
from shop.booking.actions.calendar import mark_changed
from shop.booking.models import (
    CancellationPolicy,
    CancellationTier,
    Holiday,
    IntakeForm,
    IntakeQuestion,
    Package,
    PackageService,
    Resource,
    RoleResource,
    Service,
    ServiceRole,
    WeeklyWindow,
)
from shop.kit import clock

_ALIGN: Final = {"from_opening": "WINDOW_START", "on_the_clock": "LOCAL_CLOCK"}
_PLACES: Final = {"in_person": "IN_PERSON", "video": "TELEHEALTH"}
_CONFIRMED: Final = {"payment": "AUTO", "staff": "STAFF"}


async def apply_booking(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Everything that can be booked is there; what was booked is no business of the file."""
    before = len(sync.report.changes)
    await _resources(sync, names, shop)
    await _policies(sync, names, shop)
    await _forms(sync, names, shop)
    await _services(sync, names, shop)
    await _packages(sync, names, shop)
    rows = [Row((None, holiday.day), f"{holiday.day}", {"name": holiday.name}) for holiday in shop.holidays]
    scope = Scope({"location_id": {None}}) if "holidays" in shop.model_fields_set else None
    await sync.table(Holiday, "holiday", ["location_id", "day"], rows, scope=scope)
    if len(sync.report.changes) > before:
        # Holidays close calendars that the file does not mention, too.
        await mark_changed(sync.session, (await sync.session.scalars(select(Resource.id))).all())


async def _resources(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    rows = [
        Row(
            (resource.slug,),
            resource.slug,
            {
                "kind": resource.kind.upper(),
                "name": resource.name,
                "description": resource.description,
                "timezone": resource.timezone,
                "is_active": resource.active,
                "sort_order": position,
            },
        )
        for position, resource in enumerate(shop.resources)
    ]
    scope = everywhere(shop, "resources")
    names.learn("resource", await sync.table(Resource, "resource", ["slug"], rows, scope=scope, label=slug_of))
    ids = {resource.slug: names.id("resource", resource.slug) for resource in shop.resources}
    windows = []
    for resource in shop.resources:
        for day, hours in resource.hours.items():
            for text in hours:
                opens, _, closes = text.partition("-")
                key = (ids[resource.slug], WEEKDAYS.index(day) + 1, opens)
                windows.append(Row(key, f"{resource.slug} {day} {opens}", {"closes": closes}))
    # The file says all the hours of its resources: an hour that it leaves out would stay bookable for ever.
    within = Scope({"resource_id": set(ids.values())})
    await sync.table(
        WeeklyWindow, "opening hours", ["resource_id", "weekday", "opens"], windows, scope=within, exactly=True
    )


async def _policies(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    rows = [
        Row(
            (policy.slug,),
            policy.slug,
            {
                "name": policy.name,
                "fee_amount": policy.fee,
                "fee_currency": policy.currency,
                "no_show_percent": policy.no_show_percent,
            },
        )
        for policy in shop.cancellation_policies
    ]
    scope = everywhere(shop, "cancellation_policies")
    found = await sync.table(CancellationPolicy, "cancellation policy", ["slug"], rows, scope=scope, label=slug_of)
    names.learn("cancellation policy", found)
    tiers = [
        Row((found[policy.slug,], hours * 60), f"{policy.slug} {hours} h", {"percent": percent})
        for policy in shop.cancellation_policies
        for hours, percent in policy.refunds.items()
    ]
    within = Scope({"policy_id": set(found.values())})
    key = ["policy_id", "min_notice_min"]
    await sync.table(CancellationTier, "cancellation tier", key, tiers, scope=within, exactly=True)


async def _forms(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Forms stay when the file forgets them, and questions that it leaves out are retired: both may have answers."""
    rows = [Row((one.slug,), one.slug, {"name": one.name}) for one in shop.intake_forms]
    found = await sync.table(IntakeForm, "intake form", ["slug"], rows)
    names.learn("intake form", found)
    asked = [
        Row(
            (found[one.slug,], question.key),
            f"{one.slug} {question.key}",
            {
                "label": question.ask,
                "kind": question.kind.upper(),
                "choices": question.choices,
                "is_required": question.required,
                "position": position,
                "retired_at": None,
            },
        )
        for one in shop.intake_forms
        for position, question in enumerate(one.questions)
    ]
    keys = {row.key for row in asked}
    slugs = {identity: slug for (slug,), identity in found.items()}
    stored = await sync.session.execute(
        select(IntakeQuestion.form_id, IntakeQuestion.key).where(
            IntakeQuestion.form_id.in_(slugs), IntakeQuestion.retired_at.is_(None)
        )
    )
    now = clock.now()
    asked += [
        Row((form_id, key), f"{slugs[form_id]} {key}", {"retired_at": now})
        for form_id, key in stored
        if (form_id, key) not in keys
    ]
    await sync.table(IntakeQuestion, "question", ["form_id", "key"], asked)


async def _services(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    rows = [
        Row(
            (names.id("variant", service.variant),),
            service.variant,
            {
                "is_active": service.active,
                "duration_min": service.minutes,
                "step_min": service.step,
                "align": _ALIGN[service.starts],
                "buffer_before_min": service.buffer_before,
                "buffer_after_min": service.buffer_after,
                "lead_min": service.lead_hours * 60,
                "horizon_days": service.horizon_days,
                "capacity": service.seats,
                "location_kind": _PLACES[service.place],
                "confirmation": _CONFIRMED[service.confirmed_by],
                "deposit_kind": "NONE" if service.deposit_percent is None else "PERCENT",
                "deposit_percent": service.deposit_percent,
                "policy_id": names.optional("cancellation policy", service.policy),
                **_intake(names, service),
            },
        )
        for service in shop.services
    ]
    found = await sync.table(Service, "service", ["variant_id"], rows, scope=everywhere(shop, "services"))
    ids = {service.variant: found[names.id("variant", service.variant),] for service in shop.services}
    names.learn("service", {(sku,): identity for sku, identity in ids.items()})
    roles = [
        Row(
            (ids[service.variant], position),
            f"{service.variant} {role.name or role.kind}",
            {"name": role.name or role.kind, "kind": role.kind.upper()},
        )
        for service in shop.services
        for position, role in enumerate(service.roles)
    ]
    role_ids = await sync.table(
        ServiceRole, "role", ["service_id", "position"], roles, scope=Scope({"service_id": set(ids.values())})
    )
    fillers = [
        Row(
            (role_ids[ids[service.variant], position], names.id("resource", slug)),
            f"{service.variant} {slug}",
            {"kind": role.kind.upper(), "sort_order": order},
        )
        for service in shop.services
        for position, role in enumerate(service.roles)
        for order, slug in enumerate(dict.fromkeys(role.resources))
    ]
    within = Scope({"role_id": set(role_ids.values())})
    await sync.table(RoleResource, "resource of role", ["role_id", "resource_id"], fillers, scope=within)


def _intake(names: Names, service: form.Service) -> dict[str, Any]:
    """The form that is asked before; a file that says nothing of it leaves what staff has set up."""
    return {} if service.intake is None else {"intake_form_id": names.id("intake form", service.intake)}


async def _packages(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    rows = [
        Row(
            (names.id("variant", package.variant),),
            package.variant,
            {
                "sessions": package.sessions,
                "valid_days": package.valid_days,
                "is_transferable": package.transferable,
                "is_active": package.active,
            },
        )
        for package in shop.packages
    ]
    found = await sync.table(Package, "package", ["variant_id"], rows, scope=everywhere(shop, "packages"))
    links = [
        Row((found[names.id("variant", package.variant),], names.id("service", sku)), f"{package.variant} {sku}")
        for package in shop.packages
        for sku in dict.fromkeys(package.services)
    ]
    within = Scope({"package_id": set(found.values())})
    await sync.table(PackageService, "service of package", ["package_id", "service_id"], links, scope=within)
