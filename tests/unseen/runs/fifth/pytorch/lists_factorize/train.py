import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision.transforms import v2


class CsvImages(Dataset):
    def __init__(self, csv_file, image_dir, transform=None):
        table = pd.read_csv(csv_file)
        self.paths = (image_dir + "/" + table["image"]).tolist()
        codes, names = pd.factorize(table["category"])
        self.labels = torch.as_tensor(codes, dtype=torch.long)
        self.names = list(names)
        self.transform = transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, item):
        image = Image.open(self.paths[item]).convert("RGB")
        if self.transform:
            image = self.transform(image)
        return image, self.labels[item]


hp = {"epochs": 45, "bs": 32, "lr": 0.03, "wd": 1e-4, "mom": 0.9, "size": 56}
finish = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
tf = {"train": v2.Compose([v2.RandomCrop(hp["size"]), v2.RandomHorizontalFlip(), v2.ColorJitter(0.15, 0.15), *finish]),
      "val": v2.Compose([v2.CenterCrop(hp["size"]), *finish])}
data = {k: CsvImages(f"lists/{k}.csv", "lists/images", tf[k]) for k in ("train", "val")}
dl = {k: DataLoader(d, hp["bs"], shuffle=k == "train", drop_last=k == "train") for k, d in data.items()}


def get_model(classes):
    m = models.resnet18(weights=None)
    m.fc = nn.Sequential(nn.Dropout(0.1), nn.Linear(m.fc.in_features, classes))
    return m


def step(model, batch, crit):
    x, y = batch
    logits = model(x)
    return crit(logits, y), (logits.argmax(1) == y).sum().item(), len(y)


def main():
    torch.manual_seed(15)
    model = get_model(len(data["train"].names))
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(model.parameters(), lr=hp["lr"], momentum=hp["mom"], weight_decay=hp["wd"], nesterov=True)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, hp["epochs"])
    for epoch in range(hp["epochs"]):
        stats = {}
        for part in ("train", "val"):
            model.train(part == "train")
            loss_sum = right = n = 0
            for batch in dl[part]:
                with torch.set_grad_enabled(part == "train"):
                    loss, ok, k = step(model, batch, crit)
                if part == "train":
                    opt.zero_grad()
                    loss.backward()
                    opt.step()
                loss_sum, right, n = loss_sum + loss.item() * k, right + ok, n + k
            stats[part] = (loss_sum / n, right / n)
        sched.step()
        print(f"epoch {epoch + 1}: " + "  ".join(f"{p} loss {a:.4f} acc {b:.3f}" for p, (a, b) in stats.items()), flush=True)


if __name__ == "__main__":
    main()
