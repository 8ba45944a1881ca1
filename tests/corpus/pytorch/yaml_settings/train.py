import yaml
import torch
import torch.nn.functional as F
from pathlib import Path
from torch.utils.data import DataLoader
from torchvision import models, transforms as T
from torchvision.datasets import ImageFolder

with open(Path(__file__).parent / "config.yaml") as f:
    cfg = yaml.safe_load(f)

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def build_model(c):
    ctor = {"resnet18": models.resnet18, "resnet34": models.resnet34, "resnet50": models.resnet50}[c["name"]]
    net = ctor(weights="IMAGENET1K_V1" if c["pretrained"] else None)
    net.fc = torch.nn.Linear(net.fc.in_features, c["num_classes"])
    return net


def build_data(c):
    size = c["image_size"]
    aug = T.Compose([T.RandomResizedCrop(size), T.RandomHorizontalFlip(), T.TrivialAugmentWide(), T.ToTensor(), T.Normalize(MEAN, STD)])
    plain = T.Compose([T.Resize((size, size)), T.ToTensor(), T.Normalize(MEAN, STD)])
    root = Path(c["root"])
    train = DataLoader(ImageFolder(root / "train", aug), batch_size=c["batch_size"], shuffle=True, num_workers=c["workers"])
    val = DataLoader(ImageFolder(root / "val", plain), batch_size=2 * c["batch_size"], num_workers=c["workers"])
    return train, val


def main():
    torch.manual_seed(cfg["train"]["seed"])
    train_loader, val_loader = build_data(cfg["data"])
    model = build_model(cfg["model"]).cuda()
    optim = torch.optim.AdamW(model.parameters(), lr=cfg["train"]["lr"], weight_decay=cfg["train"]["weight_decay"])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=cfg["train"]["epochs"])
    for epoch in range(cfg["train"]["epochs"]):
        model.train()
        for x, y in train_loader:
            x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
            loss = F.cross_entropy(model(x), y)
            optim.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
        sched.step()
        model.eval()
        with torch.inference_mode():
            acc = sum((model(x.cuda()).argmax(1) == y.cuda()).sum().item() for x, y in val_loader)
        print(epoch, acc)


main()
