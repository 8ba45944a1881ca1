"""How programs that the reader's author has not seen are read, measured once, before anything is fixed.

    python tests/benchmarks/first_reading.py FOLDER            every program below FOLDER with a .facts.yaml beside it
    python tests/benchmarks/first_reading.py FOLDER --wrong    also each statement that is wrong

A fact is a field of the configuration that is stated as known and whose truth is written down; one that is stated where
the truth says "unknown" is wrong; other words for the same (`says`) are not. An error or warning is right where the
program is marked with its code in a comment `# fault: CODE`; "at its line" where the line is the marked one. A sound
program carries no mark.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus_reading import MARK, agrees, findings, program_of
from ruamel.yaml import YAML

from diagnose.config.read import read_configuration
from diagnose.model import Finding, InputError, Severity

SOURCES = (".py", ".ipynb", ".yaml", ".yml")
# Words of the truth files by those of a reading that say the same.
SAME = {
    "constant": "none",
    "warm_restarts": "cosine_restarts",
    "random_sized_crop": "random_resized_crop",
    "scale": "resize",
}


def programs(folder: Path) -> list[tuple[Path, dict, tuple[str, ...], set[tuple[str, str, int]]]]:
    """(program, true facts, fields that cannot be known, faults as (code, file name, line)) for each truth file."""
    found = []
    for beside in sorted(folder.rglob("*.facts.yaml")):
        path = program_of(beside)
        truth = YAML(typ="safe").load(beside.read_text())
        alone = path.parent != beside.parent or len(list(beside.parent.glob("*.facts.yaml"))) == 1
        home = path.parent if alone else None
        files = [path] if home is None else [one for one in sorted(home.rglob("*")) if one.suffix in SOURCES]
        faults = {
            (code.strip().strip('",\\n'), file.name, number)
            for file in files
            for number, line in enumerate(file.read_text().splitlines(), start=1)
            if MARK in line
            for code in line.split(MARK)[1].split(",")
            if code.strip().strip('",\\n')
        }
        found.append((path, truth.get("facts") or {}, tuple(truth.get("unknown") or ()), faults))
    return found


def says(field: str, true: object, value: object) -> bool:
    """Whether a value is the true one, or says it in other words: `constant` for no schedule, a model with its tag,
    `imagenet` for a tag of weights, one mean for each of three channels."""
    if agrees(true, value):
        return True
    if isinstance(true, str) and isinstance(value, str):
        if field == "weights":
            return value == "imagenet" and true != "none"
        one, other = (SAME.get(word, word) for word in (true.lower(), value.lower()))
        return one == other or (field == "model" and one.partition(".")[0] == other.partition(".")[0])
    if isinstance(true, list) and isinstance(value, tuple):
        if field in ("mean", "std", "val_mean", "val_std") and len(true) == 1:
            return agrees(true * len(value), value)
        return len(true) == len(value) and all(says("", one, other) for one, other in zip(true, value, strict=True))
    return False


def at_its_line(one: Finding, faults: set[tuple[str, str, int]], path: Path) -> bool:
    if path.suffix == ".ipynb":
        return any(code == one.code for code, _, _ in faults)  # lines of a notebook count within its cell
    place = one.location
    return place is not None and (one.code, Path(place.file).name, place.line) in faults


def main() -> int:
    folder = Path(sys.argv[1])
    count: Counter[str] = Counter()
    wrong: list[str] = []
    for path, facts, unknown, faults in programs(folder):
        name = str(path.relative_to(folder))
        codes = {code for code, _, _ in faults}
        count["programs"] += 1
        count["sound"] += not faults
        count["faults"] += len(codes)
        try:
            reading = read_configuration(str(path))
        except InputError as fault:
            count["refused"] += 1
            wrong.append(f"{name}: refused: {fault}")
            continue
        for field, true in facts.items():
            setting = getattr(reading.config, field)
            count["truths"] += 1
            count["stated"] += setting.known
            if setting.known and not says(field, true, setting.value):
                count["wrong facts"] += 1
                wrong.append(f"{name}:{setting.line}: {field} {setting.value!r}, not {true!r}")
        for field in unknown:
            setting = getattr(reading.config, field)
            if setting.known:
                count["stated"] += 1
                count["wrong facts"] += 1
                wrong.append(f"{name}:{setting.line}: {field} {setting.value!r}, but unknown")
        own = findings(reading)
        for one in own:
            if one.severity is Severity.INFO:
                continue
            count[one.severity] += 1
            count[f"{one.severity} right"] += one.code in codes
            count[f"{one.severity} at its line"] += at_its_line(one, faults, path)
            if one.code not in codes:
                wrong.append(f"{name}: {one.severity} {one.code} at {one.location}: {one.summary}")
        found = {one.code for one in own if one.severity is not Severity.INFO}
        count["found"] += len(codes & found)
        wrong += [f"{name}: {code} not found" for code in sorted(codes - found)]
        count["named first"] += bool(faults) and bool(own) and own[0].code in codes
        count["accused"] += not faults and any(one.severity is Severity.ERROR for one in own)
    show(count)
    if "--wrong" in sys.argv:
        print("\n" + "\n".join(wrong))
    return 0


def show(count: Counter[str]) -> None:
    def share(part: str, whole: str) -> str:
        return f"{count[part]} of {count[whole]}" + (f" ({count[part] / count[whole]:.1%})" if count[whole] else "")

    count["faulty"] = count["programs"] - count["sound"]
    print(f"programs               {count['programs']}, of them sound {count['sound']}")
    print(f"refused                {share('refused', 'programs')}")
    print(f"facts stated           {share('stated', 'truths')}")
    print(f"wrong facts            {share('wrong facts', 'stated')}")
    print(f"errors right           {share('error right', 'error')}; at the marked line {count['error at its line']}")
    print(
        f"warnings right         {share('warning right', 'warning')}; at the marked line {count['warning at its line']}"
    )
    print(f"sound ones accused     {share('accused', 'sound')} at error level")
    print(f"faults found           {share('found', 'faults')}")
    print(f"a fault named first    {share('named first', 'faulty')} faulty programs")


if __name__ == "__main__":
    sys.exit(main())
