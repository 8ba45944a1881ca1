"""A real training of Keras, watched by its callback, in a process of its own: the backend is chosen at import."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

PROGRAM = """\
import json
import keras
import numpy as np
import diagnose
x, y = np.random.default_rng(0).random((64, 16, 16, 3), np.float32), np.arange(64) % 4
model = keras.Sequential([keras.layers.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(),
                          keras.layers.Dropout(0.2), keras.layers.GlobalAveragePooling2D(),
                          keras.layers.Dense(4, activation="softmax")])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
before = keras.layers.Layer.__call__, keras.optimizers.Optimizer.apply
callback = diagnose.WatchCallback(steps=3)
model.fit(x, y, batch_size=8, epochs=2, validation_data=(x, y), callbacks=[callback], verbose=0)
run = callback.watch.run
print(json.dumps({
    "codes": [one.code for one in callback.watch.findings], "steps": run.steps, "trained": run.modes.training,
    "held out": run.modes.held_out, "moved": run.network.unmoved is None,
    "off": before == (keras.layers.Layer.__call__, keras.optimizers.Optimizer.apply),
}))
"""


@pytest.mark.parametrize("backend", ["torch", pytest.param("tensorflow", marks=pytest.mark.slow)])
def test_first_steps_and_first_validation_are_seen_and_hooks_taken_off(backend, tmp_path):
    if importlib.util.find_spec("keras") is None or importlib.util.find_spec(backend) is None:
        pytest.skip(f"keras or {backend} is absent")
    (tmp_path / "train.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "train.py")], env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert "R632" in seen["codes"]
    assert (seen["steps"], seen["trained"]) == (3, [[True, 3]])
    assert [mode for mode, _ in seen["held out"]] == [False]
    assert seen["moved"]
    assert seen["off"]
    assert "error R632" in done.stderr
