"""Our values as FHIR R5 resources. Source: https://hl7.org/fhir/R5/ (Schedule, Slot, Appointment, Bundle)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from shop.booking.availability import Slot
from shop.booking.queries.fhir import Appointment

Resource = dict[str, Any]

STATUSES: Final = {
    "PENDING_PAYMENT": "pending",
    "PENDING_APPROVAL": "pending",
    "CONFIRMED": "booked",
    "CHECKED_IN": "checked-in",
    "COMPLETED": "fulfilled",
    "CANCELLED": "cancelled",
    "DECLINED": "cancelled",
    "EXPIRED": "cancelled",
    "NO_SHOW": "noshow",
}


def instant(moment: datetime) -> str:
    """FHIR's instant, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def schedule(resource_id: int, name: str, *, is_active: bool) -> Resource:
    """The calendar of a practitioner."""
    return {
        "resourceType": "Schedule",
        "id": str(resource_id),
        "active": is_active,
        "name": name,
        "actor": [{"reference": f"Practitioner/{resource_id}", "display": name}],
    }


def free_slot(slot: Slot, service_name: str) -> Resource:
    """A time that is offered, for one service."""
    return {
        "resourceType": "Slot",
        "id": f"{slot.service_id}-{slot.resource_id}-{int(slot.start.timestamp())}",
        "schedule": {"reference": f"Schedule/{slot.resource_id}"},
        "serviceType": [{"concept": {"text": service_name}}],
        "status": "free",
        "start": instant(slot.start),
        "end": instant(slot.end),
    }


def busy_slot(resource_id: int, start: datetime, end: datetime) -> Resource:
    """Time that is taken, without saying by what."""
    return {
        "resourceType": "Slot",
        "id": f"busy-{resource_id}-{int(start.timestamp())}",
        "schedule": {"reference": f"Schedule/{resource_id}"},
        "status": "busy",
        "start": instant(start),
        "end": instant(end),
    }


def appointment(found: Appointment) -> Resource:
    """A booking. The visitor is named by e-mail alone; what a form was answered stands nowhere here."""
    status = STATUSES[found.status]
    made: Resource = {
        "resourceType": "Appointment",
        "id": str(found.id),
        "identifier": [{"system": "urn:shop:booking-number", "value": str(found.number)}],
        "status": status,
        "serviceType": [{"concept": {"text": str(found.snapshot.get("name", ""))}}],
        "start": instant(found.start),
        "end": instant(found.end),
        "minutesDuration": int((found.end - found.start).total_seconds()) // 60,
        "created": instant(found.created_at),
        "participant": [
            {
                "actor": {
                    "reference": f"Practitioner/{found.resource_id}",
                    "display": str(found.snapshot.get("resourceName", "")) or f"Practitioner {found.resource_id}",
                },
                "status": "accepted",
            },
            {"actor": {"type": "Patient", "display": found.email}, "status": "accepted"},
        ],
    }
    if status == "cancelled":
        made["cancellationDate"] = instant(found.updated_at)
    return made


def bundle(base_url: str, resources: Iterable[Resource], *, total: int, links: Mapping[str, str]) -> Resource:
    """A page of the answer to a search. `total`: of all its pages; `links`: addresses by their relation."""
    entries = [
        {
            "fullUrl": f"{base_url}/fhir/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in resources
    ]
    made: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    return made | {"entry": entries} if entries else made


def outcome(code: str, text: str) -> Resource:
    """Why there is no answer. `code` is of FHIR's issue types."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": text}],
    }
