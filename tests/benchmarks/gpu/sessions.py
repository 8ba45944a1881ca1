"""The whole default probe set by the engine, as the command runs it, and the verdicts on the samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.gpu.setting import CLASSES, Row, Setting
from benchmarks.verdicts import EXPECTED, SAMPLES

import diagnose
from diagnose.events import Note, ProbesMeasured, ProbesPlanned, ScanDone
from diagnose.model import Probes

ROOT = Path(__file__).parents[3]
FIRST, WHOLE = 60.0, 180.0  # goals, seconds
WAITED = 30.0  # seconds beyond its budget, that a command is waited for
STARTUP = 10.0  # seconds by which a run may outlast a short budget
QUICK_ARCH = "shufflenet_v2_x0_5"
# What a set is asked, as the configuration of both allows it; `LATER` needs two seeds, or has nothing to tell.
LATER = ("comparison", "attribution")
ANSWERS: dict[str, Callable[[Probes], bool]] = {
    "frozen features": lambda probes: probes.frozen is not None,
    "the configuration": lambda probes: bool(probes.of("configured")),
    "scratch": lambda probes: bool(probes.of("scratch")),
    "pretrained": lambda probes: bool(probes.of("pretrained")),
    "learning rate": lambda probes: probes.learning_rate is not None,
    "one batch": lambda probes: probes.one_batch is not None,
    "forecast": lambda probes: probes.forecast is not None,
    "comparison": lambda probes: probes.comparison is not None,
    "attribution": lambda probes: probes.attribution is not None,
}


def photographs(setting: Setting) -> Iterator[Row]:
    """The photographs, with the default budget."""
    size = str(setting.size)
    config = _config(setting, "photographs", input_size=size, val_input_size=size, head=str(CLASSES))
    yield from _set(setting, "photographs", setting.photographs, config, setting.budget, WHOLE)


def samples(setting: Setting) -> Iterator[Row]:
    """The sample photographs, with a shorter budget."""
    budget = setting.second_budget
    yield from _set(setting, "samples", SAMPLES / "photos", _config(setting, "samples"), budget, budget + STARTUP)


def _config(setting: Setting, name: str, **changes: str) -> Path:
    """The healthy sample's configuration, with some fields changed."""
    changes |= {"model": QUICK_ARCH} if setting.quick else {}
    lines = [line.partition(":") for line in (SAMPLES / "healthy.yaml").read_text().splitlines()]
    path = setting.work / f"{name}.yaml"
    path.write_text("".join(f"{key}{colon}{f' {changes[key]}' if key in changes else value}\n"
                            for key, colon, value in lines))  # fmt: skip
    return path


def _set(setting: Setting, name: str, folder: Path, config: Path, budget: float, whole: float) -> Iterator[Row]:
    begin, firsts, marks, notes = time.monotonic(), dict[str, float](), dict[str, float](), list[str]()
    arch = QUICK_ARCH if setting.quick else "resnet50"
    probes: Probes | None = None
    run = diagnose.diagnose(folder, config, budget=budget, device=setting.device, offline=True, resume=False, arch=arch)
    for event in run:
        now = time.monotonic() - begin
        if isinstance(event, ScanDone):
            marks["scan"] = now
        elif isinstance(event, ProbesPlanned):
            marks.setdefault("plan", now)
        elif isinstance(event, Note):
            notes.append(event.text)
        elif isinstance(event, ProbesMeasured):
            probes = event.probes
            for answer, there in ANSWERS.items():
                if there(event.probes):
                    firsts.setdefault(answer, now)
    seconds = time.monotonic() - begin
    told = ", ".join(f"{what} {when:.1f} s" for what, when in sorted((marks | firsts).items(), key=lambda one: one[1]))
    first = min(firsts.values(), default=None)
    yield setting.row(f"{name}: first answer", "never" if first is None else first, "" if first is None else "s")
    asked = [answer for answer in ANSWERS if answer not in LATER]
    lacking = [answer for answer in asked if answer not in firsts]
    last = "never" if lacking else max(firsts[answer] for answer in asked)
    yield setting.row(
        f"{name}: all first answers", last, "" if lacking else "s", f"< {FIRST:g} s",
        last != "never" and last < FIRST,
        note=told + (f"; never: {', '.join(lacking)}" if lacking else ""),
    )  # fmt: skip
    yield setting.row(
        f"{name}: whole plan", seconds, "s", f"< {whole:g} s", seconds < whole,
        note=f"budget {budget:g} s; {_size(probes)}",
    )  # fmt: skip
    failed = [gap.why for gap in run.diagnosis.not_examined if gap.failed]
    told = "; ".join([*failed, *notes])[:500]
    yield setting.row(f"{name}: parts that failed", len(failed), "", "none", not failed, note=told)


def _size(probes: Probes | None) -> str:
    if probes is None or not probes.runs:
        return "no training ran"
    steps = max(run.steps for run in probes.runs)
    batch = max(run.images // max(1, run.steps) for run in probes.runs)
    archs = " and ".join(sorted({run.arch for run in probes.runs}))
    return (
        f"{len(probes.runs)} runs of {archs}, up to {steps} steps of {batch} at {probes.image_size} px, "
        f"{probes.train_images} and {probes.val_images} images, on {probes.device}"
    )


def verdicts(setting: Setting) -> Iterator[Row]:
    """The command on every sample, all at once: each gets the code that was planted, and the healthy one none."""
    wanted = dict(list(EXPECTED.items())[:1]) if setting.quick else EXPECTED
    begin = time.monotonic()
    with ThreadPoolExecutor(len(wanted)) as pool:
        told = list(pool.map(lambda name: _verdict(setting, name, *EXPECTED[name]), wanted))
    right = sum(ok for ok, _ in told)
    yield setting.row(
        "verdicts on the samples", f"{right} of {len(wanted)}", "right", "all", right == len(wanted),
        note=f"{len(wanted)} commands at once, budget {setting.verdict_budget:g} s each, together "
        f"{time.monotonic() - begin:.0f} s; " + "; ".join(text for _, text in told),
    )  # fmt: skip


def _verdict(setting: Setting, name: str, images: str, expected: str | None) -> tuple[bool, str]:
    words = [sys.executable, "-m", "diagnose", str(SAMPLES / images), "--config", str(SAMPLES / f"{name}.yaml"),
             "--report", "--fresh", "--format", "json", "--offline", "--device", setting.device,
             *(["--no-probes"] if setting.quick else ["--budget", f"{setting.verdict_budget:g}s"])]  # fmt: skip
    # Each with a cache of its own: they run side by side.
    places = {"XDG_CACHE_HOME": str(setting.work / f"cache-{name}")}
    seconds = 600.0 if setting.quick else setting.verdict_budget + WAITED
    try:
        done = subprocess.run(
            words, cwd=ROOT, env={**os.environ, **places}, capture_output=True, text=True, check=False, timeout=seconds
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False, f"{name}: no report after {seconds:.0f} s"
    try:
        report = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["nothing"]
        return False, f"{name}: exit {done.returncode}, no report ({lines[-1][:200]})"
    codes = [one["code"] for one in report["findings"] if one["severity"] in ("error", "warning")]
    right = expected in codes if expected else done.returncode == 0 and not codes
    ran = f", {len(report['probes'])} runs" if report.get("probes") else ""
    return right, f"{name}: exit {done.returncode}, {' '.join(codes) or 'clean'}{ran}"
