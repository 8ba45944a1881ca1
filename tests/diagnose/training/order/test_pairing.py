"""A listing beside rows of a table or another listing is found in many styles; what agrees stays silent."""

import pytest
from small_programs import followed

from diagnose.training.order.pairing import unequal_orders
from diagnose.training.order.pairs import find_pairs

HEAD = """
import os, csv, glob, random, cv2, torch, numpy as np, pandas as pd, tensorflow as tf
from pathlib import Path
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.utils.data import Dataset, DataLoader, TensorDataset
"""


def found(tmp_path, text):
    reader = followed(tmp_path, HEAD + text)
    return list(unequal_orders(reader, tuple(find_pairs(reader))))


FAULTY = {
    "stored labels": """
files = glob.glob("tiles/*.png")  #!
labels = np.load("labels.npy")
class Roofs(Dataset):
    def __init__(self, indices):
        self.indices = indices
    def __getitem__(self, k):
        i = self.indices[k]
        return Image.open(files[i]), int(labels[i])
tr, va = train_test_split(np.arange(len(files)), stratify=labels)
data = Roofs(tr)
""",
    "lists for fastai": """
from fastai.vision.all import *
df = pd.read_csv("train.csv")
files = get_image_files("train")  #!
dls = ImageDataLoaders.from_lists("d", files, df["label"].tolist())
""",
    "arrays for fit": """
labels = pd.read_csv("train.csv")["label"].values
images = np.array([cv2.imread(os.path.join("train", f)) for f in os.listdir("train")])  #!
model.fit(images, labels, epochs=3)
""",
    "a dataset by number": """
class Leaves(Dataset):
    def __init__(self, folder, table, transform=None):
        self.folder, self.transform = folder, transform
        self.table = pd.read_csv(table)
        self.names = os.listdir(folder)  #!
    def __len__(self):
        return len(self.names)
    def __getitem__(self, i):
        image = Image.open(os.path.join(self.folder, self.names[i])).convert("RGB")
        if self.transform:
            image = self.transform(image)
        return image, torch.tensor(int(self.table.iloc[i]["species"]))
loader = DataLoader(Leaves("images", "leaves.csv"), batch_size=8)
""",
    "a loop that counts": """
df = pd.read_csv("labels.csv")
data, target = [], []
for i, path in enumerate(glob.glob("photos/*.jpg")):  #!
    data.append(cv2.resize(cv2.imread(path), (64, 64)))
    target.append(df.category[i])
x_train, x_test, y_train, y_test = train_test_split(np.array(data), np.array(target), test_size=0.2)
""",
    "zip with lines of a text": """
with open("labels.txt") as f:
    labels = [int(line) for line in f]
samples = [(str(p), y) for p, y in zip(Path("images").iterdir(), labels)]  #!
""",
    "tf.data": """
table = pd.read_excel("classes.xlsx")
paths = list(Path("images").glob("*.png"))  #!
paths = [str(p) for p in paths]
ds = tf.data.Dataset.from_tensor_slices((paths, table["y"].to_numpy()))
""",
    "a column of a table": """
df = pd.read_csv("train.csv")
df["path"] = [os.path.join("train", f) for f in os.listdir("train")]  #!
""",
    "a table of both": """
y = pd.read_csv("y.csv").y
frame = pd.DataFrame({"file": glob.glob("x/*"), "label": y})  #!
""",
    "two listings": """
def pairs():
    images = glob.glob("data/images/*.png")  #!
    notes = glob.glob("data/labels/*.txt")
    return images, notes
class Pairs(Dataset):
    def __init__(self):
        self.images, self.notes = pairs()
    def __getitem__(self, i):
        return cv2.imread(self.images[i]), open(self.notes[i]).read()
data = Pairs()
""",
    "numbers written for ranges": """
from sklearn.utils import shuffle
images = []
for name in os.listdir("data"):  #!
    for file in os.listdir("data/" + name):
        images.append(cv2.imread("data/" + name + "/" + file))
labels = np.ones((len(images),), dtype="int64")
labels[0:202] = 0
labels[202:404] = 1
x, y = shuffle(np.array(images), labels, random_state=2)
""",
    "a sequence of keras": """
class Batches(tf.keras.utils.Sequence):
    def __init__(self):
        self.files = os.listdir("train")  #!
        self.y = pd.read_csv("train.csv")["y"].to_numpy()
    def __getitem__(self, n):
        files = self.files[n * 8:(n + 1) * 8]
        x = np.zeros((8, 64, 64, 3))
        for k, name in enumerate(files):
            x[k] = cv2.imread("train/" + name)
        return x, self.y[n * 8:(n + 1) * 8]
batches = Batches()
""",
}
SOUND = {
    "stored images and labels": """
x, y = np.load("x.npy"), np.load("y.npy")
data = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
""",
    "arrays stored one a file": """
files = os.listdir("arrays")
data = [(np.load("arrays/" + f), f.split("_")[0]) for f in files]
x, y = [np.load(f) for f in files], [f.split("_")[0] for f in files]
train_test_split(x, y)
""",
    "sorted lists for fastai": """
from fastai.vision.all import *
df = pd.read_csv("train.csv").sort_values("name")
dls = ImageDataLoaders.from_lists("d", sorted(get_image_files("train")), df["label"].tolist())
""",
    "both sorted": """
labels = pd.read_csv("train.csv").sort_values("id")["label"].values
images = np.array([cv2.imread("train/" + f) for f in sorted(os.listdir("train"))])
model.fit(images, labels)
""",
    "sorted in place": """
labels = pd.read_csv("train.csv")["label"].values
names = os.listdir("train")
names.sort()
model.fit(np.array([cv2.imread("train/" + f) for f in names]), labels)
""",
    "the path from the row": """
class Leaves(Dataset):
    def __init__(self, folder, table):
        self.folder, self.table = folder, pd.read_csv(table)
    def __len__(self):
        return len(self.table)
    def __getitem__(self, i):
        row = self.table.iloc[i]
        return Image.open(os.path.join(self.folder, row["file"])), row["label"]
data = Leaves("images", "leaves.csv")
""",
    "the label looked up by name": """
df = pd.read_csv("labels.csv")
known = dict(zip(df["id"], df["breed"]))
images, labels = [], []
for name in os.listdir("train"):
    images.append(cv2.imread(os.path.join("train", name)))
    labels.append(known[name.split(".")[0]])
model.fit(np.array(images), np.array(labels))
""",
    "looked up in the table": """
df = pd.read_csv("labels.csv", index_col="id")
images, labels, more = [], [], []
for name in os.listdir("train"):
    images.append(cv2.imread(os.path.join("train", name)))
    labels.append(df.loc[name, "breed"])
    more.append(df[df["id"] == name]["breed"].values[0])
model.fit(np.array(images), np.array(labels))
train_test_split(images, more)
""",
    "the label in the name": """
files = glob.glob("train/*.jpg")
labels = [os.path.basename(f).split("_")[0] for f in files]
train_test_split(files, labels)
""",
    "a folder for each class": """
images, labels = [], []
classes = os.listdir("train")
for number, name in enumerate(classes):
    for file in os.listdir(os.path.join("train", name)):
        images.append(cv2.imread(os.path.join("train", name, file)))
        labels.append(number)
model.fit(np.array(images), np.array(labels))
paths, names = [], []
for name in os.listdir("train"):
    for path in glob.glob(os.path.join("train", name, "*")):
        paths.append(path)
        names.append(name)
train_test_split(paths, names)
""",
    "a label file for each picture": """
names = [n[:-4] for n in os.listdir("images")]
class Pairs(Dataset):
    def __getitem__(self, i):
        return cv2.imread(f"images/{names[i]}.jpg"), open(f"labels/{names[i]}.txt").read()
data = Pairs()
""",
    "rows that a listing chooses": """
names = os.listdir("train")
table = pd.read_csv("train.csv").set_index("name").loc[names]
model.fit(np.array([cv2.imread(n) for n in names]), table["y"].values)
""",
    "predictions of the same listing": """
names = os.listdir("test")
x = np.array([cv2.imread("test/" + n) for n in names])
pd.DataFrame({"id": names, "label": model.predict(x).argmax(1)}).to_csv("out.csv")
""",
    "folders one by one": """
cats = [cv2.imread(f) for f in glob.glob("cats/*")]
dogs = [cv2.imread(f) for f in glob.glob("dogs/*")]
y = np.zeros(len(cats) + len(dogs))
y[: len(cats)] = 0
y[len(cats) :] = 1
model.fit(np.array(cats + dogs), y)
""",
    "names of classes": """
classes = open("classes.txt").read().splitlines()
for name, colour in zip(classes, ["r", "g"]):
    print(name, colour, len(os.listdir("train")))
""",
}


@pytest.mark.parametrize("style", FAULTY)
def test_a_listing_that_is_paired_by_position_is_found_at_its_line(tmp_path, style):
    lines = [n for n, line in enumerate((HEAD + FAULTY[style]).splitlines(), start=1) if line.endswith("#!")]
    assert [one.location.line for one in found(tmp_path, FAULTY[style])] == lines


@pytest.mark.parametrize("style", SOUND)
def test_orders_that_agree_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []


def test_it_reports_the_kinds_and_where_they_are_paired(tmp_path):
    (one,) = found(tmp_path, FAULTY["arrays for fit"])
    assert (one.listing, one.other, one.other_kind, one.trains) == ("os.listdir", "pandas.read_csv", "table", True)
    assert (one.other_line, one.paired_at) == (8, 10)
