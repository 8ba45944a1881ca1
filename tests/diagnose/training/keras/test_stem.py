"""Keras's networks on small images: whose stem is too coarse for them."""

import pytest
from small_programs import judged

MODEL = "keras.Sequential([{}, layers.GlobalAveragePooling2D(), layers.Dense(10)])"
DATA = "(x, y), _ = keras.datasets.cifar10.load_data()\nx = x / 255.0"


def found(read, network, data=DATA):
    model = network if "(" in network and network.startswith("ResNet50(include_top=True") else MODEL.format(network)
    reading = read(f"{data}\nmodel = {model}\nmodel.compile('adam', LOSS)\nmodel.fit(x, y, epochs=20)\n")
    return [(one.subject, one.severity.value) for one in judged(reading, "C335")[1]]


@pytest.mark.parametrize(
    "network",
    [
        "ResNet50(include_top=False, weights=None, input_shape=(32, 32, 3))",
        "keras.applications.DenseNet121(include_top=False, weights=None, input_shape=(64, 64, 3))",
        "ResNet50(include_top=True, weights=None, input_shape=(32, 32, 3), classes=10)",
    ],
)
def test_a_stem_that_is_too_coarse(read, network):
    assert found(read, network) == [("stem", "warning")]


@pytest.mark.parametrize(
    "network",
    [
        "ResNet50(include_top=False, weights='imagenet', input_shape=(32, 32, 3))",
        "layers.UpSampling2D(7), ResNet50(include_top=False, weights=None, input_shape=(224, 224, 3))",
        "keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))",
        "EfficientNetB0(include_top=False, weights=None, input_shape=(32, 32, 3))",
    ],
)
def test_other_networks_are_silent(read, network):
    assert found(read, network) == []
