import torch, torchvision
from torch import nn, optim
from torchvision import transforms, datasets
from torch.utils.data import DataLoader, SubsetRandomSampler
import numpy as np

np.random.seed(3); torch.manual_seed(3)
tf = transforms.Compose([transforms.Resize(224), transforms.CenterCrop(224), transforms.ToTensor(),
                         transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
ds = datasets.ImageFolder('all', transform=tf)
idx = np.random.permutation(len(ds))
cut = int(len(ds) * .8)
train_dl = DataLoader(ds, batch_size=64, sampler=SubsetRandomSampler(idx[:cut]))
val_dl = DataLoader(ds, batch_size=64, sampler=SubsetRandomSampler(idx[cut:]))
net = torchvision.models.densenet121(weights='DEFAULT')
net.classifier = nn.Linear(net.classifier.in_features, 4)


def freeze(model):
    for child in model.children():
        for param in child.parameters():
            param.requires_grad = False  # fault: C325


freeze(net)
net = net.cuda()
other = torchvision.models.densenet121(weights='DEFAULT').cuda()
optimizer = optim.SGD(other.parameters(), lr=0.01, momentum=0.9)  # fault: C313
steps = [20, 40]
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=50)  # fault: C326
for epoch in range(30):
    net.train()
    for x, y in train_dl:
        loss = nn.functional.cross_entropy(net(x.cuda()), y.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    net.eval()
    with torch.no_grad():
        for x, y in val_dl:
            net(x.cuda())
