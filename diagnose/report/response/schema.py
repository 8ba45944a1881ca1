"""The JSON Schema of the report, as its models give it."""

from __future__ import annotations

from inspect import cleandoc
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
        says = {"description": cleandoc(schema["cls"].__doc__ or "")}  # pydantic says it from some version on
        return super().dataclass_schema(schema) | says | {"additionalProperties": False}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `render_json` writes."""
    found = Report.model_json_schema(mode="serialization", schema_generator=_Schema)
    return {"$schema": _Schema.schema_dialect, **found}
