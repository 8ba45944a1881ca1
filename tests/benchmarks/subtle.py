"""What the real command says of made sets with one subtle thing wrong, and of their sound twins.

    python tests/benchmarks/subtle.py OUT                     makes the sets of scenes.py in OUT, looks at each
    python tests/benchmarks/subtle.py OUT GENERATOR           makes those of a generator, such as subtle.py with its
                                                              pics.py beside it, which writes OUT/made/subtle/NAME

A planted thing is found where a finding has the code and the words that EXPECTED or scenes.py names. Of a sound set any
finding counts as an alarm but D108 and D111, that there are few images, which is true of all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import scenes

ROOT = Path(__file__).parents[2]
FEW = ("D108", "D111")
EXPECTED = {
    "video_1px": "D123", "video_8px": "D123", "patient_leak": "D123", "label_shift": "D118 shares",
    "bg_texture": "D117 around middle", "colour_cast": "D117 mean colour", "jpeg_requality": "D117 earlier encoder",
    "size_class": "D117 size", "test_elsewhere": "D118 val images", "twins_case": "D125",
    "grey_as_rgb_few": "D114 grey",
    "alpha_white": "D114", "black_bars": "D116 bars", "black_bars_class": "D117 bars", "half_grey": "D116 cut",
    "channel_swapped": "D118 swapped val", "augmented_offline": "D106",
}  # fmt: skip


def findings(place: Path) -> list[str]:
    """Each finding as "severity CODE summary"."""
    words = [str(place), "--report", "--no-probes", "--format", "json", "--offline"]
    done = subprocess.run([sys.executable, "-m", "diagnose", *words], capture_output=True, text=True, check=False,
                          cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    told = json.loads(done.stdout)["findings"]
    return [f"{one['severity']} {one['code']} {one['summary']}" for one in told if one["code"] not in FEW]


def says(finding: str, wanted: str) -> bool:
    """Whether the finding has the wanted code and words."""
    return bool(wanted) and all(word in finding for word in wanted.split())


def sets(out: Path, generator: Path | None) -> dict[str, tuple[str, Path]]:
    """Of each set by name, what must be said of it ("" of a sound one), and where it is."""
    if generator is None:
        for name in (*scenes.PLANTED, *scenes.SOUND):
            scenes.make(out / name, name)
        return {name: (scenes.PLANTED[name][0] if name in scenes.PLANTED else "", out / name)
                for name in (*scenes.PLANTED, *scenes.SOUND)}  # fmt: skip
    made = out / "made" / "subtle"
    if not made.exists():
        out.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(generator.resolve())], cwd=out, check=True)
    return {one.name: (EXPECTED.get(one.name, ""), one.resolve()) for one in sorted(made.iterdir()) if one.is_dir()}


def main() -> int:
    out, generator = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    count: Counter[str] = Counter()
    for name, (wanted, place) in sets(out, generator).items():
        told = findings(place)
        hit = any(says(one, wanted) for one in told)
        became = ("found" if hit else "missed") if wanted else ("alarm" if told else "silent")
        if became == "alarm" and not any(one.startswith(("error", "warning")) for one in told):
            became = "alarm (info only)"
        count[became] += 1
        print(f"{became:17} {name} {wanted}", flush=True)
        for one in told:
            print(f"{'':18}{one[:170]}", flush=True)
    print(dict(count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
