"""From a template and values to a mail: subject, text and HTML. Templates lie in `templates/<name>.{txt,html}`.

The first line of the text template is the subject.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from shop.kit.money import display


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's parts."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("shop.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = display
    return environment


def render(template: str, values: dict[str, Any]) -> Rendered:
    """The mail. Raises: jinja2.UndefinedError for a value that the template needs and does not get."""
    environment = _environment()
    subject, _, text = environment.get_template(f"{template}.txt").render(values).partition("\n")
    # A line break in a subject would be a header of the sender's choosing.
    subject = " ".join(subject.split())
    html = environment.get_template(f"{template}.html").render(values, subject=subject)
    return Rendered(subject=subject, text=text.strip() + "\n", html=html)
