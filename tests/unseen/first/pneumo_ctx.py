# Sound.
# chest x-ray, pneumonia yes/no -- one logit
import contextlib
import json
import logging
import pathlib

import torch
from sklearn.metrics import roc_auc_score
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("cxr")

HERE = pathlib.Path("chest_xray")
DEV = torch.device("cuda:0")
torch.manual_seed(11)


@contextlib.contextmanager
def evaluating(net):
    """Switches dropout/BN to inference and autograd off, and puts everything back."""
    before = net.training
    try:
        net.eval()
        with torch.no_grad():
            yield net
    finally:
        net.train(before)


IMNET = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))

train_set = ImageFolder(HERE / "train", transforms.Compose([
    transforms.Grayscale(num_output_channels=3),
    transforms.Resize((256, 256)),
    transforms.RandomAffine(degrees=7, translate=(0.03, 0.03), scale=(0.95, 1.05)),
    transforms.RandomCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(**IMNET),
]))
# the "val" folder of the archive has 16 images, so "test" is split in two offline -> dev / test
dev_set = ImageFolder(HERE / "dev", transforms.Compose([
    transforms.Grayscale(num_output_channels=3),
    transforms.Resize((256, 256)),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(**IMNET),
]))
assert train_set.class_to_idx == {"NORMAL": 0, "PNEUMONIA": 1} == dev_set.class_to_idx

n_pos = sum(train_set.targets)
n_neg = len(train_set) - n_pos
pos_weight = torch.tensor([n_neg / n_pos], device=DEV)

net = models.resnet34(weights="IMAGENET1K_V1")
net.fc = torch.nn.Linear(512, 1)
net = net.to(DEV)

bce = torch.nn.BCEWithLogitsLoss(pos_weight=pos_weight)
optim = torch.optim.RAdam(net.parameters(), lr=1e-4)
lr_drop = torch.optim.lr_scheduler.ReduceLROnPlateau(optim, mode="max", factor=0.3, patience=2)

train_dl = DataLoader(train_set, batch_size=40, shuffle=True, num_workers=4)
dev_dl = DataLoader(dev_set, batch_size=80, num_workers=4)


def auc_on(dl):
    scores, truth = [], []
    with evaluating(net):
        for x, y in dl:
            scores.extend(torch.sigmoid(net(x.to(DEV))).squeeze(1).tolist())
            truth.extend(y.tolist())
    return roc_auc_score(truth, scores)


history, best = [], 0
net.train()
for epoch in range(18):
    losses = []
    for x, y in train_dl:
        out = net(x.to(DEV)).squeeze(1)
        loss = bce(out, y.float().to(DEV))
        loss.backward()
        optim.step()
        optim.zero_grad()
        losses.append(loss.item())
    auc = auc_on(dev_dl)
    lr_drop.step(auc)
    log.info("epoch %d loss %.4f dev AUC %.4f", epoch, sum(losses) / len(losses), auc)
    history.append(dict(epoch=epoch, auc=auc))
    if auc > best:
        best = auc
        torch.save(net.state_dict(), "cxr_best.pt")

pathlib.Path("history.json").write_text(json.dumps(history))
