from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from diagnose.report.response.part import COUNT, AsIs, Part, at


@dataclass(frozen=True)
class Inner:
    """Two numbers."""

    low: float
    secret: str = "hidden"


@dataclass(frozen=True)
class Whole:
    inner: Inner | None
    names: tuple[str, ...] = ("a", "b")


class Low(Part):
    low: float = at("inner.low")


class Shown(Part):
    low: float | None = at("inner.low", "The lower one.", otherwise=None)
    names: Annotated[int, COUNT]
    inner: Annotated[Inner | None, AsIs("secret")]
    nested: Low | None = at("itself")
    from_: tuple[str, ...] = at("names", name="from")


def test_a_part_is_made_of_what_stands_at_its_paths():
    shown = Shown.model_validate(Whole(Inner(1.0))).model_dump(by_alias=True)
    assert shown == {"low": 1.0, "names": 2, "inner": {"low": 1.0}, "nested": {"low": 1.0}, "from": ("a", "b")}


def test_a_path_that_ends_early_is_an_error_unless_something_stands_for_it():
    with pytest.raises(ValidationError, match=r"nested\.inner\.low|itself\.inner\.low"):
        Shown.model_validate(Whole(None))


def test_the_schema_is_that_of_the_type_less_what_is_left_out():
    schema = TypeAdapter(Shown).json_schema(mode="serialization")
    assert schema["properties"]["low"]["description"] == "The lower one."
    assert set(schema["$defs"]["Inner"]["properties"]) == {"low"}
    assert schema["$defs"]["Inner"]["description"] == "Two numbers."
    assert "from" in schema["properties"]
