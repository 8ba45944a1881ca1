"""How many keys and seconds it takes from the typed command to the answer, in a real terminal, without probes.

    python tests/benchmarks/journeys.py

Ten journeys: PyTorch and Keras, command line and TUI, for the first time and returning, and a program alone. The answer
is the planted fault, at its line, on the screen. Keys are those after the command line. Needs tmux.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from terminal import Terminal  # noqa: E402

SAMPLES = HERE.parents[1] / "sample_data"
TORCH = (HERE.parent / "screenshots" / "train.py.txt").read_text()
KERAS = """\
import keras
import tensorflow as tf

train = keras.utils.image_dataset_from_directory("photos/train", image_size=(224, 224), batch_size=32, seed=1)
val = keras.utils.image_dataset_from_directory("photos/val", image_size=(224, 224), batch_size=32, shuffle=False)
base = keras.applications.ResNet50(weights=None, include_top=False, pooling="avg")
base.trainable = False
model = keras.Sequential([keras.layers.Rescaling(1 / 255), base, keras.layers.Dense(8, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=10)
"""
PLACES = {"torch": "train.py:7", "keras": "train.py:7"}  # the normalisation; the frozen random network
DIAGNOSE = [sys.executable, "-m", "diagnose"]


class Journey(NamedTuple):
    """name; program: "torch", "keras" or none; words: of the command line; keys: until the answer; answer: what has to
    stand on the screen; before: keys and seconds of the first version, by a newcomer, where there is a figure."""

    name: str
    program: str
    words: tuple[str, ...]
    keys: tuple[str, ...]
    answer: str
    returning: bool = False
    before: str = "-"


REPORT = ("--report", "--no-probes")
NAMED = ("photos", "train.py")
TORCH_AT, KERAS_AT = PLACES["torch"], PLACES["keras"]
NEWCOMER = "10 keys, then a tab nobody names"
JOURNEYS = (
    Journey("PyTorch, TUI, first time", "torch", (), ("Enter",), TORCH_AT, before=NEWCOMER),
    Journey("PyTorch, TUI, returning", "torch", (), ("Enter",), TORCH_AT, True),
    Journey("PyTorch, TUI, named", "torch", NAMED, (), TORCH_AT, before="refused"),
    Journey("PyTorch, command line, first time", "torch", (*NAMED, *REPORT), (), TORCH_AT, before="refused; 4.4 s"),
    Journey("PyTorch, command line, returning", "torch", (*NAMED, *REPORT), (), TORCH_AT, True),
    Journey("Keras, TUI, first time", "keras", (), ("Enter",), KERAS_AT, before=NEWCOMER),
    Journey("Keras, TUI, returning", "keras", (), ("Enter",), KERAS_AT, True),
    Journey("Keras, command line, first time", "keras", (*NAMED, *REPORT), (), KERAS_AT, before="refused; 4 s"),
    Journey("Keras, command line, this folder", "keras", (".", *REPORT), (), KERAS_AT, before="read as one class"),
    Journey("the program alone", "torch", ("train.py", *REPORT), (), TORCH_AT, before="refused"),
)


def main() -> None:
    """Print a row of the table for each journey."""
    print("| journey | command | keys | seconds to the answer | before |\n| --- | --- | --- | --- | --- |")
    for journey in JOURNEYS:
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "project"
            shutil.copytree(SAMPLES / "photos", project / "photos")
            (project / "train.py").write_text(TORCH if journey.program == "torch" else KERAS)
            (project / "diagnose.toml").write_text("probes = false\noffline = true\n")
            variables = {"XDG_CACHE_HOME": f"{folder}/cache", "XDG_CONFIG_HOME": f"{folder}/config"}
            if journey.returning:
                walk(journey, project, variables)
            keys, seconds = walk(journey, project, variables)
        command = " ".join(("diagnose", *journey.words))
        print(f"| {journey.name} | `{command}` | {keys} | {seconds:.1f} | {journey.before} |", flush=True)


def walk(journey: Journey, project: Path, variables: dict[str, str]) -> tuple[int, float]:
    """Keys and seconds of the journey."""
    begin = time.monotonic()
    with Terminal([*DIAGNOSE, *journey.words], project, **variables, TERM="xterm-256color") as terminal:
        if journey.keys:
            terminal.wait_for("photos")
            terminal.press(*journey.keys)
        terminal.wait_for(journey.answer)
        seconds, keys = time.monotonic() - begin, terminal.keys
        if journey.words[-1:] != ("--no-probes",):
            terminal.press("q")
        terminal.wait_for("ended with")
    return keys, seconds


if __name__ == "__main__":
    main()
