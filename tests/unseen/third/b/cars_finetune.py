import copy

import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim import lr_scheduler
from torchvision import datasets, models, transforms

# my card has 6 GB, so 16 pictures at once and a step every 4 batches
DATA = "stanford_cars/"
BATCH = 16
ACCUM = 4
EPOCHS = 20
CLASSES = 196
dev = torch.device("cuda:0")
torch.manual_seed(99)

norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tf = {
    "train": transforms.Compose([transforms.RandomResizedCrop(224, (0.4, 1.0)),
                                 transforms.RandomHorizontalFlip(),
                                 transforms.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
                                 transforms.ToTensor(), norm]),
    "val": transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224),
                               transforms.ToTensor(), norm]),
}
sets = {k: datasets.ImageFolder(DATA + k, tf[k]) for k in tf}
loaders = {k: torch.utils.data.DataLoader(sets[k], batch_size=BATCH, shuffle=(k == "train"), num_workers=4)
           for k in sets}

net = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
fixed = list(net.children())[:6]        # conv1 bn1 relu maxpool layer1 layer2
for part in fixed:
    for p in part.parameters():
        p.requires_grad = False
net.fc = nn.Linear(2048, CLASSES)
net.to(dev)

crit = nn.CrossEntropyLoss()
opt = optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.01, momentum=0.9, weight_decay=1e-4)
sched = lr_scheduler.StepLR(opt, step_size=8, gamma=0.1)


def train_epoch():
    net.train()
    for part in fixed:
        part.eval()
    batches = len(loaders["train"])
    opt.zero_grad()
    for k, (x, y) in enumerate(loaders["train"], 1):
        x, y = x.to(dev), y.to(dev)
        loss = crit(net(x), y)
        loss.backward()  # fault: C342
        if k % ACCUM == 0 or k == batches:
            opt.step()
            opt.zero_grad()


def val_acc():
    net.eval()
    ok = torch.tensor(0, device=dev)
    with torch.no_grad():
        for x, y in loaders["val"]:
            ok += (net(x.to(dev)).argmax(1) == y.to(dev)).sum()
    return ok.item() / len(sets["val"])


best, best_state = 0.0, None
for ep in range(EPOCHS):
    train_epoch()
    sched.step()
    a = val_acc()
    print("epoch", ep, "val", round(a, 4))
    if a > best:
        best, best_state = a, copy.deepcopy(net.state_dict())
torch.save(best_state, "cars.pt")
print("best val", best)
