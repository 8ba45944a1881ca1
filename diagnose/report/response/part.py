"""What the models of the JSON report are made with: where a field's value stands, and what is shown as it is."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

REQUIRED: Any = ...
COUNT = BeforeValidator(len)  # of a field that shows how many there are


class Part(BaseModel):
    """A part of the report. It is made from the attributes of what it shows, which it also finds as `itself`."""

    model_config = ConfigDict(from_attributes=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _of(cls, source: Any) -> Any:
        return source if isinstance(source, dict | BaseModel) else _Source(source)


class _Source:
    def __init__(self, itself: Any) -> None:
        self.itself = itself

    def __getattr__(self, name: str) -> Any:
        return getattr(self.itself, name)


def at(path: str, says: str | None = None, otherwise: Any = REQUIRED, name: str | None = None) -> Any:
    """A field whose value stands at `path`, attributes with dots. says: its description. otherwise: the value where
    the path ends early, without which that is an error. name: of the field in JSON, where it isn't Python's."""
    return Field(otherwise, validation_alias=AliasPath(*path.split(".")), serialization_alias=name, description=says)


class AsIs:
    """Marks a value of the model that the report shows with all its fields, or all but those named.

    It is not built into a validator: a hundred dataclasses would cost more time than the report.
    """

    def __init__(self, *without: str) -> None:
        self.without = without

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Any value, whose JSON Schema is that of its type."""
        self.kind = kind
        if not self.without:
            return core_schema.any_schema()
        return core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(self.shown))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema of the type, less the fields that are left out."""
        found = handler(TypeAdapter(self.kind).core_schema)
        if self.without:
            (inner,) = [one for one in found.get("anyOf", [found]) if one != {"type": "null"}]
            whole = handler.resolve_ref_schema(inner)
            whole["properties"] = {name: one for name, one in whole["properties"].items() if name not in self.without}
            whole["required"] = [name for name in whole["required"] if name not in self.without]
        return found

    def shown(self, value: Any) -> Any:
        """The fields that are shown; None for None."""
        if value is None:
            return None
        return {item.name: getattr(value, item.name) for item in fields(value) if item.name not in self.without}
