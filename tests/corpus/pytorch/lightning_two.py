import lightning as L
import torch
import torchvision
from torch.utils.data import DataLoader, random_split
from torchvision.transforms import v2


class Classifier(L.LightningModule):
    def __init__(self, lr=0.05):
        super().__init__()
        self.lr = lr
        backbone = torchvision.models.resnet18(weights="DEFAULT")
        num_filters = backbone.fc.in_features
        layers = list(backbone.children())[:-1]
        self.feature_extractor = torch.nn.Sequential(*layers)
        self.feature_extractor.requires_grad_(False)
        self.classifier = torch.nn.Linear(num_filters, 10)
        self.loss_fn = torch.nn.CrossEntropyLoss()

    def forward(self, x):
        self.feature_extractor.eval()
        with torch.no_grad():
            representations = self.feature_extractor(x).flatten(1)
        return self.classifier(representations)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return self.loss_fn(self(x), y)

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val_loss", self.loss_fn(self(x), y))

    def configure_optimizers(self):
        return torch.optim.SGD(self.classifier.parameters(), lr=self.lr, momentum=0.9)


def main():
    L.seed_everything(7, workers=True)
    tf = v2.Compose([v2.ToImage(), v2.Resize((224, 224)), v2.ToDtype(torch.float32, scale=True),
                     v2.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))])
    full = torchvision.datasets.CIFAR10("data", train=True, download=True, transform=tf)
    train, val = random_split(full, [45000, 5000])
    trainer = L.Trainer(max_epochs=4)
    trainer.fit(Classifier(), DataLoader(train, batch_size=128, shuffle=True), DataLoader(val, batch_size=256))


if __name__ == "__main__":
    main()
