"""What stands out in a Keras program, and what is not claimed since it was not followed."""

import pytest

from diagnose.model import BgrImages, KerasLoss, NotExamined, RandomValidation, Regularisers

PROGRAM = """
import elsewhere
class Measuring(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(self.model.evaluate(held))
class Quiet(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(logs)
{before}
model = {model}
model.compile("adam", {loss})
{after}
model.fit(folder{fit})
"""
PLAIN = {"before": "", "model": "small()", "loss": "LOSS", "after": "", "fit": ""}


@pytest.fixture
def program(read):
    return lambda **changes: read(PROGRAM.format(**{**PLAIN, **changes})).program


@pytest.mark.parametrize(
    ("changes", "complete"),
    [
        ({}, True),
        ({"fit": ", callbacks=[Quiet(), keras.callbacks.ModelCheckpoint('a')]"}, True),
        ({"fit": ", callbacks=[Measuring()]"}, False),
        ({"fit": ", callbacks=[elsewhere.Callback()]"}, False),
        ({"fit": ", callbacks=elsewhere.callbacks()"}, False),
        ({"fit": ", **elsewhere.options()"}, False),
        ({"after": "elsewhere.finish(model)"}, False),
        ({"after": "print(model)\nelsewhere.report(folder)"}, True),
    ],
)
def test_whether_a_validation_may_stand_elsewhere(program, changes, complete):
    read = program(**changes)
    assert not read.validates
    if complete:
        read.require_complete("validation")
    else:
        with pytest.raises(NotExamined, match=r"at line \d+ was not followed, and may hold a validation"):
            read.require_complete("validation")


@pytest.mark.parametrize(
    "changes",
    [
        {"fit": ", validation_data=held"},
        {"fit": ", validation_split=0.2"},
        {"fit": "); model.predict(held"},
        {"after": "model.evaluate(held)"},
    ],
)
def test_a_validation_of_any_kind(program, changes):
    assert program(**changes).validates


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ()),
        ({"model": "small(layers.Dropout(0.1))"}, ("dropout",)),
        ({"model": "small(layers.Conv2D(3, 3, kernel_regularizer='l2'))"}, ("weight penalty",)),
        ({"model": "small(layers.Conv2D(3, 3, kernel_regularizer=None))"}, ()),
        ({"loss": "keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"}, ("label smoothing",)),
        ({"fit": ", callbacks=[keras.callbacks.EarlyStopping()]"}, ("early_stopping",)),
        ({"model": "keras.Sequential([EfficientNetB0(weights=None)])"}, ("stochastic depth",)),
        ({"after": "for one in model.layers:\n    one.kernel_regularizer = 'l2'"}, ("weight penalty",)),
    ],
)
def test_what_works_against_memorising(program, changes, names):
    read = program(**changes)
    assert [one.names for one in read.facts(Regularisers)] == [names]
    read.require_complete("regularisation")


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "small(elsewhere.Layer())"},
        {"model": "elsewhere.build()"},
        {"before": "def own(a, b):\n    return a", "loss": "own"},
    ],
)
def test_regularisation_may_stand_in_what_was_not_followed(program, changes):
    with pytest.raises(NotExamined, match="may hold regularisation"):
        program(**changes).require_complete("regularisation")


@pytest.mark.parametrize(
    ("before", "seeded", "complete"),
    [
        ("", False, True),
        ("keras.utils.set_random_seed(1)", True, True),
        ("elsewhere.seed_everything(1)", True, True),
        ("elsewhere.prepare()", False, False),
        ("import keras_cv\nx = keras_cv.layers.RandAugment((0, 255))", False, True),
    ],
)
def test_a_seed(program, before, seeded, complete):
    read = program(before=before)
    assert read.seeded == seeded
    if complete:
        read.require_complete("seed")
    else:
        with pytest.raises(NotExamined, match="may hold a seed"):
            read.require_complete("seed")


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ("folder", "int"),
        ("folder.map(lambda x, y: (x, tf.one_hot(y, 4)))", "one_hot"),
        ("folder.map(lambda x, y: (x, y))", "int"),
        ("folder.map(lambda x, y: (x, elsewhere.code(y)))", None),
        ("folder.map(elsewhere.both)", None),
        ("np.zeros((4, 96, 96, 3)), keras.utils.to_categorical(kinds)", "one_hot"),
        ("np.zeros((4, 96, 96, 3)), kinds", None),
    ],
)
def test_the_form_of_the_labels(read, data, labels):
    program = f"import elsewhere\nmodel = small()\nmodel.compile('adam', LOSS)\nmodel.fit({data})\n"
    (seen,) = read(program).program.facts(KerasLoss)
    assert seen.labels == labels
    assert seen.from_logits is True


def test_random_steps_in_validation_and_another_order_of_channels(read):
    seen = read("""
model = small()
model.compile('adam', LOSS)
pairs = tf.data.Dataset.from_generator(lambda: ((yield cv2.imread(n), 1) for n in names), tf.float32)
model.fit(folder, validation_data=held.map(lambda x, y: (tf.image.random_flip_up_down(x), y)))
""").program
    (one,) = seen.facts(RandomValidation)
    assert (one.names, one.shared) == (("random_flip_up_down",), False)


def test_blue_green_red_images(read):
    fit = "model = small()\nmodel.compile('adam', LOSS)\nmodel.fit(batches())\n"
    own = "def batches():\n    while True:\n        picture = cv2.imread(name())\n        yield {}, kind()\n"
    assert read(own.format("picture / 255.") + fit).program.facts(BgrImages)
    for turned in (
        "cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) / 255.",
        "picture[:, :, ::-1] / 255.",
        "picture[..., ::-1]",
    ):
        assert not read(own.format(turned) + fit).program.facts(BgrImages)
