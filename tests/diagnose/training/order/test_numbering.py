"""Class numbers from sets, from listings and from encoders that are fitted apart; sorted and shared ones are silent."""

import pytest
from small_programs import followed

from diagnose.training.order.numbering import class_numbers

HEAD = """
import os, json, glob, torch, pandas as pd, numpy as np
from pathlib import Path
from sklearn.preprocessing import LabelEncoder
from sklearn.model_selection import train_test_split
from torch.utils.data import Dataset
"""
ONCE = {
    "listing   ": """
names = os.listdir("train")  #!
numbers = {}
for i in range(len(names)):
    numbers[names[i]] = i
""",
    "set": """
df = pd.read_csv("a.csv")
numbers = {name: i for i, name in enumerate(list(set(df["label"])))}  #!
torch.save(model.state_dict(), "a.pt")
""",
    "set ": """
labels = pd.read_csv("a.csv").label
names = list(set(labels))  #!
y = [names.index(one) for one in labels]
""",
    "set  ": """
names = set(f.split("_")[0] for f in os.listdir("x"))  #!
numbers = dict(zip(names, range(len(names))))
""",
    "listing": """
names = [n for n in os.listdir("train") if not n.startswith(".")]  #!
numbers = {}
for i, n in enumerate(names):
    numbers[n] = i
""",
    "listing ": """
class Folder(Dataset):
    def __init__(self, root):
        self.samples = []
        for number, name in enumerate(os.listdir(root)):  #!
            for file in glob.glob(os.path.join(root, name, "*")):
                self.samples.append((file, number))
    def __getitem__(self, i):
        return self.samples[i]
data = Folder("images")
""",
}
APART = {
    "listing  ": """
class Folder(Dataset):
    def __init__(self, root):
        self.names = glob.glob(root + "/*/")  #!
        self.numbers = {self.names[i].split("/")[-2]: i for i in range(len(self.names))}
train, val = Folder("train"), Folder("val")
""",
    "listing": """
train = {n: i for i, n in enumerate(os.listdir("train"))}
val = {n: i for i, n in enumerate(os.listdir("val"))}  #!
""",
    "listing ": """
class Folder(Dataset):
    def __init__(self, root):
        self.files, self.labels = [], []
        for number, name in enumerate(os.listdir(root)):  #!
            for file in os.listdir(os.path.join(root, name)):
                self.files.append(file)
                self.labels.append(number)
    def __getitem__(self, i):
        return self.files[i], self.labels[i]
train, val = Folder("train"), Folder("val")
""",
    "LabelEncoder": """
train, val = pd.read_csv("train.csv"), pd.read_csv("val.csv")
y_train = LabelEncoder().fit_transform(train["label"])
y_val = LabelEncoder().fit_transform(val["label"])  #!
""",
    "LabelEncoder ": """
x, x2, y, y2 = train_test_split(images, names)
encoder = LabelEncoder()
y = encoder.fit_transform(y)
y2 = encoder.fit_transform(y2)  #!
""",
    "factorize": """
train, val = pd.read_csv("train.csv"), pd.read_csv("val.csv")
a = pd.factorize(train.label)[0]
b = pd.factorize(val.label)[0]  #!
""",
}
SOUND = {
    "places that are no numbers of names": """
names = os.listdir("train")
sizes = {names[i]: os.path.getsize(names[i]) for i in range(len(names))}
""",
    "sorted": """
df = pd.read_csv("a.csv")
names = sorted(set(df["label"]))
numbers = {n: i for i, n in enumerate(names)}
train = {n: i for i, n in enumerate(sorted(os.listdir("train")))}
val = {n: i for i, n in enumerate(sorted(os.listdir("val")))}
y = [names.index(one) for one in df.label]
""",
    "written beside the weights": """
names = list(set(pd.read_csv("a.csv")["label"]))
numbers = {n: i for i, n in enumerate(names)}
with open("classes.json", "w") as f:
    json.dump(numbers, f)
torch.save(model.state_dict(), "a.pt")
""",
    "transformed by the first": """
train, val = pd.read_csv("train.csv"), pd.read_csv("val.csv")
encoder = LabelEncoder()
y_train = encoder.fit_transform(train["label"])
y_val = encoder.transform(val["label"])
""",
    "other columns": """
df = pd.read_csv("a.csv")
colour = LabelEncoder().fit_transform(df["colour"])
shape = LabelEncoder().fit_transform(df["shape"])
""",
    "files that are counted": """
for i, name in enumerate(os.listdir("images")):
    print(i, name)
    image = read(os.path.join("images", name))
for i, n in enumerate(["cat", "dog"]):
    for f in os.listdir(os.path.join("train", n)):
        data.append((f, i))
""",
    "a set of numbers": """
import keras
(x, y), _ = keras.datasets.cifar10.load_data()
numbers = {n: i for i, n in enumerate(set(y.flatten()))}
other = {n: i for i, n in enumerate(set(int(f[0]) for f in os.listdir("x")))}
""",
    "a list of classes": """
CLASSES = ["a", "b"]
numbers = {n: i for i, n in enumerate(CLASSES)}
wanted = set(CLASSES)
""",
}


def found(tmp_path, text):
    return list(class_numbers(followed(tmp_path, HEAD + text)))


def line_of(text):
    return next(n for n, line in enumerate((HEAD + text).splitlines(), start=1) if line.endswith("#!"))


@pytest.mark.parametrize("source", ONCE)
def test_an_order_that_another_run_need_not_repeat(tmp_path, source):
    (one,) = found(tmp_path, ONCE[source])
    assert (one.source, one.apart_from) == (source.strip(), None)
    assert one.location.line == line_of(ONCE[source])


def test_it_matters_more_where_weights_are_kept(tmp_path):
    assert found(tmp_path, ONCE["set"])[0].keeps
    assert not found(tmp_path, ONCE["set "])[0].keeps


@pytest.mark.parametrize("source", APART)
def test_numbers_that_are_made_apart(tmp_path, source):
    two = found(tmp_path, APART[source])
    apart = [one for one in two if one.apart_from is not None]
    assert [(one.source, one.location.line) for one in apart] == [(source.strip(), line_of(APART[source]))]


@pytest.mark.parametrize("style", SOUND)
def test_numbers_that_stay_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []
