"""Checkpoints that somebody else trained, each with a program that evaluates it, through the real command:
`python tests/benchmarks/autopsies.py ROOT [--only NAME]`; ROOT as tests/unseen/checkpoints/make.py makes it.

Each case has a truth.yaml: command (the program with its arguments), data, checkpoint, sound, kind. A mismatch is
named where the report restores the score by a change of that kind, or a finding of that kind is there; a sound case is
accused where any cause is named.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

from ruamel.yaml import YAML

from diagnose.probing.statistics import wilson

ROOT = Path(__file__).resolve().parents[2]
# What names a mismatch of each kind: kinds of change, and codes of findings.
NAMES = {
    "batchnorm_stats": {"batch norm statistics", "K706", "weights that arrived"},
    "channel_order": {"channel order"},
    "class_order": {"order of classes", "K707"},
    "alpha": {"background of transparent pixels"},
    "layout": {"pictures turned"},
    "metric": {"K716"},
    "wrong_weights": {"averaged weights", "K708"},
    "ema": {"averaged weights", "K708"},
    "grey": {"grey", "normalisation", "channel order"},
    "normalisation": {"normalisation", "range of the pixels"},
    "partial_load": {"K702", "C339", "C324", "weights that arrived"},
    "precision": {"precision", "K703", "K715"},
    "range": {"range of the pixels", "normalisation"},
    "resize": {"resizing"},
    "train_mode": {"train or eval mode", "batch norm statistics", "K706", "C311"},
}
CAUSES = (*(f"K70{number}" for number in range(2, 9)), "K715")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--run", action="store_true", help="run each program, and see what it evaluates")
    given = parser.parse_args()
    named, accused, clocks = [], [], []
    for truth_file in sorted(given.root.glob("*/truth.yaml")):
        if given.only not in truth_file.parent.name:
            continue
        truth = YAML(typ="safe").load(truth_file)
        begin = time.monotonic()
        report, fault = reported(given.root, truth, given.run)
        clocks.append(time.monotonic() - begin)
        found = report.get("checkpoint") or {}
        restored = found.get("restored")
        codes = {one["code"] for one in report.get("findings", []) if one["severity"] != "info"}
        causes = {code for code in codes if code in CAUSES}
        seen = codes | ({restored["kind"]} if restored else set())
        if truth["sound"]:
            accused.append(bool(restored or causes))
            verdict = "ACCUSED" if accused[-1] else "sound"
        else:
            named.append(bool(seen & NAMES[truth["kind"]]))
            verdict = f"{truth['kind']} {'named' if named[-1] else 'MISSED'}"
        score = f"{found['accuracy']:.1%}" if found.get("accuracy") is not None else found.get("stopped") or fault
        by = f"{restored['accuracy']:.1%} by {restored['words']}" if restored else ""
        matched = truth.get("accuracy_matched", truth.get("accuracy_right"))
        truly = f"{truth['accuracy_as_written']} written, {matched} matched"
        print(f"{truth_file.parent.name} {clocks[-1]:4.0f} s  {verdict:28} {score} ({truly}) {by} "
              f"{' '.join(sorted(codes))}", flush=True)  # fmt: skip
    for text, marks in (("mismatches named", named), ("sound ones accused", accused)):
        if marks:
            around = wilson(sum(marks), len(marks))
            print(f"{text:20} {sum(marks)}/{len(marks)} [{around.low:.1%}, {around.high:.1%}]")
    print(f"seconds, median {statistics.median(clocks):.0f}, most {max(clocks):.0f}")


def reported(root: Path, truth: dict, run: bool) -> tuple[dict, str]:
    """The JSON report, and what stderr says where there is none."""
    words = shlex.split(truth["command"])
    line = [sys.executable, "-m", "diagnose", truth["data"], "--checkpoint", truth["checkpoint"]]
    line += ["--config", " ".join(map(shlex.quote, words)), "--report", "--format", "json", "--quiet", "--offline"]
    line += ["--run"] if run else []
    done = subprocess.run(line, cwd=root, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        return json.loads(done.stdout), ""
    except ValueError:
        return {}, done.stderr.strip()[-200:]


if __name__ == "__main__":
    main()
