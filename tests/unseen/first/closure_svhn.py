# Sound.
import sys
import torch, torch.nn as nn, torch.nn.functional as F
import torchvision.transforms as T
from torchvision.datasets import SVHN
from torch.utils.data import DataLoader

BATCH, EPOCHS, LR = 100, 30, 1e-3
HALVE_AT = {15, 22, 27}
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(31)

stats = (0.4377, 0.4438, 0.4728), (0.1980, 0.2010, 0.1970)
tr_t = T.Compose([T.RandomCrop(32, padding=3, padding_mode="edge"), T.ColorJitter(0.2, 0.2),
                  T.ToTensor(), T.Normalize(*stats)])
te_t = T.Compose([T.ToTensor(), T.Normalize(*stats)])
# no flips: a mirrored 2 or 5 is not a digit any more

tr = DataLoader(SVHN("svhn", "train", transform=tr_t, download=True), BATCH, shuffle=True, num_workers=4)
te = DataLoader(SVHN("svhn", "test", transform=te_t, download=True), 500, num_workers=4)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        def unit(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ELU())
        self.f = nn.Sequential(
            unit(3, 48), unit(48, 48), nn.MaxPool2d(2), nn.Dropout2d(0.1),
            unit(48, 96), unit(96, 96), nn.MaxPool2d(2), nn.Dropout2d(0.2),
            unit(96, 192), unit(192, 192), nn.AdaptiveAvgPool2d(1))
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(192, 10)

    def forward(self, x):
        x = self.f(x).flatten(1)
        return F.log_softmax(self.out(self.drop(x)), dim=1)


net = Net().to(device)
optimizer = torch.optim.RMSprop(net.parameters(), lr=LR, alpha=0.9, weight_decay=1e-5)
loss_fn = nn.NLLLoss()


def make_closure(x, y):
    def closure():
        optimizer.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        return loss
    return closure


def one_pass(epoch):
    net.train()
    total = 0.
    for x, y in tr:
        loss = optimizer.step(make_closure(x.to(device), y.to(device)))
        total += loss.item()
    return total / len(tr)


def check():
    net.train(False)
    right = 0
    with torch.no_grad():
        for x, y in te:
            right += net(x.to(device)).max(1)[1].cpu().eq(y).sum().item()
    return 100. * right / len(te.dataset)


for e in range(1, EPOCHS + 1):
    if e in HALVE_AT:
        for g in optimizer.param_groups:
            g["lr"] *= 0.5
    l = one_pass(e)
    sys.stdout.write("%2d  %.4f  %.2f%%\n" % (e, l, check()))
torch.save(net.state_dict(), "svhn_rms.pt")
