"""Sums that are divided by what does not fit them are found in many styles; sound scores are silent."""

import pytest
from small_programs import followed

from diagnose.training.measuring.counting import metric_arithmetic

HEAD = """
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, SubsetRandomSampler
from torchvision import datasets, models
from tqdm import tqdm
train_set, test_set = datasets.ImageFolder("t"), datasets.ImageFolder("v")
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=64)
model = models.resnet18(num_classes=5)
criterion = nn.CrossEntropyLoss()
"""
FAULTY = {
    "means_by_images/kept by epoch": """
accuracy = [0] * 9
for epoch in range(9):
    for x, y in train_loader:
        accuracy[epoch] += (model(x).argmax(1) == y).float().mean().item()
    accuracy[epoch] /= len(train_loader.dataset)  #!
    print(accuracy[epoch])
""",
    "means_by_images/usual": """
for epoch in range(9):
    running_loss = 0.0
    for x, y in train_loader:
        loss = criterion(model(x), y)
        running_loss += loss.item()
    print(epoch, running_loss / len(train_loader.dataset))  #!
""",
    "means_by_images/functional": """
def test():
    test_loss = 0
    for data, target in test_loader:
        test_loss += F.cross_entropy(model(data), target).item()
    test_loss /= len(test_loader.dataset)  #!
    print("loss {:.4f}".format(test_loss))
test()
""",
    "means_by_images/counted": """
def run(loader):
    total, n = 0.0, 0
    for i, (x, y) in enumerate(tqdm(loader)):
        loss = criterion(model(x), y)
        total = total + loss.item()
        n += y.size(0)
    return total / n  #!
history = []
history.append(run(train_loader))
""",
    "means_by_images/sizes": """
sizes = {"train": len(train_set), "val": len(test_set)}
loaders = {"train": train_loader, "val": test_loader}
for phase in ["train", "val"]:
    running = 0.0
    for x, y in loaders[phase]:
        loss = criterion(model(x), y)
        running += loss.item()
    epoch_loss = running / sizes[phase]  #!
    print(phase, epoch_loss)
""",
    "images_by_batches/accuracy": """
correct = 0
for x, y in test_loader:
    pred = model(x).argmax(1)
    correct += (pred == y).sum().item()
print("accuracy", 100 * correct / len(test_loader))  #!
""",
    "images_by_batches/counter": """
hits = 0
for i, (x, y) in enumerate(test_loader):
    hits += torch.sum(torch.max(model(x), 1)[1] == y.data)
acc = hits.double() / (i + 1)  #!
print(f"{acc:.3f}")
""",
    "images_by_batches/loss": """
total = 0.0
for x, y in train_loader:
    loss = criterion(model(x), y)
    total += loss.item() * x.size(0)
print(total / len(train_loader))  #!
""",
    "other_set/length": """
correct = 0
for x, y in test_loader:
    correct += model(x).argmax(1).eq(y).sum().item()
print(correct / len(train_set))  #!
""",
    "other_set/loader": """
val_loss = 0.0
for x, y in test_loader:
    val_loss += criterion(model(x), y).item()
val_loss = val_loss / len(train_loader)  #!
print(val_loss)
""",
    "other_set/sampler": """
part = DataLoader(train_set, batch_size=32, sampler=SubsetRandomSampler(range(100)))
right = 0
for x, y in part:
    right += (model(x).argmax(1) == y).sum().item()
print(right / len(part.dataset))  #!
""",
    "other_set/numbers of a subset": """
import numpy as np
from torch.utils.data import Subset
order = np.random.permutation(len(train_set))
first, rest = order[:900], order[900:]
fit = DataLoader(Subset(train_set, first.tolist()), batch_size=32, shuffle=True)
held = DataLoader(Subset(train_set, rest.tolist()), batch_size=32)
right = 0
for x, y in held:
    right += (model(x).argmax(1) == y).sum().item()
print(100 * right / len(first))  #!
""",
    "other_set/numbers of a sampler": """
order = torch.randperm(len(train_set)).tolist()
first, rest = order[:900], order[900:]
fit = DataLoader(train_set, batch_size=32, sampler=SubsetRandomSampler(first))
held = DataLoader(train_set, batch_size=32, sampler=SubsetRandomSampler(rest))
right = 0
for x, y in held:
    right += (model(x).argmax(1) == y).sum().item()
print(right / len(first))  #!
""",
    "means_by_images/numbers of a subset": """
from torch.utils.data import Subset
numbers = torch.randperm(len(train_set))[:900]
part = DataLoader(Subset(train_set, numbers), batch_size=32, shuffle=True)
total = 0.0
for x, y in part:
    total += criterion(model(x), y).item()
print(total / len(numbers))  #!
""",
    "last_batch/shown": """
for epoch in range(5):
    for x, y in test_loader:
        out = model(x)
        acc = (out.argmax(1) == y).float().mean()  #!
    print(f"epoch {epoch} accuracy {acc.item():.3f}")
""",
    "last_batch/kept": """
accuracies = []
for epoch in range(5):
    for i, (x, y) in enumerate(train_loader):
        out = model(x)
        right = (torch.argmax(out, dim=1) == y).sum().item()  #!
        accuracy = right / len(y)
    accuracies.append(accuracy)
""",
}
SOUND = {
    "numbers of its own subset, sampler and another's": """
import numpy as np
from torch.utils.data import Subset
order = np.random.permutation(len(train_set))
first, rest = order[:900], order[900:]
fit = DataLoader(Subset(train_set, first.tolist()), batch_size=32, shuffle=True)
held = DataLoader(train_set, batch_size=32, sampler=SubsetRandomSampler(rest))
right = seen = 0
for x, y in held:
    right += (model(x).argmax(1) == y).sum().item()
print(right / len(rest))
for x, y in fit:
    seen += (model(x).argmax(1) == y).sum().item()
print(seen / len(first))
""",
    "a share times its images, kept by epoch": """
accuracy = [0] * 9
for epoch in range(9):
    for x, y in train_loader:
        accuracy[epoch] += (model(x).argmax(1) == y).float().mean().item() * x.size(0)
    accuracy[epoch] /= len(train_loader.dataset)
    print(accuracy[epoch])
""",
    "means by batches": """
total = 0.0
for i, (x, y) in enumerate(train_loader):
    total += criterion(model(x), y).item()
    if i % 100 == 99:
        print(total / (i + 1), total / 100)
print(total / len(train_loader))
""",
    "weighted by images": """
total, correct, n = 0.0, 0, 0
for x, y in test_loader:
    out = model(x)
    loss = criterion(out, y)
    total += loss.item() * x.size(0)
    correct += (out.argmax(1) == y).sum().item()
    n += y.size(0)
print(total / len(test_loader.dataset), correct / n, 100.0 * correct / len(test_set))
""",
    "sums of losses": """
total = 0
for x, y in test_loader:
    total += F.cross_entropy(model(x), y, reduction="sum").item()
print(total / len(test_loader.dataset))
""",
    "means of accuracies": """
acc = 0.0
for x, y in test_loader:
    acc += (model(x).argmax(1) == y).float().mean().item()
print(acc / len(test_loader))
""",
    "a batch of one": """
one = DataLoader(test_set)
right, loss = 0, 0.0
for x, y in one:
    right += (model(x).argmax(1) == y).sum().item()
    loss += criterion(model(x), y).item()
print(right / len(one), loss / len(test_set))
""",
    "a meter": """
class Meter:
    def __init__(self):
        self.sum, self.count = 0.0, 0
    def update(self, value, n):
        self.sum += value * n
        self.count += n
        self.avg = self.sum / self.count
meter = Meter()
for x, y in test_loader:
    meter.update(criterion(model(x), y).item(), x.size(0))
print(meter.avg)
""",
    "batches of one accuracy, all of them kept": """
for epoch in range(3):
    guesses, truth = [], []
    for x, y in test_loader:
        guesses.append(model(x).argmax(1))
        truth.append(y)
    print((torch.cat(guesses) == torch.cat(truth)).float().mean())
""",
    "one batch on purpose": """
for epoch in range(3):
    for x, y in test_loader:
        acc = (model(x).argmax(1) == y).float().mean()
        break
    print(acc)
""",
    "all in one batch": """
everything = DataLoader(test_set, batch_size=len(test_set))
for epoch in range(3):
    for x, y in everything:
        acc = (model(x).argmax(1) == y).float().mean()
    print(acc)
""",
    "shown for each batch": """
for epoch in range(3):
    for i, (x, y) in enumerate(train_loader):
        acc = (model(x).argmax(1) == y).float().mean()
        print(epoch, i, acc.item())
""",
    "a loss of the program": """
class Own(nn.Module):
    def forward(self, a, b):
        return ((a - b) ** 2).sum()
own, total = Own(), 0
for x, y in test_loader:
    total += own(model(x), y).item()
print(total / len(test_set))
""",
    "two loops, each its own": """
def evaluate(loader):
    right = 0
    for x, y in loader:
        right += (model(x).argmax(1) == y).sum().item()
    return right / len(loader.dataset)
print(evaluate(train_loader), evaluate(test_loader))
""",
}


def found(tmp_path, text):
    return list(metric_arithmetic(followed(tmp_path, HEAD + text)))


@pytest.mark.parametrize("style", FAULTY)
def test_a_division_that_does_not_fit_is_found_at_its_line(tmp_path, style):
    lines = [n for n, line in enumerate((HEAD + FAULTY[style]).splitlines(), start=1) if line.endswith("#!")]
    facts = found(tmp_path, FAULTY[style])
    assert [(one.how, one.location.line) for one in facts] == [(style.partition("/")[0], line) for line in lines]


@pytest.mark.parametrize("style", SOUND)
def test_sound_scores_are_silent(tmp_path, style):
    assert found(tmp_path, SOUND[style]) == []


def test_the_mean_of_right_answers_is_an_accuracy(tmp_path):
    (one,) = metric_arithmetic(followed(tmp_path, HEAD + FAULTY["means_by_images/kept by epoch"]))
    assert one.counted
