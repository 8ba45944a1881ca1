"""The finders' facts reach the checks of whole programs of PyTorch and Keras, and patches remove the faults."""

import pytest
from small_programs import judged, reading, training

from diagnose.fixes.place import Place
from diagnose.fixes.rewrites import REWRITES
from diagnose.fixes.script import Script

KERAS = """\
import os, cv2, keras, numpy as np, pandas as pd
from keras.preprocessing.image import ImageDataGenerator
from sklearn.metrics import confusion_matrix
scaled = ImageDataGenerator(rescale=1 / 255)
train = scaled.flow_from_directory("train", target_size=(64, 64), class_mode="sparse")
val = scaled.flow_from_directory("val", target_size=(64, 64), class_mode="sparse")
model = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(train, validation_data=val, epochs=9)
END
"""
MATRIX = "print(confusion_matrix(val.classes, model.predict(val).argmax(1)))"
SET = "import pandas as pd\nnames = list(set(pd.read_csv('a.csv').y))\nnumbers = {n: i for i, n in enumerate(names)}"
MEAN = "    print(total / len(train_loader.dataset))"


def keras(end=""):
    return KERAS.replace("END", end)


def summed(end):
    text = training(mode="model.train()\ntotal = 0.0", after="total += loss.item()", end="")
    return text + end.replace("    ", "", 1) + "\n"


@pytest.mark.parametrize(
    ("code", "text", "rewrite"),
    [
        ("C329", keras(MATRIX), "keep-order"),
        ("C329", training(top=SET, end="torch.save(model.state_dict(), 'a.pt')"), "sort-names"),
        ("C336", summed(MEAN), "divide-by-batches"),
    ],
)
def test_a_patch_removes_the_fault(tmp_path, code, text, rewrite):
    (finding,) = judged(reading(tmp_path, text), code)[1]
    assert rewrite in finding.rewrites
    patched = next(REWRITES[rewrite](Place(Script(text), finding.location.line, {})))
    assert judged(reading(tmp_path, patched), code) == ("passed", ())


@pytest.mark.parametrize("code", ["C329", "C331", "C336", "C345"])
@pytest.mark.parametrize("text", [keras(), training()], ids=["keras", "torch"])
def test_sound_programs_pass(tmp_path, code, text):
    assert judged(reading(tmp_path, text), code) == ("passed", ())


def test_a_fault_in_the_data_of_a_program_is_found(tmp_path):
    faulty = keras().replace('flow_from_directory("val"', 'flow_from_directory("train"')
    (finding,) = judged(reading(tmp_path, faulty), "C331")[1]
    assert finding.location.line == 6
