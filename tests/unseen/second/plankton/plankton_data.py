from pathlib import Path

from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

ROOT = Path("/srv/plankton")
NAMES = (ROOT / "classes.txt").read_text().split()
NORM = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


class Plankton(Dataset):
    def __init__(self, listing, transform):
        lines = (ROOT / listing).read_text().splitlines()
        self.samples = [ln.rsplit(",", 1) for ln in lines if ln]
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, i):
        name, cls = self.samples[i]
        with Image.open(ROOT / name) as im:
            return self.transform(im.convert("RGB")), NAMES.index(cls)


def loaders(batch):
    train_tf = T.Compose(
        [
            T.Resize((224, 224)),
            T.RandomHorizontalFlip(),
            T.RandomVerticalFlip(),
            T.RandomRotation(180, fill=255),
            T.ToTensor(),
            NORM,
        ]
    )
    val_tf = T.Compose([T.Resize((224, 224)), T.ToTensor(), NORM])
    train = DataLoader(Plankton("train.csv", train_tf), batch, shuffle=True, num_workers=6, drop_last=True)
    val = DataLoader(Plankton("val.csv", val_tf), batch * 2, num_workers=6)
    return train, val, NAMES
