"""An epoch that is chosen on test images is found in Keras, Lightning, Hugging Face and loops; watching them is not."""

import pytest
from small_programs import followed

from diagnose.training.measuring.selecting import selected_on_test

KERAS = """
import keras
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.preprocessing.image import ImageDataGenerator
(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
model = keras.Sequential([keras.layers.Dense(10)])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""
TORCH = """
import copy, torch
import torch.nn as nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, models
full = datasets.CIFAR10("d", train=True)
held = datasets.CIFAR10("d", train=False)
train_part, val_part = random_split(full, [45000, 5000])
train_loader, val_loader = DataLoader(train_part, 64, shuffle=True), DataLoader(val_part, 64)
test_loader = DataLoader(held, 64)
model = models.resnet18(num_classes=10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
def evaluate(loader):
    correct, total = 0, 0
    for x, y in loader:
        correct += (model(x).argmax(1) == y).sum().item()
        total += y.size(0)
    return correct / total
def train():
    losses = 0.0
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses += loss.item()
    return losses / len(train_loader)
best = 0.0
"""
# Training has to stand in the loop over epochs.
FAULTY = {
    "early stopping": KERAS
    + """
model.fit(x_train, y_train, epochs=50, validation_data=(x_test, y_test), callbacks=[EarlyStopping(patience=5)])  #!
print(model.evaluate(x_test, y_test))
""",
    "the best checkpoint": KERAS
    + """
best = ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True)
model.fit(x_train, y_train, validation_data=(x_test, y_test), callbacks=[best])  #!
model.load_weights("best.keras")
score = model.evaluate(x_test, y_test, verbose=0)
""",
    "a folder of test images": KERAS
    + """
plain = ImageDataGenerator(rescale=1 / 255)
a = plain.flow_from_directory("data/train")
b = plain.flow_from_directory("data/test", shuffle=False)
model.fit(a, validation_data=b, callbacks=[EarlyStopping(monitor="val_loss", restore_best_weights=True)])  #!
model.evaluate(b)
""",
    "weights that are kept": TORCH
    + """
for epoch in range(90):
    train()
    acc = evaluate(test_loader)
    if acc > best:
        best = acc
        torch.save(model.state_dict(), "best.pt")  #!
print("test accuracy", best)
""",
    "a copy that is kept": TORCH
    + """
for epoch in range(90):
    train()
    test_acc = evaluate(test_loader)
    if test_acc > best:
        best, weights = test_acc, copy.deepcopy(model.state_dict())  #!
model.load_state_dict(weights)
""",
    "the best score": TORCH
    + """
for epoch in range(90):
    train()
    best = max(best, evaluate(test_loader))  #!
print(best)
""",
    "names without a bar": KERAS
    + """
from sklearn.model_selection import train_test_split
trainX, testX, trainY, testY = train_test_split(x_train, y_train)
model.fit(trainX, trainY, validation_data=(testX, testY), callbacks=[EarlyStopping()])  #!
guess = model.predict(testX)
""",
    "lightning": """
import torch, torch.nn as nn, pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint
from torchvision import datasets, models
from torch.utils.data import DataLoader
class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = models.resnet18(num_classes=10)
    def training_step(self, batch, i):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])
    def validation_step(self, batch, i):
        self.log("val_acc", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
train_loader = DataLoader(datasets.CIFAR10("d", train=True), 64, shuffle=True)
test_loader = DataLoader(datasets.CIFAR10("d", train=False), 64)
model = Net()
trainer = pl.Trainer(max_epochs=9, callbacks=[ModelCheckpoint(monitor="val_acc", mode="max")])
trainer.fit(model, train_loader, test_loader)  #!
trainer.test(model, test_loader)
""",
    "transformers": """
from transformers import Trainer, TrainingArguments, AutoModelForImageClassification
from datasets import load_dataset
data = load_dataset("beans")
settings = TrainingArguments("out", evaluation_strategy="epoch", load_best_model_at_end=True)
model = AutoModelForImageClassification.from_pretrained("a")
trainer = Trainer(model=model, args=settings, train_dataset=data["train"], eval_dataset=data["test"])  #!
trainer.train()
trainer.evaluate()
""",
}
SOUND = {
    "a part that datasets calls test": """
from transformers import Trainer, TrainingArguments, AutoModelForImageClassification
from datasets import load_dataset
parts = load_dataset("imagefolder", data_dir="a", split="train").train_test_split(0.2)
settings = TrainingArguments("out", evaluation_strategy="epoch", load_best_model_at_end=True)
model = AutoModelForImageClassification.from_pretrained("a")
trainer = Trainer(model=model, args=settings, train_dataset=parts["train"], eval_dataset=parts["test"])
trainer.train()
trainer.evaluate()
""",
    "watched alone": KERAS
    + """
model.fit(x_train, y_train, epochs=50, validation_data=(x_test, y_test))
print(model.evaluate(x_test, y_test))
""",
    "the last epoch is scored": KERAS
    + """
keep = ModelCheckpoint("a.keras", save_best_only=True)
model.fit(x_train, y_train, epochs=50, validation_data=(x_test, y_test), callbacks=[keep])
print(model.evaluate(x_test, y_test))
""",
    "a validation split": KERAS
    + """
model.fit(x_train, y_train, validation_split=0.1, callbacks=[EarlyStopping(patience=5)])
print(model.evaluate(x_test, y_test))
""",
    "validation arrays": KERAS
    + """
x_val, y_val = x_train[:5000], y_train[:5000]
model.fit(x_train[5000:], y_train[5000:], validation_data=(x_val, y_val), callbacks=[EarlyStopping()])
print(model.evaluate(x_val, y_val), model.evaluate(x_test, y_test))
""",
    "stopped by the training loss": KERAS
    + """
model.fit(x_train, y_train, validation_data=(x_test, y_test), callbacks=[EarlyStopping(monitor="loss")])
print(model.evaluate(x_test, y_test))
""",
    "chosen on validation": TORCH
    + """
for epoch in range(90):
    train()
    acc = evaluate(val_loader)
    if acc > best:
        best = acc
        torch.save(model.state_dict(), "best.pt")
print("test accuracy", evaluate(test_loader))
""",
    "tested and saved in every epoch": TORCH
    + """
for epoch in range(90):
    train()
    print(evaluate(test_loader))
    if epoch % 10 == 0:
        torch.save(model.state_dict(), f"{epoch}.pt")
torch.save(model.state_dict(), "last.pt")
""",
    "kept by the training loss": TORCH
    + """
for epoch in range(90):
    loss = train()
    print(evaluate(test_loader))
    if loss < best:
        best = loss
        torch.save(model.state_dict(), "best.pt")
""",
}


def found(tmp_path, text):
    return list(selected_on_test(followed(tmp_path, text)))


@pytest.mark.parametrize("style", FAULTY)
def test_a_choice_on_test_images_is_found_at_its_line(tmp_path, style):
    (line,) = [n for n, line in enumerate(FAULTY[style].splitlines(), start=1) if line.endswith("#!")]
    assert [one.location.line for one in found(tmp_path, FAULTY[style])] == [line]


@pytest.mark.parametrize("style", SOUND)
def test_other_choices_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []
