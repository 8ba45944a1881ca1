"""How data laid out as people keep them are read, by the real command, against what their author expects.

    python tests/benchmarks/layouts.py SET OUT [NAME ...]     makes SET of tests/unseen/layouts in OUT, reads each of it

A healthy layout is right where the names of the classes (or as many numbers), images and images of each split agree;
refused where the command exits 2; misread where it reads something else without a word of the reading (D101 to D107,
D110, D114, D121 to D126), told where an error or warning says so, mentioned where an info does. A troubled one is told
where it is refused or such a finding names it, and missed otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
LAYOUTS = TESTS / "unseen" / "layouts"
OF_THE_READING = ("D101", "D102", "D103", "D104", "D106", "D107", "D110", "D114", "D121", "D122", "D125", "D126")


def read(place: Path) -> tuple[dict, str]:
    """(the JSON report, the refusal): one of them is empty."""
    words = [str(place), "--report", "--no-probes", "--format", "json", "--offline"]
    done = subprocess.run([sys.executable, "-m", "diagnose", *words], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(TESTS.parent)})  # fmt: skip
    return ({}, done.stderr.strip()) if done.returncode == 2 else (json.loads(done.stdout), "")


def counted(told: dict) -> tuple[list[str], int, dict[str, int]]:
    """Classes with images, all images, and images by split where there is more than one."""
    counts = told["data"]["counts"]
    splits = {split: sum(by_class.values()) for split, by_class in counts.items()}
    classes = sorted({name for by_class in counts.values() for name, count in by_class.items() if count})
    return classes, sum(splits.values()), splits


def verdict(wanted: dict, told: dict, refusal: str) -> tuple[str, str]:
    """(what became of a layout, what was read of it)."""
    trouble = wanted["finding"] is not None
    if refusal:
        return ("told" if trouble else "refused"), refusal.replace("\n", " ")[:200]
    classes, images, splits = counted(told)
    own = {key: [wanted[key], *wanted.get(f"{key}_also_ok", [])] if key != "images" else
           [wanted[key], *wanted.get("images_also_ok", [])] for key in ("classes", "images", "splits")}  # fmt: skip
    parts = [
        sorted(n for name, n in one.items() if name != "unlabelled" and isinstance(n, int)) for one in own["splits"]
    ]
    names = [sorted(map(str, one or ())) for one in own["classes"]]
    numbers = [str(n) for n in range(len(classes))] == classes and len(classes) in map(len, names)
    right = images in own["images"] and (classes in names or numbers)
    right = right and any(not part or sorted(splits.values()) == part for part in parts)
    read = [one for one in told["findings"] if one["code"] in OF_THE_READING]
    found = [one for one in read if one["severity"] != "info"]
    codes = " ".join(dict.fromkeys(one["code"] for one in found))
    shown = f"{len(classes)} classes {classes[:6]}, {images} images {splits}; {codes}"
    if trouble:
        return ("told" if found else "mentioned" if read else "read right" if right else "missed"), shown
    return ("right" if right else "told" if found else "mentioned" if read else "misread"), shown


def main() -> int:
    made, out, names = LAYOUTS / sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    expected = json.loads((made / "expected.json").read_text())
    if not out.exists():
        subprocess.run([sys.executable, str(made / "make.py"), str(out)], check=True, stdout=subprocess.DEVNULL)
    count: Counter[str] = Counter()
    for name, wanted in expected.items():
        if names and not any(name.startswith(one) for one in names):
            continue
        became, shown = verdict(wanted, *read(out / name / wanted["point_at"]))
        count[f"{'troubled' if wanted['finding'] else 'healthy'} {became}"] += 1
        print(f"{became:10} {name}: {shown}", flush=True)
        if became not in ("right", "read right"):
            print(f"{'':10} wanted: {wanted['finding'] or [wanted['classes'], wanted['images'], wanted['splits']]}")
    print(dict(sorted(count.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
