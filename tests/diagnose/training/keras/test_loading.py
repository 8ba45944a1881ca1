"""Weights that are loaded by the names of layers."""

import pytest

from diagnose.model import MovingMomentum, NamesMatchNothing

PROGRAM = """
def net({arguments}):
    return keras.Sequential([layers.Conv2D(8, 3{first}), layers.Flatten(), layers.Dense(4{last})])
first = net({one})
first.save_weights("a.weights.h5")
{between}
second = {second}
second.load_weights("{path}", by_name=True)
second.compile("adam", LOSS)
second.fit(folder, validation_data=held)
"""
PLAIN = {"arguments": "", "first": "", "last": "", "one": "", "between": "", "second": "net()", "path": "a.weights.h5"}
NAMED = {"arguments": "name", "first": ", name=name + '_conv'", "last": ", name=name + '_fc'", "one": "'a'"}


@pytest.mark.parametrize("changes", [{}, {**NAMED, "second": "net('b')"}])
def test_no_layer_has_a_saved_name(read, changes):
    assert read(PROGRAM.format(**{**PLAIN, **changes})).program.facts(NamesMatchNothing)


@pytest.mark.parametrize(
    "changes",
    [
        {**NAMED, "second": "net('a')"},
        {"first": ", name='conv'"},
        {"between": "keras.backend.clear_session()"},
        {"second": "keras.Sequential([first.layers[0], layers.Dense(4)])"},
        {"second": "keras.Sequential([ResNet50(), layers.Dense(4)])"},
        {"path": "b.weights.h5"},
    ],
)
def test_names_that_may_match(read, changes):
    assert read(PROGRAM.format(**{**PLAIN, **changes})).program.facts(NamesMatchNothing) == ()


NORMED = """
model = small(layers.BatchNormalization({given}))
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
"""


@pytest.mark.parametrize(("given", "momentum"), [("", [0.99]), ("momentum=0.9", [0.9]), ("momentum=input()", [])])
def test_the_momentum_of_batch_norm(read, given, momentum):
    assert [one.momentum for one in read(NORMED.format(given=given)).program.facts(MovingMomentum)] == momentum


OF_A_FILE = """
base = ResNet50(include_top=False, weights={weights})
base.load_weights("resnet50_notop.h5", by_name={by_name})
base.trainable = {trains}
model = keras.Sequential([base, layers.GlobalAveragePooling2D(), layers.Dense(4)])
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
"""


@pytest.mark.parametrize(
    ("weights", "by_name", "trains", "expected"),
    [
        ("None", "True", "False", ["unchecked"]),
        ("None", "True", "True", []),
        ("None", "False", "False", []),
        ("'imagenet'", "True", "False", []),
    ],
)
def test_a_file_by_name_into_what_stays_frozen(read, weights, by_name, trains, expected):
    text = OF_A_FILE.format(weights=weights, by_name=by_name, trains=trains)
    assert [one.why for one in read(text).program.facts(NamesMatchNothing)] == expected
