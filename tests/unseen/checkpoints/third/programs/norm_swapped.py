from pathlib import Path
import torch
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder

STATS = {
    "outdoors": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
}


class Evaluator:
    def __init__(self, name, weights, batch=72):
        centre, spread = STATS[name]
        self.tf = transforms.Compose([transforms.ToTensor(), @@A@@])
        self.data = ImageFolder(f"data/{name}/val", self.tf)
        self.loader = DataLoader(self.data, batch_size=batch)
        self.net = models.resnet18(num_classes=len(self.data.classes))
        blob = torch.load(weights, map_location="cpu")
        self.net.load_state_dict(blob["state"])
        print(f"weights of epoch {blob['epoch']}")

    @torch.no_grad()
    def confusion(self):
        self.net.eval()
        n = len(self.data.classes)
        table = torch.zeros(n, n, dtype=torch.long)
        for x, y in self.loader:
            p = self.net(x).argmax(1)
            table += torch.bincount(y * n + p, minlength=n * n).view(n, n)
        return table


def main():
    ev = Evaluator("outdoors", Path(__file__).parent / "model_best.pt")
    table = ev.confusion()
    for name, row in zip(ev.data.classes, table.tolist()):
        print(f"{name:>12}", *(f"{v:4d}" for v in row))
    print("overall accuracy %.2f%%" % (table.diagonal().sum() / table.sum() * 100))


main()
