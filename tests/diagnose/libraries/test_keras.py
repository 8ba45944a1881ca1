"""What Keras's and TensorFlow's own calls come to."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import Function, plain


@pytest.mark.parametrize(
    ("name", "count"),
    [("cifar10", 10), ("oxford_flowers102:2.*.*", 102), ("emnist/letters", None), ("tf_flowers", 5), ("own", None)],
)
def test_the_classes_of_a_public_dataset(tmp_path, name, count):
    text = f"import tensorflow_datasets as tfds\nds, info = tfds.load('{name}', with_info=True)\n"
    text += "n = info.features['label'].num_classes\nm = len(info.features['label'].names)\n"
    values = names(followed(tmp_path, text))
    if name != "emnist/letters":
        assert (plain(values["n"]), plain(values["m"])) == (count, count)


def test_a_compiled_function_is_the_function(tmp_path):
    values = names(followed(tmp_path, "import tensorflow as tf\ndef f(x):\n    return x\ng = tf.function(f)\n"))
    assert isinstance(values["g"], Function)


def test_a_strategy_runs_the_step_that_it_is_given(tmp_path):
    text = "import tensorflow as tf\ns = tf.distribute.MirroredStrategy()\ndef f(x):\n    return x\n"
    text += "a = s.run(f, args=(3,))\nb = s.reduce('sum', a, axis=None)\nc = s.experimental_distribute_dataset(7)\n"
    values = names(followed(tmp_path, text))
    assert [plain(values[name]) for name in "abc"] == [3, 3, 7]


def test_a_layer_of_a_sequential_by_its_place(tmp_path):
    text = "import keras\nfrom keras import layers\nbase = keras.applications.VGG16()\nm = keras.Sequential()\n"
    text += "m.add(keras.Input((8, 8, 3)))\nm.add(base)\nm.add(layers.Dense(3))\na = m.layers[0]\nb = m.layers[1]\n"
    values = names(followed(tmp_path, text))
    assert values["a"] is values["base"]
    assert values["b"].short == "Dense"
