# Faulty: C313: the optimizer is built before the classifier is replaced, so the new layer never trains.
import logging

import timm
import torch
import torch.nn as nn

from plankton_data import loaders
from validation import confusion, mean_f1

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("plankton")

config = {
    "backbone": "regnety_016.tv2_in1k",
    "batch": 56,
    "epochs": 24,
    "optim": {"lr": 0.004, "momentum": 0.9, "weight_decay": 5e-5, "nesterov": True},
    "decay_at": [12, 20],
    "seed": 616,
}


def make_optimizer(model):
    return torch.optim.SGD(model.parameters(), **config["optim"])


def run():
    torch.manual_seed(config["seed"])
    device = torch.device("cuda")
    train_loader, val_loader, names = loaders(config["batch"])

    model = timm.create_model(config["backbone"], pretrained=True).to(device)
    optimizer = make_optimizer(model)  # fault: C313
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, config["decay_at"], gamma=0.1)

    # ImageNet's thousand classes are of no use here
    model.reset_classifier(len(names))
    model.to(device)

    loss_fn = nn.CrossEntropyLoss()
    best = 0.0
    for epoch in range(config["epochs"]):
        model.train()
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()

        table = confusion(model, val_loader, len(names), device)
        f1 = mean_f1(table)
        log.info("epoch %d  loss %.3f  F1 %.4f", epoch, loss.item(), f1)
        if f1 > best:
            best = f1
            torch.save({"names": names, "weights": model.state_dict()}, "plankton.pt")


if __name__ == "__main__":
    run()
