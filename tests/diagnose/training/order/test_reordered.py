"""Pictures and labels that are shuffled or split one without the other are found; what goes together is silent."""

import pytest
from small_programs import followed

from diagnose.training.order.pairs import find_pairs
from diagnose.training.order.reordered import reordered_apart

HEAD = """
import numpy as np, random, torch, cv2, os, glob
from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle
from keras.datasets import cifar10
from keras.utils import to_categorical
from torch.utils.data import TensorDataset
x, y = np.load("x.npy"), np.load("y.npy")
"""
FAULTY = {
    "split twice": """
x_train, x_test = train_test_split(x, test_size=0.2)
y_train, y_test = train_test_split(y, test_size=0.2)  #!
model.fit(x_train, y_train)
""",
    "split by two seeds": """
x_train, x_test = train_test_split(x / 255, test_size=0.2, random_state=1)
y_train, y_test = train_test_split(to_categorical(y), test_size=0.2, random_state=2)  #!
model.fit(x_train, y_train, validation_data=(x_test, y_test))
""",
    "only one has a seed": """
x_train, x_test = train_test_split(x, random_state=42)
y_train, y_test = train_test_split(y)  #!
TensorDataset(torch.tensor(x_train), torch.tensor(y_train))
""",
    "pictures alone": """
(a, b), (c, d) = cifar10.load_data()
np.random.shuffle(a)  #!
model.fit(a.astype("float32") / 255, to_categorical(b, 10))
""",
    "lists shuffled apart": """
images, labels = [], []
for name in sorted(os.listdir("train")):
    images.append(cv2.imread(name))
    labels.append(int(name[0]))
random.shuffle(images)
random.shuffle(labels)  #!
model.fit(np.array(images), np.array(labels))
""",
    "a list alone": """
images, labels = [], []
for name in sorted(glob.glob("train/*")):
    images.append(cv2.imread(name))
    labels.append(int(name[0]))
random.shuffle(images)  #!
model.fit(np.array(images), np.array(labels))
""",
    "two permutations": """
x = x[np.random.permutation(len(x))]
y = y[np.random.permutation(len(y))]  #!
model.fit(x, y)
""",
}
SOUND = {
    "split at once": """
np.random.seed(0)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2)
model.fit(x_train, y_train, validation_data=(x_test, y_test))
""",
    "two splits by one seed": """
SEED = 3
x_train, x_test = train_test_split(x, test_size=0.2, random_state=SEED)
y_train, y_test = train_test_split(y, test_size=0.2, random_state=SEED)
model.fit(x_train, y_train)
""",
    "set back between": """
np.random.seed(7)
np.random.shuffle(x)
np.random.seed(7)
np.random.shuffle(y)
model.fit(x, y)
""",
    "pairs are shuffled": """
data = []
for name in sorted(os.listdir("train")):
    data.append([cv2.imread(name), int(name[0])])
random.shuffle(data)
images, labels = zip(*data)
model.fit(np.array(images), np.array(labels))
""",
    "one permutation": """
order = np.random.permutation(len(x))
x, y = x[order], y[order]
model.fit(x, y)
""",
    "files first": """
files = glob.glob("train/*")
random.shuffle(files)
images, labels = [], []
for f in files:
    images.append(cv2.imread(f))
    labels.append(f.split("_")[0])
model.fit(np.array(images), np.array(labels))
""",
    "labels of what was shuffled": """
files = glob.glob("train/*")
np.random.shuffle(files)
labels = [f.split("/")[-2] for f in files]
model.fit(np.array([cv2.imread(f) for f in files]), labels)
""",
    "shuffled together": """
x, y = shuffle(x, y, random_state=0)
indices = np.arange(len(x))
np.random.shuffle(indices)
x, y = x[indices], y[indices]
model.fit(x, y)
""",
    "not shuffled": """
x_train, x_test = train_test_split(x, shuffle=False)
y_train, y_test = train_test_split(y, shuffle=False)
model.fit(x_train, y_train)
""",
}


def found(tmp_path, text):
    reader = followed(tmp_path, HEAD + text)
    return list(reordered_apart(reader, tuple(find_pairs(reader))))


@pytest.mark.parametrize("style", FAULTY)
def test_what_is_reordered_alone_is_found_at_its_line(tmp_path, style):
    lines = [n for n, line in enumerate((HEAD + FAULTY[style]).splitlines(), start=1) if line.endswith("#!")]
    assert [one.location.line for one in found(tmp_path, FAULTY[style])] == lines


@pytest.mark.parametrize("style", SOUND)
def test_what_goes_together_is_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []
