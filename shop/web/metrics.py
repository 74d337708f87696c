"""`/metrics`: what this process did, in Prometheus' text format; for the machine itself or whoever holds the token.

The numbers are one process's: several web processes are scraped one by one. Labels hold nothing that a client chooses.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from sqlalchemy import String, column, func, select, table
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shop.api.core.errors import is_unavailable
from shop.execution import Documents
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.web.answers import Answers

# Requests are counted by these places; every page of the storefront is one more.
_PLACES: Final = ("graphql", "health", "ready", "metrics", "webhooks", "media", "thumbnail", "static")
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

_jobs = table("procrastinate_jobs", column("status"))
_status = _jobs.c.status.cast(String)
_JOBS = select(_status.label("status"), func.count().label("number")).group_by(_status)

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Traffic:
    """What the request log saw. Units: seconds by the clock on the wall."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    statements: int = 0
    statement_seconds: float = 0.0

    def add(self, path: str, status: int, seconds: float, statements: int, statement_seconds: float) -> None:
        """One more request."""
        first = path.split("/", 2)[1:2]
        place = first[0] if first and first[0] in _PLACES else "storefront"
        self.requests[place, status] += 1
        self.seconds[place] += seconds
        self.statements += statements
        self.statement_seconds += statement_seconds


class Metrics:
    """The endpoint. To everyone who may not see it there is no such page (404)."""

    def __init__(
        self, settings: Settings, database: Database, traffic: Traffic, documents: Documents, answers: Answers
    ) -> None:
        self.settings = settings
        self.database = database
        self.traffic = traffic
        self.documents = documents
        self.answers = answers

    async def __call__(self, request: Request) -> Response:
        """The route."""
        if not self._may_see(request):
            return PlainTextResponse("Not Found", status_code=404)
        lines = [*self._process(), *_gauge_of_jobs(await self._jobs())]
        return PlainTextResponse(
            "\n".join(lines) + "\n",
            headers={"Cache-Control": "no-store"},
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )

    def _may_see(self, request: Request) -> bool:
        token = self.settings.metrics_token
        if token is not None:
            expected = f"Bearer {token.get_secret_value()}"
            return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())
        # A proxy on this machine speaks for the whole world, and not every one says so: never in production.
        if self.settings.production or any(name in request.headers for name in _FORWARDED) or request.client is None:
            return False
        try:
            return ip_address(request.client.host).is_loopback
        except ValueError:
            return False

    async def _jobs(self) -> Mapping[str, int] | None:
        """Jobs by their status; None where the database does not say."""
        reader = self.database.reader()
        try:
            return {row["status"]: row["number"] for row in await reader.rows(_JOBS)}
        except Exception as error:
            if not is_unavailable(error):
                raise
            return None
        finally:
            await reader.close()

    def _process(self) -> Iterator[str]:
        traffic, stats = self.traffic, self.documents.stats
        yield from _metric(
            "shop_requests_total",
            "Requests answered.",
            "counter",
            (
                ((("place", place), ("status", str(status))), number)
                for (place, status), number in sorted(traffic.requests.items())
            ),
        )
        yield from _metric(
            "shop_request_seconds_total",
            "Seconds from the first byte in to the last byte out.",
            "counter",
            (((("place", place),), seconds) for place, seconds in sorted(traffic.seconds.items())),
        )
        counters = (
            ("shop_statements_total", "SQL statements of requests.", traffic.statements),
            (
                "shop_statement_seconds_total",
                "Seconds that requests waited for the database.",
                traffic.statement_seconds,
            ),
            ("shop_graphql_plans_compiled_total", "Root fields compiled.", stats.compiled),
            ("shop_graphql_plans_learned_total", "Root fields compiled again for a new class.", stats.learned),
            ("shop_graphql_planned_total", "Root fields answered by a plan.", stats.planned),
            ("shop_answers_hits_total", "Operations answered with what was kept.", self.answers.hits),
            ("shop_answers_misses_total", "Operations that found nothing kept, or no longer.", self.answers.misses),
        )
        for name, help_, value in counters:
            yield from _metric(name, help_, "counter", (((), value),))
        for name, help_, reasons in (
            ("shop_graphql_fallbacks_total", "Root fields that left their plan for graphql-core.", stats.bails),
            ("shop_graphql_unplanned_total", "Root fields that could not be compiled.", stats.unplanned),
        ):
            # Places hold the names of a client's document: only the reasons are shown.
            by_reason = Counter[str]()
            for (reason, _), number in reasons.items():
                by_reason[reason] += number
            yield from _metric(
                name, help_, "counter", (((("reason", reason),), n) for reason, n in sorted(by_reason.items()))
            )
        yield from _metric("shop_graphql_documents", "Documents kept.", "gauge", (((), len(self.documents)),))
        yield from _metric(
            "shop_graphql_document_bytes", "Room that kept documents take.", "gauge", (((), self.documents.bytes),)
        )
        yield from _metric("shop_answers", "Answers kept.", "gauge", (((), len(self.answers)),))
        yield from _metric("shop_answer_bytes", "Room that kept answers take.", "gauge", (((), self.answers.bytes),))


def _gauge_of_jobs(jobs: Mapping[str, int] | None) -> Iterator[str]:
    yield from _metric("shop_database_up", "Whether the database answers.", "gauge", (((), int(jobs is not None)),))
    if jobs is not None:
        yield from _metric(
            "shop_jobs",
            "Background jobs that the database holds; failed ones were given up.",
            "gauge",
            (((("status", status),), jobs.get(status, 0)) for status in sorted({"failed", "todo", "doing", *jobs})),
        )


def _metric(name: str, help_: str, kind: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """The lines of one metric. Source: Prometheus, text-based exposition format 0.0.4."""
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        shown = ",".join(f'{key}="{text}"' for key, text in labels)
        number = value if isinstance(value, int) else round(value, 6)
        yield f"{name}{{{shown}}} {number}" if shown else f"{name} {number}"
