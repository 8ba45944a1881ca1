"""Runs programs that somebody else wrote through `--run`, and counts what is named, accused and observed rightly.

    python tests/benchmarks/runs.py SET ROOT [--only NAME] [--limit SECONDS]

SET: a folder of programs, each with a truth.yaml (tests/unseen/runs/...). ROOT: where SET's make_data.py put the data.
Each program is run by the real command, without probes. Printed, with Wilson's intervals of 95%: faults that are named,
and named first (before any other finding that isn't about the images themselves); sound programs that are accused of an
error; observed facts that equal the truth; seconds to the report; files that the runs left in ROOT.
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
from typing import Any

from ruamel.yaml import YAML

from diagnose.probing.statistics import wilson

# What names a fault of each kind: codes of checks, the rest of a kind's name aside.
NAMES = {
    "train_mode_never": ("R615", "C311"),
    "predictions_compared": ("R632", "C329"),
    "warm_up": ("R635", "R614", "R629", "C303", "C314", "C326"),
    "resume": ("C333", "R618"),
    "accuracy": ("R619", "C336"),
    "metric": ("R619", "C336"),
    "clipping_of_scaled": ("C343", "R623", "R613"),
    "damaged_input": ("R601", "R602", "R604", "C337"),
    "never_move": ("R632", "R613", "R612", "C332"),
    "input_scale": ("R601", "N201", "N202", "N203", "N208", "C337"),
    "pictures_and_labels": ("R605", "C329", "P505"),
    "optimizer_never": ("R627", "R613"),
    "optimizer_of_other": ("R612", "C313", "C332"),
    "optimizer": ("R612", "C313", "R613"),
    "input_unscaled": ("R601", "N201", "C337"),
    "input_scaled_twice": ("R601", "N202"),
    "normalised_twice": ("R601", "N202", "N210"),
    "class_numbering": ("R606", "R605", "C329", "D110"),
    "layer_never": ("R611", "M403", "M402"),
    "split_overlap": ("C331", "R626", "D106"),
    "accumulated_gradients": ("R632", "R628", "R622", "C342", "C310"),
    "from_logits": ("R632", "R610", "C307", "C308", "M409"),
    "accumulation": ("R632", "R628", "C342"),
    "lr_schedule": ("R614", "R635", "C314", "C326"),
    "scheduler": ("R614", "R635", "C314", "C326"),
    "learning_rate": ("R640", "R614", "R635", "R613", "R629", "C302", "C303", "C314", "C326"),
    "pretrained_weights": ("R618", "C324", "C339", "C301"),
    "pretrained_overwritten": ("R618", "C324"),
    "pretrained_not": ("R618", "C324", "C339", "C301"),
    "weights_not": ("R618", "C324", "C339", "C301"),
    "channel_order": ("R603", "N207"),
    "head_frozen": ("R609", "R611", "R612", "R613", "C325"),
    "softmax": ("C307", "C308", "M409", "R632", "R637", "R610"),
    "class_weight": ("R637",),
    "loss": ("C307", "C308", "R632", "R637", "R610"),
    "eval_mode": ("R615", "C311"),
    "train_mode": ("R616", "C311"),
    "validation_in_training": ("R616", "C311"),
    "hwc": ("R604", "N210"),
    "zero_grad": ("R622", "C310"),
    "training_augmentation_lost": ("C305", "N209"),
    "augmentation_same": ("R621", "C305"),
    "same_augmentation": ("R621", "C305"),
    "not_shuffled": ("R607", "C312"),
    "random_augmentation": ("R620", "N209"),
    "preprocessing_of_another": ("N207", "N208", "R601", "R602", "C337"),
    "preprocess": ("R602", "N208", "R601", "N201", "N202", "N203", "N204", "C337"),
    "predictions compared": ("R632", "C329"),
    "parameters without": ("R611", "R609", "R613", "C325"),
    "parameters_without": ("R611", "R609", "R613", "C325"),
    "pretrained weights": ("R618", "C324", "C339", "C301"),
    "predictions_in_shuffled": ("R632", "C329"),
    "shuffled_predictions": ("R632", "C329"),
    "trainable": ("R632", "C332"),
    "frozen": ("R609", "R611", "R613", "R617", "C306", "C325", "C334", "R632", "C332"),
    "batch_norm": ("R617", "C334"),
    "gradient": ("R623", "R613"),
    "clip": ("R623", "R613"),
    "memory": ("R624", "C323"),
    "nan": ("R625",),
    "labels": ("R632", "C308", "R605", "R608", "C309"),
    "steps": ("R632", "C304"),
    "monitor": ("R632", "R636", "C326"),
    "wrong_way": ("R636",),
    "direction": ("R636",),
    "selection": ("R636",),
    "optimizer_remade": ("R638",),
    "state_lost": ("R638", "C333"),
    "shared": ("R639", "R611"),
    "dropout": ("R639",),
    "constant": ("R601", "R610"),
    "cached": ("R632", "C305", "R621"),
    "activation": ("M414", "C338", "R637"),
}
SCALES = {"0..1", "0..255", "-1..1", "imagenet_normalised"}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("set", type=Path)
    options.add_argument("root", type=Path)
    options.add_argument("--only", default="")
    options.add_argument("--keep", type=Path, help="a folder for the reports")
    given = options.parse_args()
    before = listed(given.root)
    rows = []
    for truth_file in sorted(given.set.rglob("truth.yaml")):
        if given.only in truth_file.parent.name:
            rows.append(one(truth_file, given.root, given.keep))
    summary(rows, listed(given.root) - before)
    return 0


def listed(root: Path) -> set[tuple[str, float]]:
    """Every file below a folder, with the time of its last change."""
    return {(str(path), path.stat().st_mtime) for path in root.rglob("*") if path.is_file()}


def one(truth_file: Path, root: Path, keep: Path | None) -> dict[str, Any]:
    """Runs one program and judges the report."""
    truth = YAML(typ="safe").load(truth_file)
    if truth["fault"] and "kind" not in truth["fault"]:  # written as {KIND, where: ..., text: ...}
        truth["fault"]["kind"] = next(name for name, value in truth["fault"].items() if value is None)
    words = shlex.split(truth["command"])
    program = " ".join([str(truth_file.parent.absolute() / words[0]), *map(shlex.quote, words[1:])])
    folder = root / truth["cwd"]
    data = truth.get("data")
    line = [
        sys.executable,
        "-m",
        "diagnose",
        *([data] if data and (folder / data).exists() else []),
        "--config",
        program,
    ]
    begin = time.monotonic()
    done = subprocess.run(
        [*line, "--run", "--no-probes", "--report", "--format", "json", "--quiet"],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    seconds = time.monotonic() - begin
    name = truth_file.parent.name
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(f"{name:28} NO REPORT, exit {done.returncode}: {done.stderr.strip()[-200:]}", flush=True)
        return {"name": name, "truth": truth, "report": None, "seconds": seconds, "codes": [], "facts": []}
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}.json").write_text(done.stdout)
    codes = [(one["code"], one["severity"]) for one in report["findings"] if not one["because_of"]]
    facts = list(compared(truth.get("observed") or {}, report["observed"]))
    row = {"name": name, "truth": truth, "report": report, "seconds": seconds, "codes": codes, "facts": facts}
    print(described(row), flush=True)
    return row


def named(row: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the fault is named, and named before any other finding that isn't about the images."""
    kind = row["truth"]["fault"]["kind"]
    wanted = next((codes for start, codes in NAMES.items() if kind.startswith(start) or start in kind), ())
    others = [code for code, severity in row["codes"] if code[0] != "D" and severity != "info"]
    all_codes = [one["code"] for one in row["report"]["findings"]] if row["report"] else []
    return any(code in wanted for code in all_codes), bool(others) and others[0] in wanted


