"""The comments of the shop in memory: of one article, with a token that never ends."""

from typing import Any

Fields = dict[str, Any]


class Talk:
    """What was said under `hair`, as the API would tell it to everybody."""

    def __init__(self) -> None:
        self.is_open = True
        self.said: list[Fields] = []
        self.waiting: list[Fields] = []
        self.moderates = False
        self.decided: list[tuple[list[str], str]] = []
        # None: shown at once; PENDING: it waits; else an error of this field.
        self.verdict: str | None = None
        self.tokens = {"good"}

    def say(self, name: str, *, above: Fields | None = None, gone: bool = False, **more: Any) -> Fields:
        """A comment is there, below another."""
        number = len(self.said) + 1
        comment: Fields = {
            "id": f"C{number}",
            "anchor": f"comment-{number}",
            "depth": above["depth"] + 1 if above else 0,
            "status": "DELETED" if gone else "APPROVED",
            "authorName": "" if gone else name,
            "authorWebsite": None,
            "avatar": {"initials": name[:1].upper(), "shade": 3},
            "bodyHtml": "" if gone else f"<p>{name} said this.</p>",
            "createdAt": "2026-03-01T12:00:00+00:00",
            "isStaff": False,
            "page": {"slug": "hair", "title": "Hair"},
            "top": above["top"] if above else number,
            **more,
        }
        self.said.append(comment)
        return comment

    def talk_of(self, slug: str) -> Fields:
        """What a page has to say about its comments."""
        is_open = self.is_open and slug == "hair"
        said = self.said if slug == "hair" else []

        def comments(info: Any, first: int, sort: str, after: str | None = None) -> Fields | None:
            tops = [one for one in said if one["depth"] == 0]
            if after not in {None, *(one["id"] for one in tops)}:
                return None
            start = 0 if after is None else [one["id"] for one in tops].index(after) + 1
            page = tops[start : start + first]
            more = len(tops) > start + first
            below = {top["id"]: [one for one in said if one["top"] == top["top"] and one is not top] for top in page}
            return {
                "edges": [{"node": top | {"thread": below[top["id"]]}} for top in page],
                "pageInfo": {"hasNextPage": more, "endCursor": page[-1]["id"] if page else None},
            }

        return {
            "commentsCount": sum(one["status"] == "APPROVED" for one in said),
            "commentsOpen": is_open,
            "comments": comments,
            "commentForm": {"token": "form token", "until": "2026-03-02T12:00:00+00:00"} if is_open else None,
        }

    def commentCreate(self, info: Any, input: Fields) -> Fields:  # noqa: N802 - the schema's name
        if self.verdict not in {None, "PENDING"}:
            error = {"field": self.verdict, "code": "REQUIRED", "message": f"The {self.verdict} is wrong."}
            return {"status": None, "comment": None, "errors": [error | {"field": self.verdict or None}]}
        if self.verdict == "PENDING":
            return {"status": "PENDING", "comment": None, "errors": []}
        above = next((one for one in self.said if one["id"] == input.get("parent")), None)
        made = self.say(input["authorName"], above=above)
        return {"status": "APPROVED", "comment": made, "errors": []}

    def latestComments(self, info: Any, first: int, page: str | None = None) -> list[Fields]:  # noqa: N802
        return [one for one in reversed(self.said) if one["status"] == "APPROVED" and page in {None, "hair"}][:first]

    def comments(self, info: Any, **wanted: Any) -> Fields | None:
        if not self.moderates:
            return None
        return {
            "totalCount": len(self.waiting),
            "edges": [{"node": one} for one in self.waiting],
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        }

    def waits(self, name: str) -> Fields:
        """A comment waits, and whoever is signed in moderates."""
        self.moderates = True
        one = self.say(name) | {"status": "PENDING", "email": "new@example.com", "network": "203.0.113.0/24"}
        one |= {"reasons": ["FIRST_COMMENT", "LINKS"], "parent": None}
        self.said.pop()
        self.waiting.append(one)
        return one

    def commentModerate(self, info: Any, ids: list[str], decision: str) -> Fields:  # noqa: N802
        self.decided.append((ids, decision))
        return {"comments": [one for one in self.waiting if one["id"] in ids], "errors": []}

    def commentSubscriptionConfirm(self, info: Any, token: str) -> Fields:  # noqa: N802
        return {"confirmed": token in self.tokens, "errors": self._refused(token)}

    def commentUnsubscribe(self, info: Any, token: str) -> Fields:  # noqa: N802
        return {"unsubscribed": token in self.tokens, "errors": self._refused(token)}

    def _refused(self, token: str) -> list[Fields]:
        if token in self.tokens:
            return []
        return [{"field": "token", "code": "INVALID", "message": "This link is not valid (any more)."}]
