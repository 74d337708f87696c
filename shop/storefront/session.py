"""Who is signed in: two tokens in cookies that no script can read.

The API knows its callers by a header and these pages are one of its clients: they keep the tokens, send the short-lived
one along and renew it by the other. The session is read once a request; what changed goes back with the answer.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from shop.kit.settings import Settings

ACCESS: Final = "shop_access"
REFRESH: Final = "shop_refresh"
# An access token that ends while its page is made would show a stranger's page.
_MARGIN_SECONDS: Final = 30


@dataclass(slots=True)
class Session:
    """The visitor's tokens. `access` is None when it has to be renewed, `refresh` when nobody is signed in."""

    access: str | None
    refresh: str | None
    has_changed: bool = False

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody signed in here and has not signed out."""
        return self.refresh is not None

    def begin(self, access: str, refresh: str) -> None:
        """Somebody signed in."""
        self.access, self.refresh, self.has_changed = access, refresh, True

    def renew(self, access: str) -> None:
        """The next access token of the same session."""
        self.access, self.has_changed = access, True

    def end(self) -> None:
        """Nobody is signed in any more."""
        self.access, self.refresh, self.has_changed = None, None, True


def session_of(request: Request) -> Session:
    """The session of this request: the same object for all who ask during it."""
    known: Session | None = getattr(request.state, "session", None)
    if known is None:
        refresh = request.cookies.get(REFRESH) or None
        # Without the means to renew it, an access token is what is left of a session that ended.
        known = Session(access=(request.cookies.get(ACCESS) or None) if refresh else None, refresh=refresh)
        request.state.session = known
    return known


def keep(response: Response, session: Session, settings: Settings, *, secure: bool) -> None:
    """The browser knows what has changed of its session."""
    if session.refresh is None or session.access is None:
        for name in (ACCESS, REFRESH):
            response.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
        return
    lives = (
        (ACCESS, session.access, max(settings.access_token_seconds - _MARGIN_SECONDS, 1)),
        (REFRESH, session.refresh, settings.refresh_token_days * 24 * 3600),
    )
    for name, value, seconds in lives:
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)
