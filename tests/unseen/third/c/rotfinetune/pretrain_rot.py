"""Step 1: predict the rotation (0/90/180/270) on the 100k unlabeled pictures of STL-10."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import STL10

from nets import Classifier

EPOCHS = 60
device = "cuda"

tf = T.Compose([
    T.RandomCrop(96, padding=12, padding_mode="reflect"),
    T.RandomHorizontalFlip(),
    T.ToTensor(),
    T.Normalize((0.4467, 0.4398, 0.4066), (0.2603, 0.2566, 0.2713)),
])


def rotate_all(x):
    views = [torch.rot90(x, k, (2, 3)) for k in range(4)]
    labels = torch.arange(4, device=x.device).repeat_interleave(x.size(0))
    return torch.cat(views), labels


def main():
    torch.manual_seed(0)
    data = STL10("data", split="unlabeled", download=True, transform=tf)
    loader = DataLoader(data, batch_size=64, shuffle=True, drop_last=True, num_workers=8, pin_memory=True)
    net = Classifier(num_classes=4).to(device)
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(EPOCHS):
        net.train()
        total = torch.zeros((), device=device)
        for x, _ in loader:
            x, y = rotate_all(x.to(device, non_blocking=True))
            loss = loss_fn(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.detach()
        sched.step()
        print(epoch, total.item() / len(loader), flush=True)
        torch.save({"encoder": net.encoder.state_dict(), "epoch": epoch}, "rot_stl10.pt")


if __name__ == "__main__":
    main()
