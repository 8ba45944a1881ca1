"""The whole JSON report."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict

from diagnose.model import (
    Checkpoint,
    Confusion,
    FrozenFeatures,
    Gap,
    GivenInputs,
    LearningCurve,
    OwnNetwork,
    ProbeRun,
    Run,
)
from diagnose.report.next_step import NextStep
from diagnose.report.response.against import Against
from diagnose.report.response.config import Settings
from diagnose.report.response.data import Data
from diagnose.report.response.findings import Checked, Found, Summary
from diagnose.report.response.forecast import Ahead
from diagnose.report.response.history import Earlier
from diagnose.report.response.part import AsIs, Part, at
from diagnose.report.response.probes import Compared, Explanation, Features, LearningRates, ProbeTime
from diagnose.report.response.tuning import Tuned

SCHEMA_VERSION: Literal[2] = 2


class Report(Part):
    """Fields are never removed or given another meaning within a version; a release may add some, and brings its own
    schema. A part that was not examined is null. NaN and infinity, which JSON lacks, are null."""

    model_config = ConfigDict(title=f"A report of diagnose, schema_version {SCHEMA_VERSION}")

    schema_version: Literal[2] = SCHEMA_VERSION
    tool_version: str
    started: str = at("started", "ISO 8601.")
    seconds: Annotated[float, BeforeValidator(lambda seconds: round(seconds, 3))]
    interrupted: bool
    data: Data | None = at("evidence.dataset")
    config: Settings = at("evidence.configuration", "The fields of the configuration. why: of one that is unknown.")
    probes: Annotated[tuple[ProbeRun, ...], AsIs()] = at("evidence.measured.runs", otherwise=())
    probe_notes: tuple[str, ...] = at("evidence.measured.notes", otherwise=())
    comparison: Compared | None = at("evidence.measured.comparison", otherwise=None)
    learning_rate: LearningRates | None = at("evidence.measured.learning_rate", otherwise=None)
    attribution: Explanation = at(
        "evidence.measured.attribution",
        "Parts of the gap, then 'remainder', then 'all of it'; the parts and the remainder add up to it.",
        otherwise=(),
    )
    learning_curves: Annotated[tuple[LearningCurve, ...], AsIs()] = at(
        "evidence.measured.curves", "Accuracy on validation images by images per class; intervals of 80%.", otherwise=()
    )
    features: Features | None = at("evidence.measured")
    network: Annotated[OwnNetwork | None, AsIs()] = at("evidence.own")
    observed: Annotated[Run | None, AsIs("pictures", "samples", "files")] = at(
        "evidence.ran",
        "What the program did in miniature (--run). Null where it was not run. A value is null, or a list empty, where "
        "the run ended before it could be seen.",
    )
    against: Against | None = at("contrast")
    forecast: Ahead | None = at("evidence.measured.forecast", otherwise=None)
    frozen_features: Annotated[FrozenFeatures | None, AsIs()] = at(
        "evidence.measured.frozen",
        "A linear probe on frozen pretrained features: the first answer of a run, refined as more images are seen.",
        otherwise=None,
    )
    confusion: Annotated[Confusion | None, AsIs()] = at("evidence.measured.confusion", otherwise=None)
    inputs: Annotated[GivenInputs | None, AsIs("before", "after", "pictures")] = at(
        "evidence.measured.inputs",
        "What the configured network is given: of each channel's values (red, green, blue) after scaling, "
        "normalisation and augmentation. Null without a configuration that can be trained.",
        otherwise=None,
    )
    probe_time: ProbeTime | None = at("evidence.measured")
    tuning: Tuned | None
    history: Earlier | None = at("evidence.past", "Null without --log.")
    checkpoint: Annotated[Checkpoint | None, AsIs()] = at("evidence.autopsy")
    findings: tuple[Found, ...] = at(
        "findings",
        "Causes by the harm that they are expected to do, the worst first, each followed by the findings that follow "
        "from it.",
    )
    checks: tuple[Checked, ...] = at("results")
    not_examined: Annotated[tuple[Gap, ...], AsIs()]
    summary: Summary = at("itself")
    next: Annotated[NextStep | None, AsIs()] = at(
        "next", "The one command that would show most now; null where none would show more.", otherwise=None
    )
