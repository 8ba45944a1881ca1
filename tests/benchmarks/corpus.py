"""How well programs are read: precision and recall per field and per check over the corpus.

    python tests/benchmarks/corpus.py            the corpus beside the tests
    python tests/benchmarks/corpus.py later      a folder of it: pytorch, keras, or later, written after the reader
    python tests/benchmarks/corpus.py --fixes    also how many findings get a patch
    python tests/benchmarks/corpus.py --speed    also the seconds that a program of 1,000 and of 20,000 lines takes

A field's precision: of the values that are stated as known and whose truth is written down, the share that is right.
Its recall: of the true values, the share that is stated and right. A check's precision: of its findings at error or
warning, and of those marked, the share that is marked at that line; its recall: of the marked faults, the share found
at their line.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus_reading import Sample, agrees, findings, read, samples

from diagnose.fixes.draft import CannotEdit
from diagnose.fixes.plan import patch
from diagnose.interpreter.reader import Reader
from diagnose.libraries import registry
from diagnose.model import Evidence, Severity


def share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"


def main() -> int:
    true, stated, right = Counter(), Counter(), Counter()
    marked, found, hit = Counter(), Counter(), Counter()
    wrong_known = errors_on_healthy = 0
    folders = [word for word in sys.argv[1:] if not word.startswith("--")]
    programs = [sample for sample in samples() if not folders or sample.name.split("/")[0] in folders]
    for sample in programs:
        reading = read(sample)
        for name, value in sample.facts.items():
            setting = getattr(reading.config, name)
            true[name] += 1
            stated[name] += setting.known
            good = setting.known and agrees(value, setting.value)
            right[name] += good
            wrong_known += setting.known and not good
        for name in sample.unknown:
            wrong_known += getattr(reading.config, name).known
        own = findings(reading)
        places = {(one.code, one.location.line) for one in own if one.location}
        for code, line in sample.faults:
            marked[code] += 1
            hit[code] += (code, line) in places
        for code, line in {(one.code, one.location.line if one.location else None) for one in own}:
            grave = any(one.code == code and one.severity is not Severity.INFO for one in own)
            found[code] += (code, line) in sample.faults or grave
        errors_on_healthy += sample.healthy and any(one.severity is Severity.ERROR for one in own)
    print(f"{len(programs)} programs, {sum(sample.healthy for sample in programs)} healthy")
    print(f"\n{'field':22}{'precision':>18}{'recall':>18}")
    for name in sorted(true):
        print(f"{name:22}{share(right[name], stated[name]):>18}{share(right[name], true[name]):>18}")
    whole = (sum(right.values()), sum(stated.values()), sum(true.values()))
    print(f"{'all':22}{share(whole[0], whole[1]):>18}{share(whole[0], whole[2]):>18}")
    print(f"wrong facts stated as known: {wrong_known}; healthy programs with an error: {errors_on_healthy}")
    print(f"\n{'check':22}{'precision':>18}{'recall':>18}")
    for code in sorted({*marked, *found}):
        print(f"{code:22}{share(hit[code], found[code]):>18}{share(hit[code], marked[code]):>18}")
    hits, all_found, all_marked = sum(hit.values()), sum(found.values()), sum(marked.values())
    print(f"{'all':22}{share(hits, all_found):>18}{share(hits, all_marked):>18}")
    if "--fixes" in sys.argv:
        fixes(programs)
    if "--speed" in sys.argv:
        speed()
    return int(wrong_known > 0 or errors_on_healthy > 0 or hit != marked)


def fixes(programs: list[Sample]) -> None:
    """How many findings get a patch, by check."""
    offered, all_found = Counter(), Counter()
    for sample in programs:
        reading = read(sample)
        evidence = Evidence(configuration=reading.config, code=reading.program)
        for one in findings(reading):
            all_found[one.code] += 1
            try:
                offered[one.code] += bool(patch(str(sample.path), one, evidence))
            except CannotEdit:
                continue
    print("\nfindings with a patch")
    print(", ".join(f"{code} {offered[code]}/{all_found[code]}" for code in sorted(all_found)))
    print(f"all {offered.total()}/{all_found.total()}")


def speed() -> None:
    """A program repeated up to a length: definitions, a loop that trains, and calls of all of it."""
    block = (Path(__file__).parents[1] / "corpus" / "pytorch" / "imagenet_argparse.py").read_text().splitlines()
    block = [line for line in block if "__main__" not in line and line.strip() != "main()"]
    for lines in (1_000, 20_000):
        text = "\n".join(line.replace("main()", f"main{n}()") for n in range(lines // len(block) + 1) for line in block)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.py"
            path.write_text(text + "\nmain0()\n")
            begin = time.perf_counter()
            Reader(path, registry()).read()
            print(f"{text.count(chr(10)):,} lines: {time.perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
