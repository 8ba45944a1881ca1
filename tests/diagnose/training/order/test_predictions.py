"""Predictions of a loader that shuffles beside stored labels are found; a fixed order, or one pass for both, is not."""

import pytest
from small_programs import followed

from diagnose.training.order.predictions import shuffled_predictions

HEAD = """
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, models
net, held = models.resnet18(num_classes=3), datasets.ImageFolder("test")
import numpy as np, keras, tensorflow as tf, pandas as pd
from keras.preprocessing.image import ImageDataGenerator
from sklearn.metrics import classification_report, confusion_matrix, accuracy_score
plain = ImageDataGenerator(rescale=1 / 255)
model = keras.models.load_model("a.keras")
"""
FAULTY = {
    "a report on classes": """
test = plain.flow_from_directory("test", target_size=(64, 64), batch_size=16)  #!
pred = np.argmax(model.predict(test), axis=1)
print(classification_report(test.classes, pred, target_names=list(test.class_indices)))
""",
    "a matrix of variables": """
def held():
    return plain.flow_from_directory("test", shuffle=True, seed=3)  #!
gen = held()
gen.reset()
y_true = gen.classes
scores = model.predict_generator(gen, steps=len(gen))
y_pred = [np.argmax(row) for row in scores]
matrix = confusion_matrix(y_true, np.argmax(scores, 1))
""",
    "compared": """
gen = plain.flow_from_directory("val", target_size=(64, 64))  #!
hits = np.mean(np.argmax(model.predict(gen), axis=-1) == gen.classes)
print(hits)
""",
    "a table of names": """
gen = plain.flow_from_dataframe(pd.read_csv("a.csv"), x_col="f", y_col="y")  #!
out = pd.DataFrame({"file": gen.filenames, "label": model.predict(gen).argmax(1)})
""",
    "another pass": """
ds = keras.utils.image_dataset_from_directory("test", image_size=(64, 64))  #!
ds = ds.map(lambda x, y: (x / 255, y)).prefetch(2)
truth = np.concatenate([y for x, y in ds], axis=0)
print(accuracy_score(truth, model.predict(ds).argmax(1)))
""",
    "torch, against the targets": """
loader = DataLoader(held, batch_size=8, shuffle=True)  #!
guess = []
for x, y in loader:
    guess.extend(net(x).argmax(1).cpu().numpy())
print(confusion_matrix(held.targets, guess))
""",
    "torch, in a function": """
def predict(loader):
    rows = []
    with torch.no_grad():
        for x, _ in loader:
            rows.append(net(x).argmax(dim=1))
    return torch.cat(rows)
guess = predict(DataLoader(held, 8, True))  #!
print((guess == torch.tensor(held.targets)).float().mean())
""",
}
SOUND = {
    "torch, in order": """
guess = []
for x, y in DataLoader(held, batch_size=8, shuffle=False):
    guess.extend(net(x).argmax(1).tolist())
print(confusion_matrix(held.targets, guess))
""",
    "torch, names of classes": """
guess, truth = [], []
for x, y in DataLoader(held, batch_size=8, shuffle=True):
    guess += net(x).argmax(1).tolist()
    truth += y.tolist()
print(classification_report(truth, guess, target_names=held.classes))
matrix = confusion_matrix(truth, guess, labels=held.targets)
""",
    "torch, both of one pass": """
guess, truth = [], []
for x, y in DataLoader(held, batch_size=8, shuffle=True):
    guess += net(x).argmax(1).tolist()
    truth += y.tolist()
print(confusion_matrix(truth, guess), len(held.targets))
""",
    "in order": """
test = plain.flow_from_directory("test", target_size=(64, 64), batch_size=16, shuffle=False)
pred = np.argmax(model.predict(test), axis=1)
print(classification_report(test.classes, pred))
""",
    "one pass for both": """
ds = keras.utils.image_dataset_from_directory("test", image_size=(64, 64))
truth, guess = [], []
for x, y in ds:
    truth.append(y)
    guess.append(model.predict(x).argmax(1))
print(accuracy_score(np.concatenate(truth), np.concatenate(guess)))
""",
    "the classes of the training": """
train = plain.flow_from_directory("train")
test = plain.flow_from_directory("test", shuffle=False)
weights = dict(enumerate(np.bincount(train.classes)))
print(confusion_matrix(test.classes, model.predict(test).argmax(1)), train.class_indices)
""",
    "names of classes": """
gen = plain.flow_from_directory("test")
names = {v: k for k, v in gen.class_indices.items()}
labels = [names[k] for k in model.predict(gen).argmax(1)]
print(gen.classes)
""",
    "kept in order": """
ds = keras.utils.image_dataset_from_directory("test", shuffle=False)
print(accuracy_score(np.concatenate([y for x, y in ds]), model.predict(ds).argmax(1)))
""",
    "cached": """
ds = keras.utils.image_dataset_from_directory("test").cache()
print(accuracy_score(np.concatenate([y for x, y in ds]), model.predict(ds).argmax(1)))
""",
    "evaluated": """
gen = plain.flow_from_directory("test")
print(model.evaluate(gen), len(gen.classes))
""",
}


def found(tmp_path, text):
    return list(shuffled_predictions(followed(tmp_path, HEAD + text)))


@pytest.mark.parametrize("style", FAULTY)
def test_a_shuffled_loader_is_found_at_its_line(tmp_path, style):
    lines = [n for n, line in enumerate((HEAD + FAULTY[style]).splitlines(), start=1) if line.endswith("#!")]
    assert [one.location.line for one in found(tmp_path, FAULTY[style])] == lines


@pytest.mark.parametrize("style", SOUND)
def test_orders_that_agree_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []
