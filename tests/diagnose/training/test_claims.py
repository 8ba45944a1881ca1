"""What of a program claims that it starts from learned features: its title and its names, and no other line."""

import pytest

from diagnose.config.read import read_configuration

PROGRAM = """{title}
import keras
{above}
def {function}():
    base = keras.applications.ResNet50(weights=None, classes=5)
    return base
{name} = {function}()
{name}.compile("adam", "categorical_crossentropy")
{beside}
{name}.fit(keras.utils.image_dataset_from_directory("t", label_mode="categorical"), epochs=3)
"""
PLAIN = {"title": "", "above": "", "function": "make", "name": "model", "beside": ""}


@pytest.fixture
def method(tmp_path):
    def of(file="train.py", **changes):
        path = tmp_path / file
        path.write_text(PROGRAM.format(**{**PLAIN, **changes}))
        setting = read_configuration(str(path)).config.method
        return setting.value, setting.line

    return of


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"title": '"""Transfer learning on birds.\n\nMore of it.\n"""'}, 1),
        ({"title": "# Transfer learning without weights"}, 1),
        ({"title": "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Fine-tuning ResNet50"}, 3),
        ({"function": "build_transfer_model"}, 4),
        ({"name": "transfer_model"}, 10),
        ({"file": "finetune.py"}, 1),
    ],
)
def test_a_title_or_a_name_is_a_claim(method, changes, line):
    assert method(**changes) == ("transfer", line)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"above": "# Transfer learning options"},
        {"beside": "# * Finetuning options\nstart = None"},
        {"above": "def finetune(network):\n    return network"},
        {"above": "class PretrainedModel:\n    pass"},
        {"above": "pretrained = None"},
        {"file": "transfer.py", "above": "def features():\n    return keras.applications.VGG16(weights='imagenet')"},
        {"title": "# ResNet50 from scratch, without transfer learning"},
        {"title": '"""Is transfer learning needed?"""'},
        {"name": "not_pretrained_model"},
        {"file": "scratch_vs_transfer_learning.py"},
    ],
)
def test_what_is_no_claim(method, changes):
    assert method(**changes)[0] == "scratch"
