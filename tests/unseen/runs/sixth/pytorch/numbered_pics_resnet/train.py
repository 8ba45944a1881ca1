import os

import pandas as pd
import torch
import torch.nn as nn
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms

cfg = dict(images="animals/pics", labels="animals/labels.csv", epochs=40, batch=24, lr=1e-3, val=180, seed=11)
torch.manual_seed(cfg["seed"])
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")

normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
tf_train = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomRotation(10),
                               transforms.ToTensor(), normalize])
tf_val = transforms.Compose([transforms.ToTensor(), normalize])


class AnimalPics(Dataset):
    """Pictures in one directory, one label per picture in the csv."""

    def __init__(self, image_dir, csv_path, transform=None):
        self.image_dir = image_dir
        self.images = sorted(os.listdir(image_dir))
        self.labels = pd.read_csv(csv_path)["label"].tolist()
        assert len(self.images) == len(self.labels)
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, idx):
        image = Image.open(os.path.join(self.image_dir, self.images[idx])).convert("RGB")
        if self.transform:
            image = self.transform(image)
        return image, torch.tensor(self.labels[idx], dtype=torch.long)


order = torch.randperm(len(os.listdir(cfg["images"])), generator=torch.Generator().manual_seed(cfg["seed"])).tolist()
train_data = Subset(AnimalPics(cfg["images"], cfg["labels"], tf_train), order[cfg["val"]:])
val_data = Subset(AnimalPics(cfg["images"], cfg["labels"], tf_val), order[:cfg["val"]])
loaders = {"train": DataLoader(train_data, batch_size=cfg["batch"], shuffle=True, drop_last=True),
           "val": DataLoader(val_data, batch_size=cfg["batch"])}

model = torchvision.models.resnet18()
state = torch.load("weights/resnet18.pth", map_location="cpu")
state = {k: v for k, v in state.items() if not k.startswith("fc.")}
missing, unexpected = model.load_state_dict(state, strict=False)
assert set(missing) == {"fc.weight", "fc.bias"} and not unexpected
model.fc = nn.Linear(model.fc.in_features, 6)
model = model.to(device)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.1)

for epoch in range(cfg["epochs"]):
    print("Epoch {}/{}".format(epoch + 1, cfg["epochs"]))
    for phase in ["train", "val"]:
        if phase == "train":
            model.train()
        else:
            model.eval()
        running_loss, running_corrects, count = 0.0, 0, 0
        for inputs, labels in loaders[phase]:
            inputs, labels = inputs.to(device), labels.to(device)
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs)
                _, preds = torch.max(outputs, 1)
                loss = criterion(outputs, labels)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            running_loss += loss.item() * inputs.size(0)
            running_corrects += torch.sum(preds == labels).item()
            count += inputs.size(0)
        if phase == "train":
            scheduler.step()
        print("{} loss {:.4f} acc {:.4f}".format(phase, running_loss / count, running_corrects / count))
torch.save(model.state_dict(), "animals_resnet18.pth")
