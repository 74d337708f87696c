"""What a template prints is escaped; what is not is HTML that the API made safe."""

import re

from tests.house.code import ROOT

# Pages and mails: what strangers write stands in them. The explorer shows the project's own documents.
TEMPLATES = sorted(path for room in ("storefront", "mail") for path in (ROOT / "shop" / room).rglob("templates/**/*.*"))
# `page.contentHtml|default("", true)|trusted`: the name, then filters.
_TRUSTED = re.compile(r"\{\{\s*([\w.]+)(?:\|default\(\"\", true\))?\|trusted\s*\}\}")


def test_only_html_of_the_api_is_trusted() -> None:
    assert len(TEMPLATES) > 80
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        names = _TRUSTED.findall(text)
        assert len(names) == text.count("trusted"), path
        assert all(name.endswith(("Html", ".html")) for name in names), (path, names)
        assert not re.search(r"\|\s*safe\b|autoescape", text), path
