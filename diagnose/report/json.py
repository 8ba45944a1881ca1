"""The Diagnosis as JSON, `schema_version` 1: the contract that other programs rely on."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, is_dataclass
from typing import Any

from diagnose.model import (
    Attribution,
    Card,
    CheckResult,
    Comparison,
    Config,
    Contrast,
    Dataset,
    Diagnosis,
    Finding,
    Forecast,
    FrozenFeatures,
    GivenInputs,
    Interval,
    LearningRate,
    Location,
    ProbeRun,
    Probes,
    Run,
    Severity,
    Tuning,
)
from diagnose.report.history import as_record
from diagnose.report.tuned import tuned_line

SCHEMA_VERSION = 1


def render_json(diagnosis: Diagnosis) -> str:
    """One JSON object, indented, with a newline at its end. NaN and infinity, which JSON lacks, are null."""
    evidence = diagnosis.evidence
    probes = evidence.measured
    whole = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": diagnosis.tool_version,
        "started": diagnosis.started,
        "seconds": round(diagnosis.seconds, 3),
        "interrupted": diagnosis.interrupted,
        "data": _data(evidence.dataset) if evidence.dataset else None,
        "config": _config(evidence.configuration) if evidence.configuration else None,
        "probes": [_probe(run) for run in probes.runs] if probes else [],
        "probe_notes": list(probes.notes) if probes else [],
        "comparison": _comparison(probes.comparison) if probes and probes.comparison else None,
        "learning_rate": _learning_rate(probes.learning_rate) if probes and probes.learning_rate else None,
        "attribution": _attribution(probes.attribution) if probes and probes.attribution else [],
        "learning_curves": probes.curves if probes else [],
        "features": _features(probes) if probes else None,
        "network": asdict(evidence.own) if evidence.own else None,
        "observed": _observed(evidence.ran) if evidence.ran else None,
        "against": _contrast(diagnosis.contrast) if diagnosis.contrast else None,
        "forecast": _forecast(probes.forecast) if probes and probes.forecast else None,
        "frozen_features": _frozen(probes.frozen) if probes and probes.frozen else None,
        "confusion": asdict(probes.confusion) if probes and probes.confusion else None,
        "inputs": _inputs(probes.inputs) if probes and probes.inputs else None,
        "probe_time": {"share": probes.share, "dropped": list(probes.dropped)} if probes else None,
        "tuning": _tuning(diagnosis.tuning) if diagnosis.tuning else None,
        "history": as_record(evidence.past) if evidence.past else None,
        "checkpoint": asdict(evidence.autopsy) if evidence.autopsy else None,
        "findings": [_finding(finding) for finding in diagnosis.findings],
        "checks": [_check(result) for result in diagnosis.results],
        "not_examined": [{"code": gap.code, "why": gap.why} for gap in diagnosis.not_examined],
        "summary": {
            "errors": diagnosis.count(Severity.ERROR),
            "warnings": diagnosis.count(Severity.WARNING),
            "infos": diagnosis.count(Severity.INFO),
            "verdict": diagnosis.verdict,
        },
    }
    return json.dumps(_plain(whole), indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Location) and value.cell is None:
        return {"file": value.file, "line": value.line}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _data(data: Dataset) -> dict[str, Any]:
    return {
        "root": data.root,
        "images": data.images,
        "classes": list(data.classes),
        "counts": data.counts,
        "mean": data.mean,
        "std": data.std,
        "width": data.width,
        "height": data.height,
        "modes": {mode: files.count for mode, files in data.modes.items()},
        "faults": {kind: files.count for kind, files in data.faults.items()},
        "duplicates": {"groups": data.duplicates.sets, "files": data.duplicates.files},
        "leaks": {"groups": data.leaks.sets, "files": data.leaks.files, "images": data.leaked_images},
        "near_leaks": {"pairs": len(data.near_leaks), "images": data.near_leaked_images},
        "conflicts": {"groups": data.conflicts.sets, "files": data.conflicts.files},
        "near_conflicts": {"groups": data.near_conflicts.sets, "files": data.near_conflicts.files},
        "near_duplicates": {"groups": data.near_duplicates.sets, "files": data.near_duplicates.files},
        "grey_as_rgb": data.grey.count,
        "rotated": data.rotated.count,
        "long": data.long.count,
        "outliers": {kind: files.count for kind, files in data.outliers.items()},
        "shortcuts": data.shortcuts,
        "shifts": data.shifts,
        "series_leaks": data.series_leaks,
        "class_table": data.table,
        "histograms": data.histograms,
        "stray_folders": data.stray,
        "empty_classes": data.empty_classes,
        "ignored_files": data.ignored.count,
    }


def _config(config: Config) -> dict[str, Any]:
    fields = {}
    for name, setting in config.settings():
        fields[name] = {
            "value": dict(setting.get()) if name.endswith("_options") and setting.known else setting.value,
            "file": setting.file,
            "line": setting.line,
            "known": setting.known,
        }
        if setting.observed:
            fields[name]["observed"] = True
        if setting.cell is not None:
            fields[name]["cell"] = setting.cell
        if not setting.known:
            fields[name]["why"] = setting.why
    return fields


def _observed(run: Run) -> dict[str, Any]:
    """All but the images: pictures are for the page and the TUI, samples for the comparison with the dataset."""
    return {name: value for name, value in asdict(run).items() if name not in ("pictures", "samples", "files")}


def _contrast(contrast: Contrast) -> dict[str, Any]:
    return {
        "this": contrast.this,
        "other": contrast.other,
        "verdict": contrast.verdict,
        "differences": [
            {
                "factor": one.factor,
                "this": one.this,
                "other": one.other,
                "effect": one.effect,
                "this_at": one.this_at,
                "other_at": one.other_at,
            }
            for one in contrast.differences
        ],
        "chance": contrast.chance,
        "alike": contrast.alike,
        "not_compared": [{"factor": factor, "why": why} for factor, why in contrast.not_compared],
        "faults_here": [finding.code for finding in contrast.faults_here],
        "faults_there": [finding.code for finding in contrast.faults_there],
        "conventions": [dict(zip(("what", "keras", "pytorch"), row, strict=True)) for row in contrast.conventions],
    }


def _attribution(attribution: Attribution) -> list[dict[str, Any]]:
    rows: list[tuple[Any, ...]] = [
        (part.factor, part.before, part.after, part.gain, part.confidence) for part in attribution.parts
    ]
    rows.append(("remainder", "", "", attribution.remainder, None))
    rows.append(
        (
            "all of it",
            f"{attribution.start:.4f}",
            f"{attribution.goal:.4f}",
            attribution.whole,
            attribution.whole.confidence,
        )
    )
    return [
        {
            "factor": factor,
            "from": before,
            "to": after,
            "gain": gain.difference,
            "interval": _pair(gain.interval),
            "seeds": gain.seeds,
            "confidence": confidence,
        }
        for factor, before, after, gain, confidence in rows
    ]


def _features(probes: Probes) -> dict[str, Any]:
    return {
        "suspect_labels": probes.suspects,
        "split_shift": probes.shift,
        "labels_against_chance": probes.labels,
    }


def _frozen(frozen: FrozenFeatures) -> dict[str, Any]:
    return {**asdict(frozen), "interval": _pair(frozen.interval)}


def _inputs(given: GivenInputs) -> dict[str, Any]:
    """The numbers alone: pictures are for the page and the TUI."""
    return {name: getattr(given, name) for name in ("images", "mean", "std", "low", "high")}


def _forecast(forecast: Forecast) -> dict[str, Any]:
    return {
        "seconds": forecast.seconds,
        "seconds_range": _pair(forecast.seconds_range),
        "device": forecast.device,
        "images_per_second": {"compute": forecast.compute, "loading": forecast.loading, "workers": forecast.workers},
        "bottleneck": forecast.bottleneck,
        "epochs": forecast.epochs,
        "steps": forecast.steps,
        "batch_size": forecast.batch,
        "input_size": forecast.input_size,
        "memory_bytes": forecast.memory,
        "memory": {
            "by_precision": dict(forecast.memory_by_precision),
            "fits": forecast.fits,
            "card": _card(forecast.card) if forecast.card else None,
        },
        "workers": {"needed": forecast.workers_needed, "cores_missing": forecast.workers_missing},
        "resized": {"images_per_second": forecast.resized.loading, "seconds_saved": forecast.resized.gain}
        if forecast.resized
        else None,
        "accuracy": [forecast.accuracy_low, forecast.accuracy_high],
        "accuracy_note": forecast.accuracy_why,
        "target": forecast.target,
        "price": forecast.price,
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "bytes": card.memory,
        "usable_bytes": card.usable,
        "measured": card.measured,
        "changes": [{"change": fit.change, "memory_bytes": fit.memory, "cost": fit.cost} for fit in card.changes],
        "tried_all": card.tried_all,
    }


def _pair(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


def _probe(run: ProbeRun) -> dict[str, Any]:
    return {**asdict(run), "interval": _pair(run.interval)}


def _comparison(compared: Comparison) -> dict[str, Any]:
    return {
        "scratch": compared.scratch,
        "pretrained": compared.pretrained,
        "gap": compared.gap.difference,
        "interval": _pair(compared.gap.interval),
        "arch": compared.arch,
        "weights": compared.weights,
        "stand_in": compared.stand_in,
        "seeds": compared.gap.seeds,
        "images": compared.gap.images,
        "confidence": compared.gap.confidence,
        "features": {"gain": compared.features.difference, "interval": _pair(compared.features.interval)}
        if compared.features
        else None,
    }


def _learning_rate(tested: LearningRate) -> dict[str, Any]:
    confirmed = tested.confirmed
    return {
        "configured": tested.configured,
        "suggested": tested.suggested,
        "diverges_at": tested.diverges_at,
        "curve": tested.curve,
        "band": tested.band,
        "tried": tested.tried,
        "lost_steps": tested.lost_steps,
        "confirmed": {
            "loss_difference": confirmed.difference,
            "interval": _pair(confirmed.interval),
            "seeds": confirmed.seeds,
        }
        if confirmed
        else None,
    }


def _tuning(tuning: Tuning) -> dict[str, Any]:
    gain = tuning.gain
    return {
        "better": tuning.better,
        "sentence": tuned_line(tuning),
        "changes": [
            {"factor": one.factor, "from": one.before, "to": one.after, "fields": dict(one.fields)}
            for one in tuning.changes
        ],
        "gain": gain.difference if gain else None,
        "interval": _pair(gain.interval) if gain else None,
        "seeds": gain.seeds if gain else 0,
        "images": gain.images if gain else 0,
        "planned_seeds": tuning.planned,
        "accuracy": {"yours": tuning.start, "tuned": tuning.reached},
        "steps": tuning.steps,
        "full_steps": tuning.full_steps,
        "arch": tuning.arch,
        "seconds": round(tuning.seconds, 3),
        "tried": [asdict(one) for one in tuning.tried],
        "not_searched": tuning.left_out,
        "notes": tuning.notes,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "summary": finding.summary,
        "measured": finding.measured,
        "fix": finding.fix,
        "files": finding.files,
        "location": finding.location,
        "confidence": finding.confidence,
        "fingerprint": finding.fingerprint,
        "because_of": finding.because_of or None,
        "because": finding.because or None,
    }


def _check(result: CheckResult) -> dict[str, Any]:
    fields = {
        "code": result.code,
        "name": result.name,
        "state": result.state,
        "seconds": round(result.seconds, 6),
    }
    return {**fields, "why": result.why} if result.why else fields
