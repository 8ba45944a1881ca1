"""Several trainings in one program, parts of programs, and the model that is fitted."""

import pytest

from diagnose.model import NotValidated

UNIT = ("1/255",)
TWICE = """
model = small()
model.compile("adam", LOSS)
model.fit(folder, epochs=10, validation_data=held)
"""


def test_two_trainings_of_different_length_and_data(known):
    fields = known(TWICE + "model.fit(folder.map(lambda x, y: (x / 255., y)), epochs=30, validation_data=held)\n")
    assert fields["epochs"].endswith("the program trains more than once: 10 (line 14), then 30 (line 15)")
    assert fields["scaling"].endswith("none (line 14), then [1/255] (line 15)")
    assert (fields["train_augmentations"], fields["optimizer"], fields["val_scaling"]) == ((), "adam", ())


def test_a_field_that_one_training_leaves_open_is_unknown(known):
    fields = known(TWICE + "import elsewhere\nmodel.fit(elsewhere.data(), epochs=10)\n")
    assert "none (line 14), then not known (line 16)" in fields["train_augmentations"]
    assert fields["epochs"] == 10


def test_a_fit_on_random_numbers_is_left_aside(read):
    reading = read("toy = small()\ntoy.compile('sgd', 'mse')\ntoy.fit(np.random.rand(4, 9), np.zeros(4))\n" + TWICE)
    assert reading.config.loss.value == "sparse_categorical_crossentropy"
    assert reading.config.epochs.value == 10
    assert any("random numbers" in note for note in reading.notes)


def test_a_program_that_has_nothing_but_random_numbers_is_read(known):
    fields = known("toy = small()\ntoy.compile('sgd', 'mse')\ntoy.fit(np.random.rand(4, 9), np.zeros(4))\n")
    assert (fields["loss"], fields["optimizer"]) == ("mean_squared_error", "sgd")
    assert isinstance(fields["scaling"], str)


def test_each_network_has_its_own_validation(read):
    both = read(TWICE + "other = small()\nother.compile('adam', LOSS)\nother.fit(folder, epochs=10)\n").program
    assert not both.validates
    assert [one.location.line for one in both.facts(NotValidated)] == [17]
    one = read(TWICE + "model.fit(folder, epochs=10)\n").program
    assert one.validates
    measured = read("model = small()\nmodel.compile('adam', LOSS)\nmodel.fit(folder)\nmodel.evaluate(held)\n").program
    assert measured.validates


def test_models_that_a_condition_chooses(known):
    fields = known("""
import os
if os.path.exists("m.keras"):
    model = keras.models.load_model("m.keras")
else:
    model = small()
    model.compile("adam", LOSS)
model.fit(folder, epochs=3)
""")
    assert "m.keras (line 14) or none (line 9)" in fields["weights"]
    assert fields["epochs"] == 3


@pytest.mark.parametrize("library", ["tensorflow.keras", "keras", "tf_keras", "tensorflow.python.keras"])
def test_the_library_by_any_of_its_names(known, library):
    fields = known(
        f"""
from {library} import Sequential, layers, utils, optimizers
def compiled(network):
    network.compile(loss="mse", optimizer="sgd")
    network.compile(loss="categorical_crossentropy", optimizer=optimizers.Adam(3e-4))
    return network
data = utils.image_dataset_from_directory("t", image_size=(32, 32), label_mode="categorical")
net = compiled(Sequential([layers.Rescaling(1 / 255), layers.Conv2D(4, 3), layers.Dense(7, activation="softmax")]))
net.fit(data, epochs=4)
""",
        head="",
    )
    assert (fields["loss"], fields["learning_rate"], fields["epochs"]) == ("categorical_crossentropy", 3e-4, 4)
    assert (fields["scaling"], fields["head"], fields["weights"]) == (UNIT, 7, "none")


FRAGMENT = """
from tensorflow.keras.applications import ResNet50
body = ResNet50(weights=None, include_top=False, input_shape=(192, 192, 3))
network.compile(optimizer="adam", loss="categorical_crossentropy")
network.fit(birds, epochs=12, validation_data=others)
"""


def test_a_fragment_is_read_as_far_as_it_goes(read):
    reading = read(FRAGMENT, head="")
    config = reading.config
    assert (config.weights.value, config.model.value, config.epochs.value) == ("none", "resnet50", 12)
    for name in ("scaling", "head", "frozen", "shuffle", "batch_size", "train_augmentations", "output_activation"):
        assert not getattr(config, name).known
    assert "`network` is defined nowhere" in " ".join(reading.notes)
    assert "`birds`" in " ".join(reading.notes)


def test_a_fragment_with_two_networks_takes_neither(read):
    config = read(FRAGMENT.replace("body =", "other = ResNet50()\nbody ="), head="").config
    assert not config.weights.known


def test_a_model_that_is_compiled_and_not_fitted(read):
    reading = read("model = ResNet50(weights=None, classes=5)\nmodel.compile('adam', 'categorical_crossentropy')\n")
    assert reading.config.weights.value == "none"
    assert (reading.config.loss.value, reading.config.head.value) == ("categorical_crossentropy", 5)
    assert not reading.config.epochs.known
    assert any("nothing in train.py fits" in note for note in reading.notes)


def test_arguments_that_are_not_known_are_not_the_defaults(read):
    reading = read(
        "import elsewhere\nmodel = small()\nmodel.compile(**elsewhere.how())\nmodel.fit(folder, **elsewhere.what())"
    )
    for name in ("optimizer", "learning_rate", "loss", "epochs", "schedule"):
        assert not getattr(reading.config, name).known, name
    assert any("validation" in lost.hides for lost in reading.program.unfollowed)


def test_another_library_s_fit_is_no_training(read):
    reading = read("from sklearn.svm import SVC\nSVC().fit(a, b)\n" + TWICE)
    assert reading.config.epochs.value == 10
