# Sound.
"""STL-10.  Everything random happens inside the network, on the GPU (kornia)."""
import time

import kornia.augmentation as K
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import STL10

device = torch.device("cuda")


class AugmentedClassifier(nn.Module):
    """aug (train mode only) -> normalise (always) -> backbone"""

    def __init__(self, n):
        super().__init__()
        self.aug = nn.Sequential(
            K.RandomHorizontalFlip(p=0.5),
            K.RandomAffine(degrees=10.0, translate=(0.1, 0.1), scale=(0.9, 1.1), p=0.7),
            K.ColorJitter(0.2, 0.2, 0.2, 0.05, p=0.5),
        )
        self.norm = K.Normalize(mean=torch.tensor([0.485, 0.456, 0.406]),
                                std=torch.tensor([0.229, 0.224, 0.225]))
        w = models.ShuffleNet_V2_X1_0_Weights.IMAGENET1K_V1
        self.backbone = models.shufflenet_v2_x1_0(weights=w)
        self.backbone.fc = nn.Linear(self.backbone.fc.in_features, n)

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                x = self.aug(x)
        return self.backbone(self.norm(x))


def loader(split, bs, shuffle):
    # only what has to be equal for both splits
    ds = STL10("stl", split=split, download=True,
               transform=transforms.Compose([transforms.Resize(224), transforms.ToTensor()]))
    return DataLoader(ds, batch_size=bs, shuffle=shuffle, num_workers=6, pin_memory=True)


train_dl, test_dl = loader("train", 50, True), loader("test", 200, False)

net = AugmentedClassifier(10).to(device)
head = list(net.backbone.fc.parameters())
rest = [p for n, p in net.backbone.named_parameters() if not n.startswith("fc.")]
opt = torch.optim.SGD([{"params": rest, "lr": 0.005}, {"params": head, "lr": 0.05}],
                      lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=8, gamma=0.2)
crit = nn.CrossEntropyLoss()

for epoch in range(24):
    net.train()
    tic = time.perf_counter()
    run = 0.0
    for x, y in train_dl:
        opt.zero_grad()
        loss = crit(net(x.to(device)), y.to(device))
        loss.backward()
        opt.step()
        run += loss.detach().item()
    sched.step()

    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in test_dl:
            ok += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
    print(f"{epoch + 1}/24 loss={run / len(train_dl):.3f} "
          f"acc={ok / len(test_dl.dataset):.4f} ({time.perf_counter() - tic:.1f}s)")

torch.save(net.backbone.state_dict(), "stl_shuffle.pt")
