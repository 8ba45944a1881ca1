"""Parts that hold the same images are found in many styles, for PyTorch and Keras; parts that are apart are silent."""

import pytest
from small_programs import followed

from diagnose.training.splits.copies import copied_before_split
from diagnose.training.splits.folders import cut_unequally
from diagnose.training.splits.redrawn import redrawn
from diagnose.training.splits.shared import overlapping_indices, validated_on_training

FINDERS = (redrawn, cut_unequally, validated_on_training, overlapping_indices, copied_before_split)
HEAD = """
import os, random, cv2, torch, numpy as np, pandas as pd, keras, tensorflow as tf
from sklearn.model_selection import train_test_split
from imblearn.over_sampling import RandomOverSampler, SMOTE
from imblearn.under_sampling import RandomUnderSampler
from PIL import Image
from torch.utils.data import *
from torchvision import datasets
from torchvision.datasets import ImageFolder, CIFAR10
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import image_dataset_from_directory
from keras.datasets import mnist
x, y = np.load("x.npy"), np.load("y.npy")
model = keras.models.load_model("a.keras")
plain = ImageDataGenerator(rescale=1 / 255, validation_split=0.2)
flips = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True, validation_split=0.2)
"""
FAULTY = {
    "seeds/two folders": """
full, whole = ImageFolder("data", aug), ImageFolder("data", plain)
train, _ = random_split(full, [0.8, 0.2])
_, val = random_split(whole, [0.8, 0.2])  #!
a, b = DataLoader(train, 8, shuffle=True), DataLoader(val, 8)
""",
    "seeds/two generators": """
data = ImageFolder("data", aug)
parts = random_split(data, [800, 200], generator=torch.Generator().manual_seed(1))
others = random_split(data, [800, 200], generator=torch.Generator().manual_seed(2))  #!
loaders = {"train": DataLoader(parts[0], 8, shuffle=True), "val": DataLoader(others[1], 8)}
""",
    "seeds/one generator that goes on": """
g = torch.Generator().manual_seed(0)
train = random_split(CIFAR10("d", train=True, transform=aug), [45000, 5000], generator=g)[0]
val = random_split(CIFAR10("d", train=True, transform=plain), [45000, 5000], generator=g)[1]  #!
a, b = DataLoader(train, 8, shuffle=True), DataLoader(val, 8)
""",
    "seeds/a class of one's own": """
from torchvision.transforms import Compose, RandomCrop, ToTensor
class Galaxies(Dataset):
    def __init__(self, path, transform):
        self.rows, self.transform = np.load(path), transform
    def __getitem__(self, i): return self.transform(self.rows[i])
train, _ = random_split(Galaxies("a.npy", Compose([RandomCrop(9), ToTensor()])), [80, 20])
_, val = random_split(Galaxies("a.npy", Compose([ToTensor()])), [80, 20])  #!
a, b = DataLoader(train, 8, shuffle=True), DataLoader(val, 8)
""",
    "seeds/arrays": """
x_train, _, y_train, _ = train_test_split(x, y, test_size=0.2, random_state=0)
_, x_test, _, y_test = train_test_split(x, y, test_size=0.2, random_state=1)  #!
model.fit(x_train, y_train)
model.evaluate(x_test, y_test)
""",
    "seeds/tables": """
class Table(Dataset):
    def __init__(self, df):
        self.df = df
df = pd.read_csv("a.csv")
train_df, _ = train_test_split(df, test_size=0.1)
_, val_df = train_test_split(df, test_size=0.1)  #!
a, b = DataLoader(Table(train_df), 8), DataLoader(Table(val_df), 8)
""",
    "seeds/keras folders": """
train = image_dataset_from_directory("d", validation_split=0.2, subset="training", seed=1)
val = image_dataset_from_directory("d", validation_split=0.2, subset="validation", seed=2)  #!
model.fit(train, validation_data=val)
""",
    "shuffle/keras folders": """
train = image_dataset_from_directory("d", validation_split=0.2, subset="training", seed=1)
val = image_dataset_from_directory("d", validation_split=0.2, subset="validation", seed=1, shuffle=False)  #!
model.fit(train, validation_data=val)
""",
    "fractions/keras folders": """
ROOT = "d"
train = image_dataset_from_directory(ROOT, validation_split=0.2, subset="training", seed=1)
val = image_dataset_from_directory(ROOT, validation_split=0.3, subset="validation", seed=1)  #!
model.fit(train, validation_data=val)
""",
    "fractions/two generators": """
more = ImageDataGenerator(validation_split=0.3)
train = flips.flow_from_directory("d", subset="training")
val = more.flow_from_directory("d", subset="validation")  #!
model.fit(train, validation_data=val)
""",
    "random/two permutations": """
data = ImageFolder("data")
n = len(data)
train = SubsetRandomSampler(np.random.permutation(n)[:800])
val = SubsetRandomSampler(np.random.permutation(n)[800:])  #!
a, b = DataLoader(data, 8, sampler=train), DataLoader(data, 8, sampler=val)
""",
    "random/two samples": """
data = ImageFolder("data")
train = Subset(data, random.sample(range(len(data)), 800))
val = Subset(data, random.sample(range(len(data)), 200))  #!
""",
    "slices/indices": """
data = ImageFolder("data")
order = torch.randperm(len(data)).tolist()
train, val = Subset(data, order[:900]), Subset(data, order[800:])  #!
""",
    "gap/keras folders": """
train = image_dataset_from_directory("d", validation_split=0.8, subset="training", seed=1)
val = image_dataset_from_directory("d", validation_split=0.2, subset="validation", seed=1)  #!
model.fit(train, validation_data=val)
""",
    "slices/ranges of samplers": """
data = CIFAR10("d", train=True)
a = DataLoader(data, 8, sampler=SubsetRandomSampler(np.arange(20000)))
b = DataLoader(data, 8, sampler=SubsetRandomSampler(np.arange(5000)))  #!
""",
    "slices/ranges": """
train = Subset(ImageFolder("d", aug), range(0, 900))
val = Subset(ImageFolder("d", plain), range(800, 1000))  #!
""",
    "whole/a part of what trains": """
(a, b), (c, d) = mnist.load_data()
a = a.astype("float32") / 255
held, labels = a[:5000], b[:5000]  #!
model.fit(a, b, epochs=3, validation_data=(held, labels))
""",
    "slices/arrays": """
model.fit(x[:900], y[:900], validation_data=(x[800:], y[800:]))  #!
""",
    "whole/the same arrays": """
model.fit(x, y, validation_data=(x, y))
""",
    "whole/one folder": """
train = flips.flow_from_directory("data/train", target_size=(64, 64))
val = plain.flow_from_directory("data/train", target_size=(64, 64))  #!
model.fit(train, validation_data=val)
""",
    "whole/one folder of tensors": """
train = image_dataset_from_directory("data").map(f).prefetch(1)
val = image_dataset_from_directory("data")  #!
model.fit(train, validation_data=val)
""",
    "reshuffled/take and skip": """
ds = tf.data.Dataset.from_tensor_slices((x, y))
ds = ds.shuffle(1000)  #!
train, val = ds.take(800).batch(8), ds.skip(800).batch(8)
model.fit(train, validation_data=val)
""",
    "copies/oversampled": """
flat, labels = RandomOverSampler().fit_resample(x.reshape(len(x), -1), y)  #!
a, b, c, d = train_test_split(flat.reshape(-1, 64, 64, 3), labels)
""",
    "copies/synthetic": """
smote = SMOTE(random_state=0)
bigger, labels = smote.fit_resample(x, y)  #!
model.fit(bigger, labels, validation_split=0.2)
""",
    "copies/flipped arrays": """
both = np.concatenate([x, np.flip(x, axis=2)])  #!
labels = np.concatenate([y, y])
a, b, c, d = train_test_split(both, labels, test_size=0.2)
""",
    "copies/variants by own functions": """
def noisy(im):
    return Image.fromarray(np.asarray(im) + np.random.normal(0, 3, im.size))
def tilted(im):
    return im.rotate(random.uniform(-4, 4))
data, marks = [], []
for kind in sorted(os.listdir("crops")):
    for name in sorted(os.listdir(os.path.join("crops", kind))):
        im = Image.open(os.path.join("crops", kind, name)).convert("L").resize((64, 64))
        for way in (noisy, tilted):
            data.append(np.asarray(way(im)))  #!
            marks.append(kind)
a, b, c, d = train_test_split(np.array(data) / 255.0, marks)
""",
    "copies/rows drawn again": """
table = pd.read_csv("a.csv")
parts = []
for _, group in table.groupby("label"):
    parts.append(group)
    parts.append(group.sample(100, replace=True))
table = pd.concat(parts)  #!
a, b = train_test_split(table, stratify=table["label"])
""",
    "copies/oversampled before folds": """
from sklearn.model_selection import StratifiedKFold
table = pd.read_csv("a.csv")
parts = [table]
for _, group in table.groupby("label"):
    if len(group) < 800:
        parts.append(group.sample(800 - len(group), replace=True))
table = pd.concat(parts)  #!
for fold, (_, held) in enumerate(StratifiedKFold(5, shuffle=True).split(table, table["label"])):
    table.loc[held, "fold"] = fold
""",
    "copies/oversampled before fastai's split": """
from fastai.vision.all import *
table = pd.read_csv("a.csv")
more = pd.concat([table, table[table["label"] == "a"].sample(90, replace=True)])  #!
block = DataBlock(blocks=(ImageBlock, CategoryBlock), get_x=ColReader("f"), get_y=ColReader("label"),
                  splitter=RandomSplitter(valid_pct=0.2, seed=1))
block.dataloaders(more)
""",
    "copies/oversampled before fastai's loaders": """
from fastai.vision.all import ImageDataLoaders
table = pd.read_csv("a.csv")
more = pd.concat([table, table[table["label"] == "a"].sample(90, replace=True)])  #!
ImageDataLoaders.from_df(more, "images", valid_pct=0.2)
""",
    "copies/resampled": """
from sklearn.utils import resample
few, many = pd.read_csv("a.csv"), pd.read_csv("b.csv")
both = pd.concat([many, resample(few, n_samples=900)])  #!
a, b = train_test_split(both)
""",
    "copies/repeated": """
x = np.repeat(x, 3, axis=0)  #!
a, b, c, d = train_test_split(x, np.repeat(y, 3))
""",
    "copies/appended": """
images, labels = [], []
for f in sorted(os.listdir("train")):
    img = cv2.resize(cv2.imread(f), (64, 64))
    images.append(img)
    labels.append(f[0])
    images.append(cv2.flip(img, 1))  #!
    labels.append(f[0])
a, b, c, d = train_test_split(np.array(images), np.array(labels))
""",
    "copies/two datasets": """
both = ConcatDataset([ImageFolder("d", plain), ImageFolder("d", aug)])  #!
train, val = random_split(both, [0.8, 0.2])
""",
}
SOUND = {
    "one split": """
data = ImageFolder("data")
train, val = random_split(data, [0.8, 0.2])
a, b = DataLoader(train, 8), DataLoader(val, 8)
""",
    "a class of one's own, of other files": """
class Rows(Dataset):
    def __init__(self, path): self.rows = np.load(path)
    def __getitem__(self, i): return self.rows[i]
train, _ = random_split(Rows("a.npy"), [80, 20])
_, val = random_split(Rows("b.npy"), [80, 20])
a, b = DataLoader(train, 8, shuffle=True), DataLoader(val, 8)
""",
    "one seed": """
train, _ = random_split(ImageFolder("d", aug), [8, 2], generator=torch.Generator().manual_seed(42))
_, val = random_split(ImageFolder("d", plain), [8, 2], generator=torch.Generator().manual_seed(42))
a, b = DataLoader(train, 8), DataLoader(val, 8)
""",
    "set back": """
torch.manual_seed(0)
train, _ = random_split(ImageFolder("d", aug), [8, 2])
torch.manual_seed(0)
_, val = random_split(ImageFolder("d", plain), [8, 2])
a, b = DataLoader(train, 8), DataLoader(val, 8)
""",
    "a generator set back": """
g = torch.Generator()
g.manual_seed(0)
train, _ = random_split(ImageFolder("d", aug), [8, 2], generator=g)
g.manual_seed(0)
_, val = random_split(ImageFolder("d", plain), [8, 2], generator=g)
a, b = DataLoader(train, 8), DataLoader(val, 8)
""",
    "a test part, then a validation part": """
rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=0.2, random_state=1)
x_train, x_val, y_train, y_val = train_test_split(rest, y_rest, test_size=0.25, random_state=2)
model.fit(x_train, y_train, validation_data=(x_val, y_val))
model.evaluate(x_test, y_test)
""",
    "several seeds, one after the other": """
for seed in (1, 2, 3):
    a, b, c, d = train_test_split(x, y, random_state=seed)
    model.fit(a, c)
    model.evaluate(b, d)
""",
    "one permutation for both": """
data, same = ImageFolder("d", aug), ImageFolder("d", plain)
order = torch.randperm(len(data)).tolist()
cut = int(0.8 * len(data))
train, val = Subset(data, order[:cut]), Subset(same, order[cut:])
indices = list(range(len(data)))
np.random.shuffle(indices)
a = DataLoader(data, 8, sampler=SubsetRandomSampler(indices[100:]))
b = DataLoader(data, 8, sampler=SubsetRandomSampler(indices[:100]))
""",
    "complementary slices": """
n = int(len(x) * 0.9)
model.fit(x[:n], y[:n], validation_data=(x[n:], y[n:]))
(a, b), (c, d) = mnist.load_data()
held, rest = a[:5000], a[5000:]
model.fit(rest, b[5000:], validation_data=(held, b[:5000]))
model.fit(a[:-5000], b[:-5000], validation_data=(a[-5000:], b[-5000:]))
model.fit(a, b, validation_data=(c, d))
""",
    "samplers of two sets": """
first, second = CIFAR10("d", train=True), CIFAR10("d", train=False)
a = DataLoader(first, 8, sampler=SubsetRandomSampler(np.arange(20000)))
b = DataLoader(second, 8, sampler=SubsetRandomSampler(np.arange(5000)))
c = DataLoader(first, 8, sampler=SubsetRandomSampler(torch.randperm(900)))
d = DataLoader(second, 8, sampler=SubsetRandomSampler(torch.randperm(900)))
""",
    "ranges side by side": """
train, val = Subset(data, range(800)), Subset(data, range(800, 1000))
""",
    "keras folders that agree": """
common = dict(validation_split=0.2, seed=123, image_size=(64, 64))
train = image_dataset_from_directory("d", subset="training", **common)
val = image_dataset_from_directory("d", subset="validation", **common)
both = image_dataset_from_directory("d", validation_split=0.2, subset="both", seed=1)
model.fit(train, validation_data=val)
""",
    "one fraction for two generators": """
train = flips.flow_from_directory("d", subset="training", seed=1)
val = plain.flow_from_directory("d", subset="validation", shuffle=False)
model.fit(train, validation_data=val)
""",
    "two folders": """
train = flips.flow_from_directory("data/train")
val = plain.flow_from_directory("data/val")
model.fit(train, validation_data=val)
root = read_options()
train = image_dataset_from_directory(os.path.join(root, "train"))
val = image_dataset_from_directory(os.path.join(root, "val"))
model.fit(train, validation_data=val)
""",
    "taken, then shuffled": """
ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1000, reshuffle_each_iteration=False)
model.fit(ds.skip(200).batch(8), validation_data=ds.take(200).batch(8))
raw = tf.data.Dataset.from_tensor_slices((x, y))
model.fit(raw.skip(200).shuffle(9).batch(8), validation_data=raw.take(200).batch(8))
""",
    "folds before the oversampling, and groups": """
from sklearn.model_selection import GroupKFold, StratifiedKFold
table = pd.read_csv("a.csv")
for _, held in StratifiedKFold(5).split(table, table["label"]):
    more = pd.concat([table, table.sample(100, replace=True)])
for _, held in GroupKFold(5).split(more, more["label"], more["id"]):
    print(held)
""",
    "rows drawn again, and validation by a column": """
from fastai.vision.all import *
table = pd.read_csv("a.csv")
more = pd.concat([table, table[~table["valid"]].sample(90, replace=True)])
DataBlock(blocks=(ImageBlock, CategoryBlock), get_x=ColReader("f"), splitter=ColSplitter("valid")).dataloaders(more)
ImageDataLoaders.from_df(more, "images", valid_col="valid")
""",
    "fewer rows, and grey images in three channels": """
few, many = pd.read_csv("a.csv"), pd.read_csv("b.csv")
a, b = train_test_split(pd.concat([few, many.sample(100)]))
a, b, c, d = train_test_split(np.repeat(x, 3, axis=-1), y)
""",
    "one of two ways for each image": """
data = []
for name in sorted(os.listdir("crops")):
    im = Image.open(name)
    if random.random() < 0.5:
        data.append(np.asarray(im.rotate(5)))
    else:
        data.append(np.asarray(im))
a, b = train_test_split(np.array(data))
""",
    "copies of the training part": """
a, b, c, d = train_test_split(x, y)
a, c = RandomOverSampler().fit_resample(a, c)
a = np.concatenate([a, np.flip(a, 2)])
less, fewer = RandomUnderSampler().fit_resample(x, y)
train_test_split(less, fewer)
""",
    "channels side by side": """
wide = np.concatenate([x, np.flip(x, 2)], axis=-1)
train_test_split(wide, y)
""",
    "two sets joined": """
both = np.concatenate([x, np.load("more.npy")])
train_test_split(both, np.concatenate([y, np.load("labels.npy")]))
joined = ConcatDataset([ImageFolder("a"), ImageFolder("b")])
train, val = random_split(joined, [0.8, 0.2])
""",
    "splits of two sets": """
a, b = random_split(ImageFolder("cats"), [0.8, 0.2])
c, d = random_split(ImageFolder("dogs"), [0.8, 0.2])
one, two = DataLoader(a, 8), DataLoader(d, 8)
""",
}


def found(tmp_path, text):
    reader = followed(tmp_path, HEAD + text)
    return [one for finder in FINDERS for one in finder(reader)]


@pytest.mark.parametrize("style", FAULTY)
def test_parts_that_overlap_are_found_at_their_line(tmp_path, style):
    lines = [n for n, line in enumerate((HEAD + FAULTY[style]).splitlines(), start=1) if line.endswith("#!")]
    facts = found(tmp_path, FAULTY[style])
    assert [one.how for one in facts] == [style.partition("/")[0]]
    assert not lines or [one.location.line for one in facts] == lines


@pytest.mark.parametrize("style", SOUND)
def test_parts_that_are_apart_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []
