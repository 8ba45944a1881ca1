from argparse import ArgumentParser, Namespace
import torch
import torch.nn.functional as F
import torchvision
from torchvision import transforms as T
from torch.utils.data import DataLoader
import pytorch_lightning as pl
from pytorch_lightning import Trainer
from pytorch_lightning.core import LightningModule


class ImageNetLightningModel(LightningModule):
    def __init__(self, arch="resnet18", pretrained=False, lr=0.1, momentum=0.9, weight_decay=1e-4, data_path="imagenet",
                 batch_size=256, workers=4, **kwargs):
        super().__init__()
        self.save_hyperparameters()
        self.arch = arch
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.data_path = data_path
        self.batch_size = batch_size
        self.workers = workers
        self.model = torchvision.models.__dict__[self.arch](pretrained=pretrained)

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, batch_idx):
        images, target = batch
        output = self(images)
        loss_train = F.cross_entropy(output, target)
        self.log("train_loss", loss_train, on_step=True, on_epoch=True)
        return loss_train

    def eval_step(self, batch, batch_idx, prefix: str):
        images, target = batch
        output = self(images)
        loss_val = F.cross_entropy(output, target)
        self.log(f"{prefix}_loss", loss_val)

    def validation_step(self, batch, batch_idx):
        return self.eval_step(batch, batch_idx, "val")

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.1 ** (epoch // 30))
        return [optimizer], [scheduler]

    def train_dataloader(self):
        normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        train_dataset = torchvision.datasets.ImageFolder(self.data_path + "/train", T.Compose(
            [T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), normalize]))
        return DataLoader(dataset=train_dataset, batch_size=self.batch_size, shuffle=True, num_workers=self.workers)

    def val_dataloader(self):
        normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
        return DataLoader(torchvision.datasets.ImageFolder(self.data_path + "/val", T.Compose(
            [T.Resize(256), T.CenterCrop(224), T.ToTensor(), normalize])), batch_size=self.batch_size, shuffle=False)

    @staticmethod
    def add_model_specific_args(parent_parser):
        parser = parent_parser.add_argument_group("ImageNetLightningModel")
        parser.add_argument("-a", "--arch", default="resnet50")
        parser.add_argument("-b", "--batch-size", default=128, type=int, metavar="N")
        parser.add_argument("--lr", "--learning-rate", default=0.05, type=float, dest="lr")
        parser.add_argument("--momentum", default=0.9, type=float)
        parser.add_argument("--wd", "--weight-decay", default=1e-4, type=float, dest="weight_decay")
        parser.add_argument("--pretrained", dest="pretrained", action="store_true")
        return parent_parser


def main(args: Namespace) -> None:
    if args.seed is not None:
        pl.seed_everything(args.seed)
    model = ImageNetLightningModel(**vars(args))
    trainer = Trainer(max_epochs=args.max_epochs, accelerator="gpu", devices=2)
    if args.evaluate:
        trainer.validate(model)
    else:
        trainer.fit(model)


def run_cli():
    parent_parser = ArgumentParser(add_help=False)
    parent_parser.add_argument("--data-path", metavar="DIR", type=str, default="/data/imagenet")
    parent_parser.add_argument("-e", "--evaluate", dest="evaluate", action="store_true")
    parent_parser.add_argument("--seed", type=int, default=42)
    parser = ImageNetLightningModel.add_model_specific_args(parent_parser)
    parser.add_argument("--max_epochs", type=int, default=90)
    args = parser.parse_args()
    main(args)


if __name__ == "__main__":
    run_cli()
