import argparse
import torch
from torch import nn
from torchvision import datasets, models, transforms

ap = argparse.ArgumentParser()
ap.add_argument("--pretrained", type=bool, default=True)  # fault: C328, C324
ap.add_argument("--epochs", type=int, default=14)
args = ap.parse_args()
torch.manual_seed(0)
lr = 0.01  # fault: C328
batch = 64
lr = 0.003
norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tr = torch.utils.data.DataLoader(datasets.ImageFolder("t", transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])), batch_size=batch, shuffle=True)
te = torch.utils.data.DataLoader(datasets.ImageFolder("v", transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(), norm])), batch_size=batch)
model = models.resnet18(num_classes=5).cuda()
opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4)
for e in range(args.epochs):
    model.train()
    for x, y in tr:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x.cuda()), y.cuda()).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        for x, y in te:
            model(x.cuda())
