"""Two optimizers, two rhythms, by hand: body SGD every 2nd batch, head Adam every batch."""
import lightning.pytorch as pl
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from coco import Pictures, load

HP = dict(root="coco40", epochs=60, batch=32, body_lr=0.03, head_lr=1e-3, every=2, seed=6)


class Body(nn.Module):
    def __init__(self, w=32):
        super().__init__()
        def cbr(i, o, s): return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))
        self.norm = nn.BatchNorm2d(3, affine=False)          # learns mean and deviation of the channels itself
        self.layers = nn.Sequential(cbr(3, w, 1), cbr(w, w * 2, 2), cbr(w * 2, w * 2, 1), cbr(w * 2, w * 4, 2), cbr(w * 4, w * 4, 2))

    def forward(self, x):
        return self.layers(self.norm(x.float() / 255)).mean((2, 3))


class Manual(pl.LightningModule):
    automatic_optimization = False

    def __init__(self, n, hp):
        super().__init__()
        self.hp = hp
        self.body, self.head = Body(), nn.utils.parametrizations.weight_norm(nn.Linear(128, n))
        self.aug = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(40, padding=4, padding_mode="reflect")])

    def training_step(self, batch, i):
        x, y = batch
        x = torch.stack([self.aug(im) for im in x])
        body_opt, head_opt = self.optimizers()
        logits = self.head(self.body(x))
        loss = F.cross_entropy(logits, y)
        head_opt.zero_grad()
        # head gets the gradient of this batch, body the mean of `every` batches
        grads = torch.autograd.grad(loss, [*self.body.parameters(), *self.head.parameters()])
        nb = len(list(self.body.parameters()))
        for p, g in zip(self.body.parameters(), grads[:nb]):
            p.grad = g / self.hp["every"] if p.grad is None else p.grad + g / self.hp["every"]
        for p, g in zip(self.head.parameters(), grads[nb:]):
            p.grad = g
        head_opt.step()
        if (i + 1) % self.hp["every"] == 0:
            self.clip_gradients(body_opt, gradient_clip_val=5.0, gradient_clip_algorithm="norm")
            body_opt.step()
            body_opt.zero_grad()
        self.log("train/loss", loss, on_step=False, on_epoch=True, prog_bar=True)

    def on_train_epoch_end(self):
        for s in self.lr_schedulers():
            s.step()

    def validation_step(self, batch, _):
        x, y = batch
        logits = self.head(self.body(x))
        self.log_dict({"val/loss": F.cross_entropy(logits, y), "val/acc": logits.argmax(1).eq(y).float().mean()}, prog_bar=True, batch_size=len(y))

    def configure_optimizers(self):
        a = torch.optim.SGD(self.body.parameters(), self.hp["body_lr"], momentum=0.9, weight_decay=1e-4)
        b = torch.optim.Adam(self.head.parameters(), self.hp["head_lr"])
        return [a, b], [torch.optim.lr_scheduler.CosineAnnealingLR(o, self.hp["epochs"], eta_min=1e-5) for o in (a, b)]


if __name__ == "__main__":
    import sys
    HP.update({k: type(HP[k])(v) for k, v in (s.split("=") for s in sys.argv[1:])})
    pl.seed_everything(HP["seed"])
    parts, n = load(HP["root"])
    pl.Trainer(max_epochs=HP["epochs"], accelerator="cpu", logger=False, enable_checkpointing=False).fit(
        Manual(n, HP), DataLoader(Pictures(parts["train"]), HP["batch"], shuffle=True), DataLoader(Pictures(parts["val"]), 100))
