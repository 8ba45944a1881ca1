# -*- coding: utf-8 -*-
# Классификация клеток крови (8 типов), catalyst 22.04
import torch
from catalyst import dl, utils
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader
from torchvision import transforms as tf
from torchvision.datasets import ImageFolder

ROOT = "data/blood"
SIZE = 96
BATCH = 64
EPOCHS = 30
LR = 1e-3
N_CLASSES = 8
SEED = 17

# посчитано по обучающей части
mean, std = (0.79, 0.66, 0.70), (0.21, 0.25, 0.11)


def block(c_in, c_out):
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


class BloodNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.features = nn.Sequential(block(3, 32), block(32, 64), block(64, 128), block(128, 256))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(256, n_classes),
            nn.Softmax(dim=1),  # fault: C307
        )

    def forward(self, x):
        return self.head(self.pool(self.features(x)))


# клетки не имеют "верха", поэтому отражаем и крутим как угодно
train_tf = tf.Compose([
    tf.Resize((SIZE, SIZE)),
    tf.RandomHorizontalFlip(),
    tf.RandomVerticalFlip(),
    tf.RandomRotation(90),
    tf.ToTensor(),
    tf.Normalize(mean, std),
])
valid_tf = tf.Compose([tf.Resize((SIZE, SIZE)), tf.ToTensor(), tf.Normalize(mean, std)])


def get_loaders():
    train = ImageFolder(f"{ROOT}/train", train_tf)
    valid = ImageFolder(f"{ROOT}/valid", valid_tf)
    assert train.classes == valid.classes and len(train.classes) == N_CLASSES
    return {
        "train": DataLoader(train, batch_size=BATCH, shuffle=True, num_workers=4, drop_last=True),
        "valid": DataLoader(valid, batch_size=BATCH, shuffle=False, num_workers=4),
    }


if __name__ == "__main__":
    utils.set_global_seed(SEED)
    model = BloodNet(N_CLASSES)
    criterion = nn.CrossEntropyLoss()
    optimizer = Adam(model.parameters(), lr=LR)
    scheduler = MultiStepLR(optimizer, milestones=[15, 24], gamma=0.2)

    runner = dl.SupervisedRunner(
        input_key="features", output_key="logits", target_key="targets", loss_key="loss"
    )
    runner.train(
        model=model,
        criterion=criterion,
        optimizer=optimizer,
        scheduler=scheduler,
        loaders=get_loaders(),
        num_epochs=EPOCHS,
        seed=SEED,
        callbacks=[
            dl.AccuracyCallback(input_key="logits", target_key="targets", topk=(1, 3)),
        ],
        logdir="./logs/blood",
        valid_loader="valid",
        valid_metric="accuracy01",
        minimize_valid_metric=False,
        load_best_on_end=True,
        verbose=True,
    )
    torch.save(model.state_dict(), "blood_best.pth")
