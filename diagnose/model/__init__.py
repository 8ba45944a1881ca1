"""The values everything else speaks in: evidence goes in, findings come out, a Diagnosis holds both.

Standard library only, so that a check, a renderer or a test can build and read any of them without torch,
files or a screen.
"""

from diagnose.model.basics import (
    AREAS,
    BrokenInstallation,
    Confidence,
    InputError,
    Location,
    NotExamined,
    Severity,
    area,
    printable,
)
from diagnose.model.causes import in_order
from diagnose.model.check import Check, CheckResult
from diagnose.model.claims import claims_features
from diagnose.model.config import (
    DETERMINISTIC_STEPS,
    IMAGENET_MEAN,
    IMAGENET_STD,
    IMAGENET_WEIGHTS,
    RAW_LIMIT,
    SYMMETRIC_STEP,
    UNIT_STEP,
    UNKNOWN,
    Config,
    Options,
    Setting,
    swapped_by,
)
from diagnose.model.contrast import Contrast, Difference
from diagnose.model.coverage import Coverage, coverage, listed
from diagnose.model.dataset import (
    WHOLE,
    ClassRow,
    Dataset,
    Files,
    Groups,
    Histogram,
    Shortcut,
    Spread,
    held_out_split,
    training_split,
)
from diagnose.model.diagnosis import Diagnosis, Gap
from diagnose.model.evidence import Evidence
from diagnose.model.factors import FACTORS, Factor
from diagnose.model.finding import Finding
from diagnose.model.forecast import Forecast
from diagnose.model.intervals import SEEDS_TO_SHOW, Interval, Paired
from diagnose.model.learning_rates import (
    batch_scale,
    fine_tuning_rate,
    optimizer_label,
    possible_band,
    usual_band,
)
from diagnose.model.network import RESNET50_PARAMETERS, Layer, Measured, OwnNetwork, Stage
from diagnose.model.probes import (
    BEST_KNOWN,
    Attribution,
    Comparison,
    LearningRate,
    OneBatch,
    Part,
    ProbeRun,
    Probes,
    TriedRate,
)
from diagnose.model.program import HIDDEN, Act, Crop, Observation, Program, Scheduler, Step, Unfollowed
from diagnose.model.representation import LabelsAgainstChance, LearningCurve, SplitShift, Suspect, SuspectLabels
from diagnose.model.secrets import redacted, without_secrets

__all__ = [
    "AREAS",
    "BEST_KNOWN",
    "DETERMINISTIC_STEPS",
    "FACTORS",
    "HIDDEN",
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "IMAGENET_WEIGHTS",
    "RAW_LIMIT",
    "RESNET50_PARAMETERS",
    "SEEDS_TO_SHOW",
    "SYMMETRIC_STEP",
    "UNIT_STEP",
    "UNKNOWN",
    "WHOLE",
    "Act",
    "Attribution",
    "BrokenInstallation",
    "Check",
    "CheckResult",
    "ClassRow",
    "Comparison",
    "Confidence",
    "Config",
    "Contrast",
    "Coverage",
    "Crop",
    "Dataset",
    "Diagnosis",
    "Difference",
    "Evidence",
    "Factor",
    "Files",
    "Finding",
    "Forecast",
    "Gap",
    "Groups",
    "Histogram",
    "InputError",
    "Interval",
    "LabelsAgainstChance",
    "Layer",
    "LearningCurve",
    "LearningRate",
    "Location",
    "Measured",
    "NotExamined",
    "Observation",
    "OneBatch",
    "Options",
    "OwnNetwork",
    "Paired",
    "Part",
    "ProbeRun",
    "Probes",
    "Program",
    "Scheduler",
    "Setting",
    "Severity",
    "Shortcut",
    "SplitShift",
    "Spread",
    "Stage",
    "Step",
    "Suspect",
    "SuspectLabels",
    "TriedRate",
    "Unfollowed",
    "area",
    "batch_scale",
    "claims_features",
    "coverage",
    "fine_tuning_rate",
    "held_out_split",
    "in_order",
    "listed",
    "optimizer_label",
    "possible_band",
    "printable",
    "redacted",
    "swapped_by",
    "training_split",
    "usual_band",
    "without_secrets",
]
