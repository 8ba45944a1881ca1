import torch
from torchmetrics.classification import MulticlassAccuracy


class Trainer:
    def __init__(self, model, optimizer, loss, classes, epochs, patience=15):
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.epochs, self.patience = epochs, patience
        self.accuracy = MulticlassAccuracy(num_classes=classes, average="micro")
        self.best, self.bad = 0.0, 0

    def one_epoch(self, batches):
        self.model.train()
        self.accuracy.reset()
        total = 0.0
        for x, y in batches:
            z = self.model(x)
            loss = self.loss(z, y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.accuracy.update(z.detach(), y)
            total += float(loss.detach())
        return total / len(batches), float(self.accuracy.compute())

    @torch.no_grad()
    def validate(self, batches):
        self.model.eval()
        total = 0.0
        for x, y in batches:
            z = self.model(x)
            self.accuracy.update(z, y)
            total += float(self.loss(z, y))
        return total / len(batches), float(self.accuracy.compute())

    def fit(self, train, val):
        for epoch in range(1, self.epochs + 1):
            tl, ta = self.one_epoch(train)
            vl, va = self.validate(val)
            print(f"{epoch:3d}/{self.epochs} | train {tl:.3f} {ta:6.2%} | val {vl:.3f} {va:6.2%}", flush=True)
            if va > self.best:
                self.best, self.bad = va, 0
            else:
                self.bad += 1
                if self.bad >= self.patience:
                    print("no better accuracy for", self.patience, "epochs")
                    break
        print(f"best accuracy {self.best:.2%}")
