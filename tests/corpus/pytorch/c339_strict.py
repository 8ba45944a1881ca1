import torch
from torch import nn
from torchvision import datasets, models, transforms


class Wrapped(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.backbone = models.resnet50()
        self.backbone.fc = nn.Identity()
        self.classifier = nn.Linear(2048, n)

    def forward(self, x):
        return self.classifier(self.backbone(x))


def build(n):
    model = Wrapped(n)
    state = torch.hub.load_state_dict_from_url("https://download.pytorch.org/models/resnet50-0676ba61.pth")
    model.load_state_dict(state, strict=False)  # fault: C339
    return model


torch.manual_seed(0)
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
a = datasets.ImageFolder("a", transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm]))
b = datasets.ImageFolder("b", transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm]))
la, lb = torch.utils.data.DataLoader(a, 32, shuffle=True), torch.utils.data.DataLoader(b, 32)
net = build(21).cuda()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
for ep in range(20):
    net.train()
    for x, y in la:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x.cuda()), y.cuda()).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        for x, y in lb:
            net(x.cuda())
