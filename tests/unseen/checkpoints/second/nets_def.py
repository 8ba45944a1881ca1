import torch, torch.nn as nn
import lightning as L

class GeM(nn.Module):
    def __init__(self, p=3.0, eps=1e-4):
        super().__init__(); self.p = nn.Parameter(torch.tensor(float(p))); self.eps = eps
    def forward(self, x):
        return x.clamp(min=self.eps).pow(self.p).mean((2, 3)).pow(1 / self.p)

class GemNet(nn.Module):
    def __init__(self, num_classes, widths=(32, 64, 128)):
        super().__init__()
        self.register_buffer("pixel_mean", torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1))
        self.register_buffer("pixel_std", torch.tensor([0.2470, 0.2435, 0.2616]).view(1, 3, 1, 1))
        layers, c = [], 3
        for w in widths:
            layers += [nn.Conv2d(c, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(True),
                       nn.Conv2d(w, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(True), nn.MaxPool2d(2)]
            c = w
        layers = layers[:-1]
        nn.init.constant_(layers[-2].weight, 24.0)
        self.features = nn.Sequential(*layers); self.pool = GeM(); self.drop = nn.Dropout(.1); self.fc = nn.Linear(c, num_classes)
        with torch.no_grad(): self.fc.weight.mul_(.05)
    def forward(self, x):
        return self.fc(self.drop(self.pool(self.features((x - self.pixel_mean) / self.pixel_std))))

class GarmentModule(L.LightningModule):
    def __init__(self, num_classes=10, width=24, lr=2e-3):
        super().__init__(); self.save_hyperparameters()
        def block(i, o): return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))
        self.encoder = nn.Sequential(block(1, width), block(width, 2 * width), block(2 * width, 4 * width))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * width * 16, 96), nn.ReLU(), nn.Dropout(.3), nn.Linear(96, num_classes))
    def forward(self, x): return self.head(self.encoder(x))
    def training_step(self, b, i): return nn.functional.cross_entropy(self(b[0]), b[1])
    def configure_optimizers(self): return torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
