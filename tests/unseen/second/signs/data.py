from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import GTSRB


def make_loaders(s):
    tail = [transforms.ToTensor(), transforms.Normalize(s.mean, s.std)]
    resize = transforms.Resize((s.side, s.side))
    # no flips: "keep left" mirrored is "keep right"
    train_tf = transforms.Compose(
        [
            resize,
            transforms.RandomAffine(degrees=10, translate=(0.08, 0.08), scale=(0.9, 1.1)),
            transforms.ColorJitter(brightness=0.4, contrast=0.4),
        ]
        + tail
    )
    test_tf = transforms.Compose([resize] + tail)

    train = GTSRB(s.root, split="train", transform=train_tf, download=True)
    test = GTSRB(s.root, split="test", transform=test_tf, download=True)
    common = dict(batch_size=s.batch, num_workers=s.workers, pin_memory=True)
    return (
        DataLoader(train, shuffle=True, drop_last=True, **common),
        DataLoader(test, shuffle=False, **common),
    )
