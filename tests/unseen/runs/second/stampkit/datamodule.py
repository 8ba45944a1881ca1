import lightning as L
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


def on_white(path):
    """The stamps are RGBA cut-outs, put them on a white card."""
    img = Image.open(path).convert("RGBA")
    card = Image.new("RGBA", img.size, (255, 255, 255, 255))
    return Image.alpha_composite(card, img).convert("RGB")


class StampData(L.LightningDataModule):
    def __init__(self, root="stamps", batch_size=32, size=128, num_workers=2):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage=None):
        s = self.hparams.size
        norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        train_tf = T.Compose([T.Resize((s, s)), T.RandomHorizontalFlip(), T.RandomRotation(10, fill=255),
                              T.ToTensor(), norm])
        val_tf = T.Compose([T.Resize((s, s)), T.ToTensor(), norm])
        self.train_set = ImageFolder(f"{self.hparams.root}/train", train_tf, loader=on_white)
        self.val_set = ImageFolder(f"{self.hparams.root}/val", val_tf, loader=on_white)

    def train_dataloader(self):
        return DataLoader(self.train_set, self.hparams.batch_size, shuffle=True,
                          num_workers=self.hparams.num_workers, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, self.hparams.batch_size, num_workers=self.hparams.num_workers)
