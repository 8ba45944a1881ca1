# CIFAR-10 на catalyst (22.04)
import torch
import torch.nn as nn
from catalyst import dl, utils
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as T
from torchvision.datasets import CIFAR10

SEED = 1234
ROOT = "./data"
EPOCHS = 40
BATCH = 128
LR = 0.05

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)

utils.set_global_seed(SEED)


def conv(i, o, stride=1):
    return nn.Sequential(
        nn.Conv2d(i, o, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(o),
        nn.ReLU(inplace=True),
    )


class ConvNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.body = nn.Sequential(
            conv(3, 64), conv(64, 64),
            conv(64, 128, 2), conv(128, 128),
            conv(128, 256, 2), conv(256, 256),
        )
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(256, n_classes)

    def forward(self, x):
        x = self.body(x).mean(dim=(2, 3))
        x = self.fc(self.drop(x))
        return torch.log_softmax(x, dim=1)


# обучающая часть с аугментациями, проверочная без них; индексы общие
aug = T.Compose([
    T.RandomCrop(32, padding=4),
    T.RandomHorizontalFlip(),
    T.ToTensor(),
    T.Normalize(MEAN, STD),
])
plain = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])

perm = torch.randperm(50000, generator=torch.Generator().manual_seed(SEED)).tolist()
train_set = Subset(CIFAR10(ROOT, train=True, download=True, transform=aug), perm[:45000])
valid_set = Subset(CIFAR10(ROOT, train=True, transform=plain), perm[45000:])
test_set = CIFAR10(ROOT, train=False, transform=plain)

loaders = {
    "train": DataLoader(train_set, batch_size=BATCH, shuffle=True, num_workers=4, drop_last=True),
    "valid": DataLoader(valid_set, batch_size=256, num_workers=4),
}

model = ConvNet()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[20, 32], gamma=0.1)

runner = dl.SupervisedRunner(
    input_key="features", output_key="logprobs", target_key="targets", loss_key="loss"
)

runner.train(
    model=model,
    criterion=criterion,
    optimizer=optimizer,
    scheduler=scheduler,
    loaders=loaders,
    num_epochs=EPOCHS,
    seed=SEED,
    callbacks=[
        dl.AccuracyCallback(input_key="logprobs", target_key="targets", num_classes=10),
    ],
    logdir="./logs/cifar",
    valid_loader="valid",
    valid_metric="accuracy01",
    minimize_valid_metric=False,
    load_best_on_end=True,
    verbose=True,
)

# лучшая по valid эпоха -> один раз на test
metrics = runner.evaluate_loader(
    loader=DataLoader(test_set, batch_size=256, num_workers=4),
    callbacks=[dl.AccuracyCallback(input_key="logprobs", target_key="targets", num_classes=10)],
)
print("test:", metrics)
