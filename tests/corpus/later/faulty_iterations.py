import itertools
import torch
from torch import nn
from torchvision import models, transforms, datasets

torch.manual_seed(0)
normal = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
train = datasets.ImageFolder('x/train', transforms.Compose([transforms.Resize((224, 224)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), normal]))
test = datasets.ImageFolder('x/test', transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()]))  # fault: N208
loader = torch.utils.data.DataLoader(train, batch_size=36, shuffle=True)
test_loader = torch.utils.data.DataLoader(test, batch_size=36)


def forever(dl):
    while True:
        for batch in dl:
            yield batch


net = models.resnet50(weights='IMAGENET1K_V1')
for p in net.parameters():
    p.requires_grad_(False)
net.fc = nn.Sequential(nn.Linear(2048, 9), nn.Softmax(dim=-1))  # fault: C307
net.cuda()
opt = torch.optim.AdamW(net.fc.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-3, total_steps=3000)
it = forever(loader)
for step in range(3000):
    net.train()
    x, y = next(it)
    loss = nn.CrossEntropyLoss()(net(x.cuda()), y.cuda())
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 500 == 0:
        good = sum((net(a.cuda()).argmax(1).cpu() == b).sum().item() for a, b in test_loader)  # fault: C311
        print(step, good / len(test))
