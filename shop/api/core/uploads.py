"""Files that come with a mutation, as the GraphQL multipart request specification sends them."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it came: nothing of it was looked at. `filename` is the sender's word, good for messages alone."""

    filename: str
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What tells this content from any other."""
        return sha256(self.content).hexdigest()
