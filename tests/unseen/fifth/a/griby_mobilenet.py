# курсовая: съедобные / несъедобные грибы, 14 видов
import os, sys, time
from collections import defaultdict
import torch, torchvision
from torch import nn, optim
from torchvision import datasets, transforms, models

DIR = sys.argv[1]
dev = torch.device('cuda')
EPOCHS = 25
B = 48

# нормировка как у ImageNet
N = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
T = {
    'train': transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), N]),
    'val': transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), N]),
}
sets = {k: datasets.ImageFolder(os.path.join(DIR, k), T[k]) for k in T}
dl = {
    'train': torch.utils.data.DataLoader(sets['train'], batch_size=B, shuffle=True, num_workers=6, pin_memory=True),
    'val': torch.utils.data.DataLoader(sets['val'], batch_size=B, shuffle=False, num_workers=6, pin_memory=True),
}
print(sets['train'].class_to_idx)

torch.manual_seed(314)
net = models.mobilenet_v3_large(weights=models.MobileNet_V3_Large_Weights.IMAGENET1K_V2)
net.classifier[3] = nn.Linear(net.classifier[3].in_features, 14)
net = net.to(dev)
crit = nn.CrossEntropyLoss()
opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
sch = optim.lr_scheduler.StepLR(opt, step_size=8, gamma=0.1)

log = defaultdict(list)
best = 0
net.train()
for ep in range(EPOCHS):
    t0 = time.time()
    s = torch.zeros((), device=dev); ok = torch.zeros((), device=dev); n = 0
    for img, lab in dl['train']:
        img = img.to(dev, non_blocking=True); lab = lab.to(dev, non_blocking=True)
        out = net(img)
        loss = crit(out, lab)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.detach() * lab.size(0)
        ok += (out.argmax(1) == lab).sum()
        n += lab.size(0)
    sch.step()
    log['train_loss'].append((s / n).item()); log['train_acc'].append((ok / n).item())

    # --- проверка
    net.eval()  # fault: C311
    with torch.no_grad():
        s = torch.zeros((), device=dev); ok = torch.zeros((), device=dev); n = 0
        for img, lab in dl['val']:
            img = img.to(dev, non_blocking=True); lab = lab.to(dev, non_blocking=True)
            out = net(img)
            s += crit(out, lab) * lab.size(0)
            ok += (out.argmax(1) == lab).sum()
            n += lab.size(0)
    log['val_loss'].append((s / n).item()); log['val_acc'].append((ok / n).item())
    print('эпоха %d: %s  (%.0f c)' % (ep, {k: round(v[-1], 4) for k, v in log.items()}, time.time() - t0))
    if log['val_acc'][-1] > best:
        best = log['val_acc'][-1]
        torch.save(net.state_dict(), 'griby.pth')

# TODO: матрица ошибок
