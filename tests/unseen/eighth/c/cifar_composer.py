import torch
import torch.nn as nn
import torch.utils.data
import torchvision
from composer import Trainer
from composer.algorithms import ChannelsLast, LabelSmoothing
from composer.callbacks import LRMonitor
from composer.loggers import FileLogger
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from composer.utils import reproducibility
from torchvision import datasets, transforms

reproducibility.seed_all(11)

mean = (0.4914, 0.4822, 0.4465)
std = (0.2470, 0.2435, 0.2616)

train_tf = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
])
test_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])

train_set = datasets.CIFAR10("~/data", train=True, download=True, transform=train_tf)
test_set = datasets.CIFAR10("~/data", train=False, download=True, transform=test_tf)
train_dl = torch.utils.data.DataLoader(train_set, batch_size=128, shuffle=True, drop_last=True, num_workers=8)
test_dl = torch.utils.data.DataLoader(test_set, batch_size=256, shuffle=False, num_workers=8)


def small_image_resnet18():
    net = torchvision.models.resnet18(weights=None, num_classes=10)
    net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    nn.init.kaiming_normal_(net.conv1.weight, mode="fan_out", nonlinearity="relu")
    net.maxpool = nn.Identity()
    return net


model = ComposerClassifier(small_image_resnet18(), num_classes=10)

optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)

trainer = Trainer(
    model=model,
    train_dataloader=train_dl,
    eval_dataloader=test_dl,
    eval_interval="5ep",
    max_duration="60ep",
    optimizers=optimizer,
    schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="2ep", t_max="1dur"),
    algorithms=[ChannelsLast(), LabelSmoothing(smoothing=0.1)],
    callbacks=[LRMonitor()],
    loggers=[FileLogger("cifar_{rank}.log")],
    precision="amp_bf16",
    device="gpu",
    seed=11,
)
trainer.fit()

# the network after the last epoch is the one that is reported
print(trainer.state.eval_metrics)
torch.save(model.module.state_dict(), "resnet18_cifar10.pt")
