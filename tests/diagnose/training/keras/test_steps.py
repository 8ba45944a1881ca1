"""One step after the other: what they come to by themselves."""

import pytest

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Items, Thing, unknown
from diagnose.model import Location
from diagnose.training.fields import Fields
from diagnose.training.keras.steps import KerasPipeline, describe_batches, factor, preprocess, set_size, settle, wanted

AT = Location("train.py", 3)


def number(data):
    return Const(AT, data)


@pytest.mark.parametrize(
    ("moves", "words", "mean", "std", "fed"),
    [
        ([("scale", 1 / 255)], ["1/255"], None, None, "unit"),
        ([("scale", 1 / 256)], ["1/255"], None, None, "unit"),
        ([("scale", 1 / 127.5), ("shift", -1)], ["-1..1"], None, None, "tf"),
        ([("shift", -128), ("scale", 1 / 128)], ["-1..1"], None, None, "tf"),
        ([("scale", 1 / 255), ("scale", 2), ("shift", -1)], ["-1..1"], None, None, "tf"),
        ([("scale", 1 / 255), ("scale", 255)], [], None, None, "raw"),
        ([("scale", 1 / 255), ("shift", -0.5)], ["1/255"], 0.5, 1, "torch"),
        ([("shift", -100), ("scale", 1 / 50)], [], 100, 50, "caffe"),
        ([("scale", 3)], [], None, None, ""),
        ([("scale", -1), ("shift", 255)], [], None, None, ""),
    ],
)
def test_arithmetic(moves, words, mean, std, fed):
    way = KerasPipeline(AT)
    for name, amount in moves:
        getattr(way, name)(amount, AT)
    way.finish()
    assert [word for word, _ in way.scaling] == words
    assert (way.mean and way.mean[0][0]) == (pytest.approx(mean) if mean else None)
    assert (way.std and way.std[0][0]) == (pytest.approx(std) if std else None)
    assert way.fed == fed


def test_channels_after_other_arithmetic_are_in_doubt():
    way = KerasPipeline(AT)
    way.scale(3, AT)
    way.normalise((1.0, 2.0, 3.0), None, AT)
    assert "values" in way.doubts


@pytest.mark.parametrize(
    ("scale", "offset", "words", "doubt"),
    [
        (1 / 255, None, ["1/255"], False),
        (1 / 127.5, -1, ["-1..1"], False),
        (1 / 127.5, None, [], True),
        (0, None, [], True),
        ("a", None, [], True),
        (True, None, [], True),
    ],
)
def test_rescaling(scale, offset, words, doubt):
    way = KerasPipeline(AT)
    factor(number(scale), way, number(offset) if offset is not None else None)
    assert [word for word, _ in way.scaling] == words
    assert ("values" in way.doubts) == doubt


@pytest.mark.parametrize(
    ("name", "mode", "fed"),
    [
        ("keras.applications.resnet50.preprocess_input", None, "caffe"),
        ("keras.applications.mobilenet_v2.preprocess_input", None, "tf"),
        ("keras.applications.densenet.preprocess_input", None, "torch"),
        ("keras.applications.efficientnet.preprocess_input", None, "raw"),
        ("keras.applications.imagenet_utils.preprocess_input", "tf", "tf"),
        ("keras.applications.imagenet_utils.preprocess_input", "other", ""),
        ("elsewhere.resnet50.preprocess_input", None, ""),
        ("keras.applications.newnet.preprocess_input", None, ""),
    ],
)
def test_preprocess_input(name, mode, fed):
    way = KerasPipeline(AT)
    preprocess(name, AT, way, number(mode) if mode else None)
    assert way.fed == fed


def test_preprocess_input_after_arithmetic_is_in_doubt():
    way = KerasPipeline(AT)
    way.scale(3, AT)
    preprocess("keras.applications.resnet50.preprocess_input", AT, way)
    assert way.fed == ""


def test_a_size_that_is_not_known_is_in_doubt_until_one_is():
    way = KerasPipeline(AT)
    set_size(unknown(Reason.RUN, "it is given", AT), way)
    assert "size" in way.doubts
    set_size(Items(AT, (number(64), number(48)), "tuple"), way)
    assert way.size == (64, AT)
    assert "size" not in way.doubts


def test_decoding_begins_anew():
    way = KerasPipeline(AT)
    way.doubt("names of files")
    way.draw("random_flip", AT)
    way.decode()
    assert (way.random, sorted(way.doubts)) == ([], ["labels", "order"])


def test_doubts_leave_the_other_fields_known():
    way, fields = KerasPipeline(AT), Fields("train.py")
    way.doubt("it is lost", "values")
    way.draw("random_flip", AT)
    settle(way, fields)
    assert fields.settings["train_augmentations"].value == ("random_flip",)
    assert fields.settings["scaling"].why == "`scaling` is not known: it is lost"


@pytest.mark.parametrize(
    ("way", "fit_batch", "batch", "shuffle"),
    [
        (KerasPipeline(AT, batch=number(8), shuffle=(True, AT)), None, 8, True),
        (KerasPipeline(AT, batch_default=AT, shuffle_given=number(False)), None, 32, False),
        (KerasPipeline(AT, array=True), number(9), 9, None),
        (KerasPipeline(AT, array=True), None, 32, None),
        (KerasPipeline(AT, shuffle_given=number(False), doubts={"order": "it is lost"}), None, None, None),
    ],
)
def test_batches_and_order(way, fit_batch, batch, shuffle):
    fields = Fields("train.py")
    describe_batches(way, fit_batch, AT, fields)
    setting = fields.settings["batch_size"]
    assert (setting.value if setting.known else None) == batch
    setting = fields.settings.get("shuffle")
    assert (setting.value if setting and setting.known else None) is shuffle


@pytest.mark.parametrize(
    ("name", "form"), [("ResNet50V2", "tf"), ("ResNet50", "caffe"), ("MobileNetV3Small", "built in"), ("Own", None)]
)
def test_the_form_that_weights_want(name, form):
    assert wanted(Thing(AT, name=f"keras.applications.{name}")) == form
