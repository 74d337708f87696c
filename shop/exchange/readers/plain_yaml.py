"""YAML of strangers: what PyYAML reads safely, without the references by which a few lines grow beyond all memory."""

from typing import Any

import yaml


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event() if self.check_event(yaml.AliasEvent) else None  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        if event is not None and not isinstance(node, yaml.ScalarNode):
            raise yaml.composer.ComposerError(
                None, None, "lists and tables are not written by reference", event.start_mark
            )
        return node


def loaded(text: str) -> Any:
    """What the text says. Raises: yaml.YAMLError, also for what is nested beyond reason."""
    try:
        # It constructs what SafeLoader does.
        return yaml.load(text, Loader=_Plain)  # noqa: S506
    except RecursionError:
        raise yaml.YAMLError("nested beyond reason") from None
