"""The form of labels, followed back to where they are made."""

import pytest
from small_programs import followed, names

from diagnose.training.labels import labels_of

HEAD = """
import keras, numpy as np, pandas as pd, tensorflow as tf, os
from keras.utils import to_categorical
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, OneHotEncoder, label_binarize
from sklearn.model_selection import train_test_split
(x, whole), (xt, yt) = keras.datasets.mnist.load_data()
words = pd.read_csv("l.csv")["label"]
"""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("y = whole", "int"),
        ("y = x", None),
        ("y = words", None),
        ("y = to_categorical(whole, 10).astype('float32')", "one_hot"),
        ("y = np.eye(10)[whole]", "one_hot"),
        ("y = np.eye(10)[whole.reshape(-1)]", "one_hot"),
        ("y = np.argmax(to_categorical(whole), axis=1)", "int"),
        ("y = label_binarize(words, classes=[0, 1, 2])", "one_hot"),
        ("y = LabelBinarizer().fit_transform(words)", "one_hot"),
        ("b = LabelBinarizer()\nb.fit(words)\ny = b.transform(words)", "one_hot"),
        ("y = OneHotEncoder(sparse_output=False).fit_transform(words).toarray()", "one_hot"),
        ("y = LabelEncoder().fit_transform(words)", "int"),
        ("y = to_categorical(LabelEncoder().fit_transform(words))", "one_hot"),
        ("y = pd.get_dummies(words).values", "one_hot"),
        ("y = keras.ops.one_hot(whole, 10)", "one_hot"),
        ("y = tf.one_hot(tf.squeeze(whole), 10)", "one_hot"),
        ("a, b, c, y = train_test_split(x, to_categorical(whole), test_size=0.2)", "one_hot"),
        ("y = whole[:1000]", "int"),
        ("y = np.array([0] * 10 + [1] * 10)", "int"),
        ("y = np.concatenate([np.zeros(9), np.ones(9)])", "int"),
        ("y = np.zeros((9, 10))", None),
        ("y = []\nfor f in os.listdir('a'):\n    y.append(3)\ny = np.array(y)", "int"),
        ("y = []\nfor f in os.listdir('a'):\n    y.append([0, 1])\ny = np.array(y)", "one_hot"),
        ("y = []\nfor f in os.listdir('a'):\n    y.append(f)\ny = np.array(y)", None),
    ],
)
def test_the_form_of_labels(tmp_path, text, form):
    found = labels_of(names(followed(tmp_path, HEAD + text))["y"])
    assert (found.form[0] if found.form else None) == form
    assert (found.scaled, found.smoothed) == (None, None)


@pytest.mark.parametrize(
    ("text", "scaled", "smoothed"),
    [
        ("y = whole / 255.0", True, False),
        ("y = to_categorical(whole / 255)", True, False),
        ("y = whole * (1 / 255)", True, False),
        ("y = whole / 10", False, False),
        ("y = to_categorical(whole) * (1 - 0.1) + 0.1 / 10", False, True),
        ("y = to_categorical(whole) * 0.9 + 0.01", False, True),
        ("y = whole + 1", False, False),
    ],
)
def test_what_is_computed_with_labels(tmp_path, text, scaled, smoothed):
    found = labels_of(names(followed(tmp_path, HEAD + text))["y"])
    assert (found.scaled is not None, found.smoothed is not None) == (scaled, smoothed)
