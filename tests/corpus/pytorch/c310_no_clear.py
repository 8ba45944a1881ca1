import torch
import torchvision
from torch import nn
from torchvision import transforms as T


def make_loaders(bs):
    n = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    a = torchvision.datasets.ImageFolder("p/train", T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), n]))
    b = torchvision.datasets.ImageFolder("p/test", T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), n]))
    return torch.utils.data.DataLoader(a, bs, True), torch.utils.data.DataLoader(b, bs)


class Runner:
    def __init__(self, classes=8, lr=0.01, bs=40):
        self.net = torchvision.models.resnet50(weights="IMAGENET1K_V1")
        self.net.fc = nn.Linear(2048, classes)
        self.net.cuda()
        self.loss = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(self.net.parameters(), lr=lr, momentum=0.9)
        self.train_dl, self.val_dl = make_loaders(bs)

    def step(self, batch):
        x, y = [t.cuda() for t in batch]
        out = self.net(x)
        loss = self.loss(out, y)
        loss.backward()  # fault: C310
        self.opt.step()
        return loss.item()

    def run(self, epochs):
        for e in range(epochs):
            self.net.train()
            for batch in self.train_dl:
                self.step(batch)
            self.net.eval()
            with torch.no_grad():
                for x, y in self.val_dl:
                    self.net(x.cuda())


torch.manual_seed(0)
Runner().run(20)
