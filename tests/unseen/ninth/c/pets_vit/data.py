import os

from timm.data import create_transform
from timm.data.constants import (
    IMAGENET_DEFAULT_MEAN,
    IMAGENET_DEFAULT_STD,
    IMAGENET_INCEPTION_MEAN,
    IMAGENET_INCEPTION_STD,
)
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.transforms import InterpolationMode


def make_transform(train, args):
    if train:
        return create_transform(
            input_size=args.img_size,
            is_training=True,
            auto_augment=args.aa,
            re_prob=args.reprob,
            re_mode='pixel',
            interpolation='bicubic',
            mean=IMAGENET_INCEPTION_MEAN,
            std=IMAGENET_INCEPTION_STD,
        )
    steps = [
        transforms.Resize(int(args.img_size / 0.9), interpolation=InterpolationMode.BICUBIC),
        transforms.CenterCrop(args.img_size),
        transforms.ToTensor(),
        transforms.Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD),  # fault: N208
    ]
    return transforms.Compose(steps)


def make_loaders(args):
    sets = {}
    for part in ('train', 'val'):
        sets[part] = ImageFolder(os.path.join(args.data, part),
                                 transform=make_transform(part == 'train', args))
    if sets['train'].class_to_idx != sets['val'].class_to_idx:
        raise SystemExit('train and val do not have the same breeds')
    if len(sets['train'].classes) != args.nb_classes:
        raise SystemExit(f"expected {args.nb_classes} breeds, found {len(sets['train'].classes)}")

    common = dict(batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
    return (
        DataLoader(sets['train'], shuffle=True, drop_last=True, persistent_workers=True, **common),
        DataLoader(sets['val'], shuffle=False, drop_last=False, **common),
    )
