"""Plants faults one at a time in healthy set-ups and counts what the real command finds of them.

    python tests/faults/run.py OUT --fashion IDX_FOLDER --stamps STAMPS_FOLDER [--only TEXT] [--slower TIMES]

OUT keeps the sets, the configurations and one report a run, so that an interrupted benchmark goes on where it was.
IDX_FOLDER and STAMPS_FOLDER are those of Debian's dataset-fashion-mnist and tuxpaint-stamps-default. Three base sets
(the sample photographs; 11,500 of Fashion-MNIST; the stamps by topic), faults in data, input, configuration and
network, and healthy runs of the same. Printed: recall by code, false alarms (a healthy run with a finding at error
or warning), findings beside the planted one, and how often the attribution names the planted factor first.
Intervals are Wilson's of 95%. A budget buys as many trainings as the machine is fast: --slower lengthens all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import sets  # noqa: E402
from cases import BASES, Case, healthy, healthy_config, planted  # noqa: E402

from diagnose.probing.statistics import wilson  # noqa: E402

TOLD = ("error", "warning")
FIRST = 120  # seconds of one run a base set, whose reference arms the others find in the cache


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--fashion", type=Path, required=True)
    options.add_argument("--stamps", type=Path, required=True)
    options.add_argument("--only", default="")
    options.add_argument("--slower", type=float, default=1.0)
    given = options.parse_args()
    bases = {base: sets.make(base, given.out / "sets", given.fashion, given.stamps) for base in BASES}
    for base in BASES:
        _report(Case("first", base), bases, given.out, given.slower * FIRST)
    results = []
    for case in [*planted(), *healthy()]:
        if given.only in f"{case.base} {case.name} {case.code}":
            told = _report(case, bases, given.out, given.slower * _budget(case))
            results.append((case, told))
            print(_line(case, told), flush=True)
    _summary(results)
    return 0


def _budget(case: Case) -> float:
    """Seconds. A waterfall takes more runs than a verdict, and a fault in the files none, or a few."""
    if case.plant:
        return {"P505": 30, "D118": 24, "D119": 24}.get(case.code or "", 18)  # by frozen features
    return 42 if case.factor else 24


def _report(case: Case, bases: dict[str, Path], out: Path, budget: float) -> dict[str, Any]:
    """The JSON report of the real command on the case, from OUT where it ran before."""
    name = re.sub(r"\W+", "_", f"{case.base} {case.name} {case.code or ''}").strip("_")
    kept = out / "reports" / f"{name}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    kept.parent.mkdir(parents=True, exist_ok=True)
    folder = bases[case.base]
    if case.plant:
        folder = out / "planted"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(bases[case.base], folder)
        case.plant(folder)
    config = out / "configs" / f"{name}{'.py' if case.program else '.yaml'}"
    config.parent.mkdir(exist_ok=True)
    if case.program:
        config.write_text(case.program)
    else:
        with open(config, "w") as file:
            YAML().dump(healthy_config(case.base, **case.config), file)
    command = [sys.executable, "-m", "diagnose", str(folder), "--config", str(config), "--offline", "--report",
               "--format", "json", "--budget", f"{budget:.0f}s"]  # fmt: skip
    if case.network:
        command += ["--no-probes", "--model", f"nets:{case.network}"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=HERE, env={**os.environ, "XDG_CACHE_HOME": str(out / "cache")}
    )
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{case.name} on {case.base}: exit {done.returncode}\n{done.stderr}")
    kept.write_text(done.stdout)
    return json.loads(done.stdout)


def _found(told: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in told["findings"] if finding["severity"] in TOLD}


def _hit(case: Case, told: dict[str, Any]) -> bool:
    """A planted code counts at any severity: some are only ever infos."""
    return case.code in {finding["code"] for finding in told["findings"]}


def _first_factor(told: dict[str, Any]) -> str:
    return told["attribution"][0]["factor"] if told["attribution"] else "none"


def _line(case: Case, told: dict[str, Any]) -> str:
    beside = sorted(_found(told) - {case.code} - set(case.also))
    verdict = ("found" if _hit(case, told) else "MISSED") if case.code else ("ALARM" if beside else "clean")
    factor = f"  factor {_first_factor(told)} (planted {case.factor})" if case.factor else ""
    what = f"{verdict:7} {case.code or '':5} {case.base:8} {case.name}"
    return f"{told['seconds']:5.0f} s  {what}{factor}  {' '.join(beside)}"


def _summary(results: list[tuple[Case, dict[str, Any]]]) -> None:
    faults = [(case, told) for case, told in results if case.code]
    sound = [(case, told) for case, told in results if not case.code]
    by_code: dict[str, list[bool]] = defaultdict(list)
    for case, told in faults:
        by_code[str(case.code)].append(_hit(case, told))
    alarms: dict[str, int] = defaultdict(int)
    for _, told in sound:
        for code in _found(told):
            alarms[code] += 1
    beside: dict[str, int] = defaultdict(int)
    for case, told in faults:
        for code in _found(told) - {str(case.code)} - set(case.also):
            beside[code] += 1
    print("\n| code | recall | false alarms in healthy runs | beside other planted faults |\n| --- | --- | --- | --- |")
    for code in sorted({*by_code, *alarms, *beside}):
        hits = by_code.get(code, [])
        print(
            f"| {code} | {f'{sum(hits)}/{len(hits)}' if hits else '-'} | {alarms[code]}/{len(sound)} | {beside[code]} |"
        )
    _rate("recall", sum(_hit(case, told) for case, told in faults), len(faults))
    _rate("healthy runs with a false alarm", sum(bool(_found(told)) for _, told in sound), len(sound))
    named = [(case, told) for case, told in faults if case.factor]
    right = sum(str(case.factor) in _first_factor(told).split(" and ") for case, told in named)
    _rate("the attribution names the planted factor first", right, len(named))


def _rate(what: str, count: int, total: int) -> None:
    if total:
        span = wilson(count, total)
        print(f"{what}: {count}/{total} = {count / total:.1%} [{span.low:.1%}, {span.high:.1%}]")


if __name__ == "__main__":
    sys.exit(main())
