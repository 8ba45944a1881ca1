"""Un clasificador binario (¿hay un animal?) sobre la carpeta de retratos y su tabla de atributos."""
import os

import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split
from torchvision import models, transforms

RAIZ = "portraits"
ATRIBUTO = "Animal"
EPOCAS = 25
LOTE = 32


class Portraits(Dataset):
    def __init__(self, root, attribute, transform):
        folder = os.path.join(root, "img_align")
        self.files = [os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".jpg")]
        table = pd.read_csv(os.path.join(root, "attributes.csv"))
        # en la tabla: 1 = sí, -1 = no
        self.labels = (table[attribute].values == 1).astype("int64")
        assert len(self.files) == len(self.labels), "faltan imágenes"
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        image = Image.open(self.files[i]).convert("RGB")
        return self.transform(image), int(self.labels[i])


preparar = transforms.Compose([
    transforms.Resize(160),
    transforms.CenterCrop(160),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])

todo = Portraits(RAIZ, ATRIBUTO, preparar)
n_val = int(0.15 * len(todo))
entreno, valida = random_split(todo, [len(todo) - n_val, n_val], generator=torch.Generator().manual_seed(3))
train_loader = DataLoader(entreno, batch_size=LOTE, shuffle=True, num_workers=2)
val_loader = DataLoader(valida, batch_size=LOTE, num_workers=2)
print(f"{len(entreno)} para entrenar, {len(valida)} para validar")

device = "cuda" if torch.cuda.is_available() else "cpu"
model = models.resnet18(weights=None)
model.load_state_dict(torch.load("weights/resnet18.pth"))
model.fc = nn.Linear(512, 2)
model = model.to(device)

opt = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-5)
loss_fn = nn.CrossEntropyLoss()
mejor = 0.0
for epoca in range(EPOCAS):
    model.train()
    suma = 0.0
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        suma += loss.item() * x.size(0)

    model.eval()
    aciertos = 0
    with torch.no_grad():
        for x, y in val_loader:
            aciertos += (model(x.to(device)).argmax(1).cpu() == y).sum().item()
    exactitud = aciertos / n_val
    print(f"época {epoca + 1}: pérdida {suma / len(entreno):.4f}  exactitud {exactitud:.4f}")
    if exactitud > mejor:
        mejor = exactitud
        torch.save(model.state_dict(), "portraits_best.pt")
