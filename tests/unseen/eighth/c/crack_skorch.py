"""Crack / no crack in concrete (two folders: Negative, Positive), transfer learning with skorch."""
import os

import torch
import torch.nn as nn
import torch.optim as optim
from skorch import NeuralNetClassifier
from skorch.callbacks import Checkpoint, EpochScoring, LRScheduler, ProgressBar
from skorch.helper import predefined_split
from sklearn.metrics import classification_report
from torchvision import datasets, models, transforms

BASE = os.environ.get("CRACKS", "datasets/cracks")

torch.manual_seed(360)
torch.cuda.manual_seed(360)

train_transforms = transforms.Compose([
    transforms.RandomResizedCrop(224, scale=(0.7, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
val_transforms = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])

train_ds = datasets.ImageFolder(os.path.join(BASE, "train"), train_transforms)
val_ds = datasets.ImageFolder(os.path.join(BASE, "val"), val_transforms)
test_ds = datasets.ImageFolder(os.path.join(BASE, "test"), val_transforms)


class CrackModel(nn.Module):
    def __init__(self, output_features=2):
        super().__init__()
        model = models.resnet18(weights="IMAGENET1K_V1")
        model.fc = nn.Linear(model.fc.in_features, output_features)
        self.model = model

    def forward(self, x):
        return self.model(x)


lrscheduler = LRScheduler(policy="StepLR", step_size=5, gamma=0.1)
checkpoint = Checkpoint(f_params="best_crack.pt", monitor="valid_acc_best", load_best=True)
train_acc = EpochScoring("accuracy", name="train_acc", on_train=True, lower_is_better=False)

net = NeuralNetClassifier(  # fault: C312
    CrackModel,
    module__output_features=2,
    criterion=nn.CrossEntropyLoss,
    optimizer=optim.SGD,
    optimizer__momentum=0.9,
    lr=0.001,
    batch_size=32,
    max_epochs=12,
    iterator_train__num_workers=4,
    iterator_valid__num_workers=4,
    train_split=predefined_split(val_ds),
    callbacks=[lrscheduler, checkpoint, train_acc, ProgressBar()],
    device="cuda" if torch.cuda.is_available() else "cpu",
)

if __name__ == "__main__":
    net.fit(train_ds, y=None)
    guess = net.predict(test_ds)
    print(classification_report(test_ds.targets, guess, target_names=test_ds.classes))
