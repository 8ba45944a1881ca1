import torchvision.transforms as T
from torch.utils.data import DataLoader
from torchvision.datasets import Food101

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def train_loader(o):
    tf = T.Compose([
        T.RandomResizedCrop(o.crop),
        T.RandomHorizontalFlip(),
        T.TrivialAugmentWide(),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    ds = Food101(o.root, split="train", transform=tf, download=True)
    return DataLoader(ds, o.batch_size, shuffle=True, num_workers=o.workers, pin_memory=True, drop_last=True)


def test_loader(o):
    tf = T.Compose([T.Resize(o.resize), T.CenterCrop(o.crop), T.ToTensor(), T.Normalize(MEAN, STD)])
    ds = Food101(o.root, split="test", transform=tf, download=True)
    return DataLoader(ds, o.batch_size, shuffle=False, num_workers=o.workers, pin_memory=True)
