"""Local resnet18 weights; the stages thaw from the top, frozen batch norms keep their statistics."""
import argparse
import copy

import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms as T

STAGES = ["layer4", "layer3", "layer2"]


class Thawing(L.LightningModule):
    def __init__(self, classes, weights, lr=1e-3, every=3):
        super().__init__()
        self.save_hyperparameters()
        net = models.resnet18(num_classes=10)
        net.load_state_dict(torch.load(weights, map_location="cpu"))
        net.fc = nn.Linear(512, classes)
        for name, p in net.named_parameters():
            p.requires_grad = name.startswith("fc.")
        self.net = net
        self.ema = copy.deepcopy(net).requires_grad_(False)
        self.open = ["fc"]
        # normalisation of the uint8 range happens here, not in the transforms
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1) * 255)
        self.train()

    def train(self, mode=True):
        super().train(mode)
        for name, child in self.net.named_children():
            if name not in self.open:
                child.eval()
        self.ema.eval()
        return self

    def forward(self, x, averaged=False):
        x = (x.float() - self.mean) / self.std
        return (self.ema if averaged else self.net)(x)

    def on_train_epoch_start(self):
        e = self.current_epoch
        if e and e % self.hparams.every == 0 and e // self.hparams.every <= len(STAGES):
            name = STAGES[e // self.hparams.every - 1]
            params = list(getattr(self.net, name).requires_grad_(True).parameters())
            lr = self.hparams.lr * 0.3 ** (e // self.hparams.every)
            self.optimizers().optimizer.add_param_group({"params": params, "lr": lr})
            self.open.append(name)
            self.train()

    def training_step(self, batch, _):
        x, y = batch
        logits = self(x)
        loss = nn.functional.cross_entropy(logits, y, reduction="sum") / len(y)
        self.log("loss", loss, prog_bar=True)
        return loss

    @torch.no_grad()
    def on_train_batch_end(self, *_):
        d = min(0.98, (1 + self.global_step) / (10 + self.global_step))
        for a, b in zip(self.ema.state_dict().values(), self.net.state_dict().values()):
            a.lerp_(b, 1 - d) if a.is_floating_point() else a.copy_(b)

    def validation_step(self, batch, _):
        x, y = batch
        for name, averaged in (("val_acc", False), ("val_acc_ema", True)):
            self.log(name, (self(x, averaged).argmax(1) == y).float().mean(), prog_bar=True, batch_size=len(y))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.net.fc.parameters(), lr=self.hparams.lr, weight_decay=0.01)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="stamps")
    p.add_argument("--weights", default="weights/resnet18_64.pth")
    p.add_argument("--epochs", type=int, default=24)
    a = p.parse_args()
    L.seed_everything(40)
    train_tf = T.Compose([T.RandomResizedCrop(64, (0.6, 1.0)), T.RandomHorizontalFlip(), T.PILToTensor()])
    test_tf = T.Compose([T.Resize(64), T.CenterCrop(64), T.PILToTensor()])
    one, two = datasets.ImageFolder(a.root, train_tf), datasets.ImageFolder(a.root, test_tf)
    order = torch.randperm(len(one), generator=torch.Generator().manual_seed(40)).tolist()
    cut = int(0.2 * len(order))
    train = DataLoader(Subset(one, order[cut:]), batch_size=24, shuffle=True, drop_last=True)
    val = DataLoader(Subset(two, order[:cut]), batch_size=60)
    L.Trainer(max_epochs=a.epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
              log_every_n_steps=5).fit(Thawing(len(one.classes), a.weights), train, val)


if __name__ == "__main__":
    main()