def described(row: dict[str, Any]) -> str:
    ran = row["report"]["observed"] or {}
    wrong = [f"{name}: {seen!r} for {true!r}" for name, true, seen, right in row["facts"] if not right]
    verdict = "sound" if row["truth"]["sound"] else f"{row['truth']['fault']['kind']}"
    if not row["truth"]["sound"]:
        found, first = named(row)
        verdict += " FIRST" if first else " named" if found else " MISSED"
    elif any(severity == "error" and code[0] != "D" for code, severity in row["codes"]):
        verdict += " ACCUSED"
    codes = " ".join(
        f"{code}{'!' if severity == 'error' else ''}" for code, severity in row["codes"] if severity != "info"
    )
    how = f"{ran.get('ended')}, {ran.get('steps')} steps"
    if ran.get("ended") not in ("enough", "finished", "time"):
        how += f", {ran.get('why')}"
    return f"{row['name']:26} {row['seconds']:5.0f} s  {verdict:44} {codes}  [{how}]" + "".join(
        f"\n      {one}" for one in wrong
    )


def compared(truth: dict[str, Any], ran: dict[str, Any] | None):
    """(fact, true value, observed value, whether they agree) of each fact that both know."""
    if not ran or not ran.get("network"):
        return
    feeds = {feed["part"]: feed for feed in ran["feeds"]}
    train, held_out = feeds.get("training"), feeds.get("validation")
    network, loss = ran["network"], ran.get("loss") or {}
    optimizer = (ran["optimizers"] or [{}])[0]
    options = dict(optimizer.get("options") or ())
    seen: dict[str, Any] = {
        "parameters": network["parameters"],
        "trainable": network["trainable"],
        "outputs": network["outputs"],
        "optimizer": optimizer.get("name"),
        "learning_rate": ran["course"][0]["rates"][0] if ran["course"] and ran["course"][0]["rates"] else None,
        "momentum": options.get("momentum"),
        "weight_decay": options.get("weight_decay"),
        "outputs_kind": loss.get("given") or None,
        "pretrained_share": network["pretrained"],
        "accumulation": optimizer.get("passes"),
        "validation": held_out is not None if ran["epochs"] > 1 else None,
    }
    if train:
        seen["batch_size"] = train["batch_size"]
        seen["shuffled"] = {"shuffled": True, "in order": False}.get(train["order"])
        if train["given"]:
            seen["input_shape"] = train["image_shape"] or None
            seen["input_dtype"] = train["given"]["dtype"]
            seen["input_min_max"] = [train["given"]["low"], train["given"]["high"]]
        seen["labels"] = train["label_kind"] or None
    if held_out and held_out["pixels"]:
        seen["validation_input_shape"] = held_out["image_shape"] or None
    modes = ran["modes"]
    if modes["training"]:
        seen["training_mode_in_training"] = any(mode for mode, _ in modes["training"])
    if modes["held_out"]:
        seen["eval_mode_in_validation"] = not any(mode for mode, _ in modes["held_out"])
    for name, value in seen.items():
        if value is None or truth.get(name) is None:
            continue
        yield name, truth[name], value, agree(name, truth[name], value)


