"""A picture of a shop file, wherever one may stand."""

from typing import Self

from pydantic import Field, model_validator

from shop.blueprint.format.base import Section, Slug


class Media(Section):
    """A picture: a file beside the shop file, or one that the shop draws itself."""

    file: str | None = Field(None, max_length=500, description="Path of a picture, relative to this file's folder")
    draw: Slug | None = Field(None, description="Name of a built-in picture of the demo")
    alt: str = Field("", max_length=250, description="What the picture shows, for those who do not see it")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.file is None) == (self.draw is None):
            raise ValueError("a picture has exactly one of file or draw")
        return self
