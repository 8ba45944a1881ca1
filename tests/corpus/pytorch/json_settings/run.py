import json, os
import torch, torchvision
from torch import nn
from torchvision import transforms

HERE = os.path.dirname(os.path.abspath(__file__))
hp = json.load(open(os.path.join(HERE, "hparams.json")))

w = torchvision.models.ResNet50_Weights.IMAGENET1K_V2
model = torchvision.models.resnet50(weights=w)
model.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(2048, hp["classes"]))
for name, p in model.named_parameters():
    if not name.startswith("fc"):
        p.requires_grad = False
model = model.cuda()

train_tf = transforms.Compose([transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
                               transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
train_set = torchvision.datasets.ImageFolder("train", train_tf)
val_set = torchvision.datasets.ImageFolder("val", w.transforms())
train_loader = torch.utils.data.DataLoader(train_set, hp["batch"], shuffle=True)
val_loader = torch.utils.data.DataLoader(val_set, hp["batch"])

opt = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=hp["lr"], momentum=0.9)
lossf = nn.CrossEntropyLoss()
torch.manual_seed(5)
epoch = 0
while epoch < hp["max_epoch"]:
    model.train()
    for xb, yb in train_loader:
        xb = xb.cuda(); yb = yb.cuda()
        opt.zero_grad()
        out = model(xb)
        l = lossf(out, yb)
        l.backward()
        opt.step()
    model.eval()
    good = 0
    with torch.no_grad():
        for xb, yb in val_loader:
            good += (model(xb.cuda()).argmax(dim=1).cpu() == yb).float().sum()
    print("epoch", epoch, "acc", good / len(val_set))
    epoch += 1
