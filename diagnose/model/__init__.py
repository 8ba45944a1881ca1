"""The values everything else speaks in: evidence goes in, findings come out, a Diagnosis holds both.

Standard library only, so that a check, a renderer or a test can build and read any of them without torch,
files or a screen.
"""

from diagnose.model.basics import Confidence, InputError, Location, NotExamined, Severity, printable
from diagnose.model.config import DETERMINISTIC_STEPS, RAW_LIMIT, SYMMETRIC_STEP, UNIT_STEP, UNKNOWN, Config, Setting
from diagnose.model.contrast import Contrast, Difference
from diagnose.model.dataset import Dataset, Files, Groups, Spread
from diagnose.model.judgement import Check, CheckResult, Diagnosis, Evidence, Finding, Gap
from diagnose.model.network import RESNET50_PARAMETERS, Layer, Measured, Network, Stage
from diagnose.model.probes import SEEDS_TO_SHOW, Comparison, Interval, LearningRate, Paired, ProbeRun, Probes
from diagnose.model.program import Act, Observation, Program, Scheduler, Step

__all__ = [
    "DETERMINISTIC_STEPS",
    "RAW_LIMIT",
    "RESNET50_PARAMETERS",
    "SEEDS_TO_SHOW",
    "SYMMETRIC_STEP",
    "UNIT_STEP",
    "UNKNOWN",
    "Act",
    "Check",
    "CheckResult",
    "Comparison",
    "Confidence",
    "Config",
    "Contrast",
    "Dataset",
    "Diagnosis",
    "Difference",
    "Evidence",
    "Files",
    "Finding",
    "Gap",
    "Groups",
    "InputError",
    "Interval",
    "Layer",
    "LearningRate",
    "Location",
    "Measured",
    "Network",
    "NotExamined",
    "Observation",
    "Paired",
    "ProbeRun",
    "Probes",
    "Program",
    "Scheduler",
    "Setting",
    "Severity",
    "Spread",
    "Stage",
    "Step",
    "printable",
]
