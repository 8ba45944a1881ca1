"""The configuration, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator

from diagnose.model import Config, Setting
from diagnose.report.response.part import AsIs


def _settings(config: Config | None) -> dict[str, Setting[Any]] | None:
    return dict(_named(config)) if config else None


def _named(config: Config) -> Iterator[tuple[str, Setting[Any]]]:
    for name, setting in config.settings():
        options = name.endswith("_options") and setting.known
        setting = replace(setting, value=dict(setting.get())) if options else setting
        yield name, replace(setting, why="") if setting.known else setting


# A field of the configuration by its name.
Settings = Annotated[Mapping[str, Setting[Any]] | None, AsIs(), BeforeValidator(_settings)]
