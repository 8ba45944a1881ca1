"""Everything that is measured, in one table: runs the benchmarks whose data are there, and prints what each came to.

    python tests/benchmarks/world.py [NAME=FOLDER ...] [--only WORD] [--write] [--short]

NAME=FOLDER gives the data that a benchmark needs, by the names in braces below, such as runs_pytorch=FOLDER. A
benchmark without its data is listed as not run. --write puts the table into README.md, where rows that weren't run
again keep what they said. --short runs those that need no data and take seconds. A line of the table: what was
measured, the last lines of the benchmark's own output, its command, commit, date and the machine's cores.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BEGIN, END = "<!-- world -->", "<!-- end of world -->"
SHOWN = 7  # last lines of an output
LIMIT = 3 * 3600  # seconds of one benchmark


@dataclass(frozen=True)
class Measure:
    """command: behind `python tests/benchmarks/`, with {NAME} for data. short: whether it needs none and is quick."""

    what: str
    command: str
    short: bool = False


MEASURES = (
    Measure("programs read, corpus", "corpus.py"),
    Measure("programs read at first sight", "first_reading.py tests/unseen/ninth/a"),
    Measure("programs run, PyTorch", "runs.py tests/unseen/runs/pytorch {runs_pytorch}"),
    Measure("programs run, frameworks", "runs.py tests/unseen/runs/fourth/frameworks {runs_frameworks}"),
    Measure("programs run, shorter, PyTorch", "runs.py tests/unseen/runs/fifth/pytorch {fifth_pytorch}"),
    Measure("programs run, shorter, frameworks", "runs.py tests/unseen/runs/fifth/frameworks {fifth_frameworks}"),
    Measure("programs run, seventh, PyTorch", "runs.py tests/unseen/runs/seventh/pytorch {seventh_pytorch}"),
    Measure("programs run, seventh, frameworks", "runs.py tests/unseen/runs/seventh/frameworks {seventh_frameworks}"),
    Measure("checkpoints, their program run", "autopsies.py {checkpoints} --run"),
    Measure("checkpoints, their program read", "autopsies.py {checkpoints}"),
    Measure("logs of public projects", "logs.py tests/unseen/logs/public --forecast"),
    Measure("logs that were produced", "logs.py tests/unseen/logs/second --forecast"),
    Measure("probes, verdicts", "verdicts.py {verdicts}"),
    Measure("probes, beside other load", "verdicts.py {verdicts_busy} --busy 2"),
    Measure("layouts", "layouts.py twelfth {layouts}"),
    Measure("near copies", "near_copies.py {cifar_folders} {cifar_pairs}"),
    Measure("label errors", "label_errors.py {label_folder} {label_list} {label_features}"),
    Measure("speed of a scan", "scan_speed.py {photographs}"),
    Measure("overhead of watch", "watch_overhead.py"),
    Measure("hostile folders", "hostile.py"),
    Measure("start-up", "startup.py"),
    Measure("damaged files", "fuzz.py 20000 0"),
    Measure("damaged files, in short", "fuzz.py 60 0", short=True),
)


def main() -> int:
    words = sys.argv[1:]
    data = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("--"))
    only = words[words.index("--only") + 1] if "--only" in words else ""
    rows = known_rows((HERE / "README.md").read_text())
    failed = False
    for measure in MEASURES:
        chosen = measure.short if "--short" in words else only in measure.what
        if not chosen:
            continue
        missing = [name for name in re.findall(r"{(\w+)}", measure.command) if name not in data]
        if missing:
            print(f"{measure.what:36} not run: give {', '.join(f'{name}=FOLDER' for name in missing)}", flush=True)
            continue
        result, ok = measured(measure.command.format(**data))
        failed |= not ok
        rows[measure.what] = row(measure, result)
        print(f"{measure.what:36} {' / '.join(result)}", flush=True)
    if "--write" in words:
        written(rows)
    return int(failed)


def measured(command: str) -> tuple[list[str], bool]:
    """The last lines of a benchmark's output, and whether it came to its end."""
    begin = time.monotonic()
    line = [sys.executable, *f"tests/benchmarks/{command}".split()]
    try:
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT,
                              env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    except subprocess.TimeoutExpired:
        return [f"not finished within {LIMIT} s"], False
    lines = [one.strip() for one in done.stdout.splitlines() if one.strip()][-SHOWN:]
    if done.returncode:
        lines = [f"exit {done.returncode}: {(done.stderr.strip().splitlines() or ['no message'])[-1][:200]}"]
    return [*lines, f"{time.monotonic() - begin:.0f} s in all"], not done.returncode


def row(measure: Measure, result: list[str]) -> str:
    """A line of the table."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    shown = "<br>".join(re.sub(r"\s{2,}", " ", one).replace("|", "\\|") for one in result)
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit.stdout.strip() or 'no commit'}, {os.cpu_count()} cores"
    return f"| {measure.what} | {shown} | `{measure.command}` | {when} |"


def known_rows(readme: str) -> dict[str, str]:
    """The rows that the table has, by what was measured."""
    inside = readme.partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in inside.splitlines() if line.startswith("| ")][2:]
    return {line.split("|")[1].strip(): line for line in lines}


def written(rows: dict[str, str]) -> None:
    """Puts the table into README.md, between its marks."""
    path = HERE / "README.md"
    text = path.read_text()
    head = "| what | what it came to | command | when |\n| --- | --- | --- | --- |\n"
    order = [measure.what for measure in MEASURES]
    lines = [rows[what] for what in sorted(rows, key=lambda what: order.index(what) if what in order else len(order))]
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{head}" + "\n".join(lines) + f"\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
