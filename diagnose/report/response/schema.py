"""The JSON Schema of the report, as its models give it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from diagnose.report.response.report import Report


class _Schema(GenerateJsonSchema):
    """Every field is there, no other is, and a number that is not finite is null."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {"type": ["number", "null"]}

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return super().dataclass_schema(schema) | {"additionalProperties": False}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `render_json` writes."""
    found = Report.model_json_schema(mode="serialization", schema_generator=_Schema)
    return {"$schema": _Schema.schema_dialect, **found}
