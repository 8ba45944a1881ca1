import torch
import torchvision
from torch import nn
from torchvision import transforms as T

CONFIG = dict(epochs=60, lr=0.05, batch_size=128, milestones=[100, 150], wd=5e-4)


def main(cfg):
    torch.manual_seed(0)
    tf = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize((0.49, 0.48, 0.44), (0.2, 0.2, 0.2))])
    tv = T.Compose([T.ToTensor(), T.Normalize((0.49, 0.48, 0.44), (0.2, 0.2, 0.2))])
    tr = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10(".", True, tf), cfg["batch_size"], shuffle=True)
    te = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10(".", False, tv), cfg["batch_size"])
    net = torchvision.models.resnet50(num_classes=10).cuda()
    opt = torch.optim.SGD(net.parameters(), cfg["lr"], 0.9, weight_decay=cfg["wd"])
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, cfg["milestones"])  # fault: C326
    for e in range(cfg["epochs"]):
        net.train()
        for x, y in tr:
            opt.zero_grad()
            nn.CrossEntropyLoss()(net(x.cuda()), y.cuda()).backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            for x, y in te:
                net(x.cuda())


main(CONFIG)
