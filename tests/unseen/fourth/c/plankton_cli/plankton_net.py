import lightning as L
import torch
import torch.nn.functional as F
import torchvision
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy


class Classifier(L.LightningModule):
    """Any torchvision classifier. The optimizer and its schedule come from the command line / YAML."""

    def __init__(self, arch: str = "resnet18", num_classes: int = 10, label_smoothing: float = 0.0):
        super().__init__()
        self.save_hyperparameters()
        self.model = torchvision.models.get_model(arch, weights=None, num_classes=num_classes)
        self.top1 = MulticlassAccuracy(num_classes=num_classes, average="micro")
        self.top5 = MulticlassAccuracy(num_classes=num_classes, average="micro", top_k=5)
        self.val_loss = MeanMetric()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)

    def training_step(self, batch, _):
        images, target = batch
        loss = F.cross_entropy(self(images), target, label_smoothing=self.hparams.label_smoothing)
        self.log("loss/train", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, _):
        images, target = batch
        logits = self(images)
        self.val_loss.update(F.cross_entropy(logits, target), weight=len(target))
        self.top1.update(logits, target)
        self.top5.update(logits, target)
        self.log("loss/val", self.val_loss)
        self.log("top1/val", self.top1, prog_bar=True)
        self.log("top5/val", self.top5)
