"""Arrays that are built class by class and split at their end, in the ways in which people build them."""

import pytest

from diagnose.model import OrderedSplit

HEAD = """import os, glob, random, cv2, numpy as np, pandas as pd, tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from sklearn.preprocessing import LabelEncoder
from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle
def small(n):
    m = keras.Sequential([layers.Conv2D(8, 3), layers.GlobalAveragePooling2D(), layers.Dense(n, activation="softmax")])
    m.compile("adam", "sparse_categorical_crossentropy")
    return m
"""
ORDERED = {
    "files shuffled within a class": """x, y = [], []
for i, c in enumerate(os.listdir("d")):
    files = glob.glob(c + "/*")
    random.shuffle(files)
    for p in files[:100]:
        x.append(cv2.imread(p))
        y.append(i)
shown = random.choice(x)
small(2).fit(np.array(x), np.array(y), validation_split=0.2, epochs=3)
""",
    "folders walked": """x, y = [], []
for root, dirs, files in os.walk("d"):
    for name in files:
        x.append(cv2.imread(os.path.join(root, name)))
        y.append(os.path.basename(root))
y = keras.utils.to_categorical(LabelEncoder().fit_transform(y))
small(2).fit(np.array(x), y, validation_split=0.2, epochs=3)
""",
    "sentdex": """CATEGORIES = ["dog", "cat"]
training_data = []
def create_training_data():
    for category in CATEGORIES:
        path = os.path.join("d", category)
        class_num = CATEGORIES.index(category)
        for img in os.listdir(path):
            try:
                a = cv2.imread(os.path.join(path, img))
                a = cv2.resize(a, (64, 64))
                training_data.append([a, class_num])
            except Exception as e:
                pass
create_training_data()
X = []
y = []
for features, label in training_data:
    X.append(features)
    y.append(label)
X = np.array(X).reshape(-1, 64, 64, 3) / 255.0
y = np.array(y)
model = small(2)
model.fit(X, y, batch_size=32, epochs=3, validation_split=0.3)
""",
    "comp": """names = os.listdir("data")
pairs = []
for i, n in enumerate(names):
    for f in glob.glob(f"data/{n}/*.jpg"):
        img = keras.utils.img_to_array(keras.utils.load_img(f, target_size=(64, 64)))
        pairs.append((img, i))
x = np.array([p[0] for p in pairs]) / 255.
y = np.array([p[1] for p in pairs])
model = small(len(names))
model.fit(x, y, epochs=3, validation_split=0.1)
""",
    "concat": """def load(folder):
    return np.array([cv2.resize(cv2.imread(p), (64, 64)) for p in glob.glob(folder + "/*")])
pos = load("pos"); neg = load("neg")
x = np.concatenate([pos, neg]) / 255.
y = np.concatenate([np.ones(len(pos)), np.zeros(len(neg))])
model = small(2)
model.fit(x, y, epochs=3, validation_split=0.2, shuffle=True)
""",
    "listmul": """a = glob.glob("a/*"); b = glob.glob("b/*")
x = np.array([cv2.resize(cv2.imread(p), (64, 64)) for p in a + b]) / 255.
y = np.array([0] * len(a) + [1] * len(b))
model = small(2)
model.fit(x, y, epochs=3, validation_split=0.2)
""",
    "twoloops": """x, y = [], []
for p in os.listdir("infected"):
    x.append(cv2.resize(cv2.imread("infected/" + p), (64, 64)))
    y.append(1)
for p in os.listdir("healthy"):
    x.append(cv2.resize(cv2.imread("healthy/" + p), (64, 64)))
    y.append(0)
x = np.array(x, dtype="float32") / 255
y = keras.utils.to_categorical(y, 2)
m = keras.Sequential([layers.Flatten(), layers.Dense(2, activation="softmax")])
m.compile("adam", "categorical_crossentropy")
m.fit(x, y, validation_split=0.25, epochs=4)
""",
    "func walk": """def load_dataset(root):
    images, labels = [], []
    for idx, cls in enumerate(sorted(os.listdir(root))):
        for name in os.listdir(os.path.join(root, cls)):
            img = cv2.imread(os.path.join(root, cls, name))
            if img is None:
                continue
            images.append(cv2.resize(img, (64, 64)))
            labels.append(idx)
    return np.array(images, "float32") / 255.0, np.array(labels)
X, Y = load_dataset("pics")
m = small(4)
hist = m.fit(X, Y, batch_size=16, epochs=9, validation_split=.15)
""",
    "slice": """images, labels = [], []
for idx, cls in enumerate(["a", "b", "c"]):
    for name in glob.glob("d/" + cls + "/*"):
        images.append(cv2.resize(cv2.imread(name), (64, 64))); labels.append(idx)
X, Y = np.array(images), np.array(labels)
n = int(0.8 * len(X))
x_train, x_val = X[:n], X[n:]
y_train, y_val = Y[:n], Y[n:]
m = small(3)
m.fit(x_train, y_train, epochs=9, validation_data=(x_val, y_val))
""",
    "dir": """tr = keras.utils.image_dataset_from_directory("d", validation_split=0.2, shuffle=False, subset="training",
    image_size=(64, 64))
va = keras.utils.image_dataset_from_directory("d", validation_split=0.2, shuffle=False, subset="validation",
    image_size=(64, 64))
m = small(3)
m.fit(tr.shuffle(100), validation_data=va, epochs=3)
""",
    "tfslices encoder": """data, labels = [], []
for folder in os.listdir("set"):
    for f in os.listdir("set/" + folder):
        data.append(keras.utils.img_to_array(keras.utils.load_img("set/" + folder + "/" + f)))
        labels.append(folder)
le = LabelEncoder()
labels = le.fit_transform(labels)
data = np.array(data)
m = small(3)
m.fit(data, labels, epochs=3, validation_split=0.2)
""",
}
MIXED = {
    "zipped and shuffled": """x, y = [], []
for i, c in enumerate(["a", "b"]):
    for p in glob.glob(c + "/*"):
        x.append(cv2.imread(p))
        y.append(i)
both = list(zip(x, y))
random.shuffle(both)
x, y = zip(*both)
small(2).fit(np.array(x), np.array(y), validation_split=0.2, epochs=3)
""",
    "shuffled in unison": """def unison(a, b):
    state = np.random.get_state()
    np.random.shuffle(a)
    np.random.set_state(state)
    np.random.shuffle(b)
x, y = [], []
for i, c in enumerate(os.listdir("d")):
    for p in glob.glob(c + "/*"):
        x.append(cv2.imread(p))
        y.append(i)
x, y = np.array(x), np.array(y)
unison(x, y)
small(2).fit(x, y, validation_split=0.2, epochs=3)
""",
    "drawn": """pairs = []
for i, c in enumerate(os.listdir("d")):
    for p in glob.glob(c + "/*"):
        pairs.append((cv2.imread(p), i))
pairs = random.sample(pairs, len(pairs))
y = np.array([label for _, label in pairs])
x = np.array([image for image, _ in pairs])
small(2).fit(x, y, validation_split=0.2, epochs=3)
""",
    "sentdex shuffled": """CATEGORIES = ["dog", "cat"]
training_data = []
for category in CATEGORIES:
    path = os.path.join("d", category)
    class_num = CATEGORIES.index(category)
    for img in os.listdir(path):
        a = cv2.imread(os.path.join(path, img))
        training_data.append([cv2.resize(a, (64, 64)), class_num])
random.shuffle(training_data)
X = []
y = []
for features, label in training_data:
    X.append(features)
    y.append(label)
model = small(2)
model.fit(np.array(X), np.array(y), batch_size=32, epochs=3, validation_split=0.3)
""",
    "oneloop if": """x, y = [], []
for p in os.listdir("train"):
    x.append(cv2.resize(cv2.imread("train/" + p), (64, 64)))
    if p.startswith("cat"):
        y.append(0)
    else:
        y.append(1)
m = small(2)
m.fit(np.array(x), np.array(y), validation_split=0.25, epochs=4)
""",
    "perm": """x, y = [], []
for i, c in enumerate(sorted(os.listdir("d"))):
    for p in os.listdir("d/" + c):
        x.append(cv2.resize(cv2.imread(p), (64, 64)))
        y.append(i)
x, y = np.array(x), np.array(y)
order = np.arange(len(x)); np.random.shuffle(order)
x, y = x[order], y[order]
m = small(2)
m.fit(x, y, validation_split=0.25, epochs=4)
""",
    "cifar": """(x, y), (xt, yt) = keras.datasets.cifar10.load_data()
m = small(10)
m.fit(x / 255., y, validation_split=0.25, epochs=4)
""",
    "tts": """x, y = [], []
for i, c in enumerate(sorted(os.listdir("d"))):
    for p in os.listdir("d/" + c):
        x.append(cv2.resize(cv2.imread(p), (64, 64)))
        y.append(i)
xa, xb, ya, yb = train_test_split(np.array(x), np.array(y), test_size=0.2, stratify=y)
m = small(2)
m.fit(xa, ya, validation_split=0.25, epochs=4)
""",
    "csv": """df = pd.read_csv("l.csv")
x = np.array([cv2.resize(cv2.imread(p), (64, 64)) for p in df["path"]])
m = small(2)
m.fit(x, df["label"].values, validation_split=0.25, epochs=4)
""",
    "shuffled together": """x, y = [], []
for i, c in enumerate(["a", "b"]):
    for p in glob.glob(c + "/*"):
        x.append(cv2.imread(p))
        y.append(i)
x, y = shuffle(np.array(x), np.array(y), random_state=0)
small(2).fit(x, y, validation_split=0.2, epochs=3)
""",
    "a function that may mix": """import elsewhere
x, y = [], []
for i, c in enumerate(["a", "b"]):
    for p in glob.glob(c + "/*"):
        x.append(cv2.imread(p))
        y.append(i)
elsewhere.mix(x, y)
small(2).fit(np.array(x), np.array(y), validation_split=0.2, epochs=3)
""",
    "no split": """x, y = [], []
for i, c in enumerate(["a", "b"]):
    for p in glob.glob(c + "/*"):
        x.append(cv2.imread(p))
        y.append(i)
small(2).fit(np.array(x), np.array(y), epochs=3)
""",
    "folders shuffled": """
tr = keras.utils.image_dataset_from_directory("d", validation_split=0.2, subset="training", seed=1)
va = keras.utils.image_dataset_from_directory("d", validation_split=0.2, subset="validation", seed=1)
small(3).fit(tr, validation_data=va, epochs=3)
""",
}


@pytest.mark.parametrize("text", ORDERED.values(), ids=ORDERED)
def test_a_split_of_ordered_images_is_seen_where_it_is_made(read, text):
    (found,) = read(text, HEAD).program.facts(OrderedSplit)
    line = (HEAD + text).splitlines()[found.location.line - 1]
    assert any(word in line for word in ("validation_split", "y_val"))


@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED)
def test_images_that_are_mixed_or_may_be_are_left_alone(read, text):
    assert read(text, HEAD).program.facts(OrderedSplit) == ()
