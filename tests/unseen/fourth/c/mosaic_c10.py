"""CIFAR-10 with MosaicML Composer."""
import composer
import torch
import torch.nn as nn
import torchvision
from composer.algorithms import ChannelsLast, LabelSmoothing
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

composer.utils.reproducibility.seed_all(17)

data_dir = "./cifar"
batch_size = 128
train_epochs = "60ep"

mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
train_tf = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(mean, std),
])
eval_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])

train_set = datasets.CIFAR10(data_dir, train=True, download=True, transform=train_tf)
eval_set = datasets.CIFAR10(data_dir, train=False, download=True, transform=eval_tf)

train_dl = DataLoader(train_set, batch_size=batch_size, shuffle=True, drop_last=True,
                      num_workers=8, pin_memory=True, persistent_workers=True)
eval_dl = DataLoader(eval_set, batch_size=512, shuffle=False, num_workers=8, pin_memory=True,
                     persistent_workers=True)

net = torchvision.models.resnet18(num_classes=10)
net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
net.maxpool = nn.Identity()
model = ComposerClassifier(module=net, num_classes=10)

optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4,
                            nesterov=True)
scheduler = CosineAnnealingWithWarmupScheduler(t_warmup="3ep", t_max="1dur")

trainer = composer.Trainer(
    model=model,
    train_dataloader=train_dl,
    eval_dataloader=eval_dl,
    max_duration=train_epochs,
    optimizers=optimizer,
    schedulers=scheduler,
    algorithms=[LabelSmoothing(smoothing=0.1), ChannelsLast()],
    precision="amp_bf16",
    device="gpu" if torch.cuda.is_available() else "cpu",
    eval_interval="5ep",
    seed=17,
    save_folder="./ckpt",
    save_interval="20ep",
)
trainer.fit()
print(trainer.state.eval_metrics)