def agree(name: str, true: Any, seen: Any) -> bool:
    if name == "input_min_max":
        span = max(abs(true[1] - true[0]), 1e-6)
        return abs(true[0] - seen[0]) < 0.35 * span and abs(true[1] - seen[1]) < 0.35 * span
    if isinstance(true, bool) or isinstance(seen, bool):
        return bool(true) == bool(seen)
    if isinstance(true, int | float) and isinstance(seen, int | float):
        return abs(true - seen) <= 0.02 * max(abs(true), abs(seen)) + 1e-12
    if isinstance(true, list):
        return list(true) == list(seen)
    return str(true).lower().replace("_", "") == str(seen).lower().replace("_", "")


def summary(rows: list[dict[str, Any]], left: set[tuple[str, float]]) -> None:
    faulty = [row for row in rows if not row["truth"]["sound"]]
    sound = [row for row in rows if row["truth"]["sound"]]
    marks = [named(row) for row in faulty]
    accused = [row for row in sound if any(sev == "error" and code[0] != "D" for code, sev in row["codes"])]
    facts = [right for row in rows for *_, right in row["facts"]]
    ran = [row for row in rows if row["report"] and (row["report"]["observed"] or {}).get("steps")]
    print()
    for text, hits, of in (
        ("faults named", sum(found for found, _ in marks), len(faulty)),
        ("faults named first", sum(first for _, first in marks), len(faulty)),
        ("sound programs accused of an error", len(accused), len(sound)),
        ("observed facts equal to the truth", sum(facts), len(facts)),
        ("programs that reached a training step", len(ran), len(rows)),
    ):
        around = wilson(hits, of) if of else None
        print(
            f"{text:40} {hits}/{of}" + (f" = {hits / of:.1%} [{around.low:.1%}, {around.high:.1%}]" if around else "")
        )
    times = [row["seconds"] for row in rows]
    print(f"{'seconds to the report, median (most)':40} {statistics.median(times):.0f} ({max(times):.0f})")
    print(f"{'files that the runs left or changed':40} {len(left)}", *sorted(left)[:5])


if __name__ == "__main__":
    sys.exit(main())
