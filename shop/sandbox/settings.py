"""What the sandbox process is told when it starts."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Where the sandbox keeps its state, under which address browsers reach it, and whom it tells about payments.

    `webhook_url` and `webhook_secret` describe an endpoint that exists from the first start, as one made in a
    dashboard would; further endpoints are made through the API. Units: seconds for the delay, which is added before
    every first delivery attempt.
    """

    state_path: Path
    public_url: str
    webhook_url: str | None = None
    webhook_secret: str | None = None
    webhook_delay_seconds: float = 0.0

    @property
    def base_url(self) -> str:
        """The public address without a closing slash."""
        return self.public_url.rstrip("/")
