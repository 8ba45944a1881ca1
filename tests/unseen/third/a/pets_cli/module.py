import lightning as L
import torch
from torch import nn
from torchmetrics.classification import MulticlassAccuracy
from torchvision.models import MobileNet_V3_Large_Weights, mobilenet_v3_large


class Classifier(L.LightningModule):
    def __init__(self, num_classes: int, dropout: float = 0.3, label_smoothing: float = 0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = mobilenet_v3_large(weights=MobileNet_V3_Large_Weights.IMAGENET1K_V2)
        width = self.net.classifier[0].in_features
        self.net.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, num_classes))
        self.criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")
        self.test_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", self.criterion(logits, y))
        self.log("val_acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.test_acc(self(x), y)
        self.log("test_acc", self.test_acc)
