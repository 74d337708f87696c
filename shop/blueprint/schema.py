"""The JSON Schema of a shop file, for editors that check and complete while one writes."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from shop.blueprint.format import ShopFile

FILE: Final = Path("docs/shop-file.schema.json")


class _Generate(GenerateJsonSchema):
    """JSON Schema as editors of YAML use it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles: they would only repeat the keys."""
        return False

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A number alone: pydantic would also offer text, which reads as a different thing in a file."""
        number: dict[str, Any] = {"type": "number"}
        for name, keyword in (("ge", "minimum"), ("le", "maximum")):
            if (limit := schema.get(name)) is not None:
                number[keyword] = int(limit)  # type: ignore[call-overload]
        return number

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """The schema with its dialect."""
        generated = super().generate(schema, mode)
        return {"$schema": self.schema_dialect, **generated, "title": "Shop file"}


def text() -> str:
    """The schema as it is kept in the documentation."""
    schema = ShopFile.model_json_schema(schema_generator=_Generate)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
