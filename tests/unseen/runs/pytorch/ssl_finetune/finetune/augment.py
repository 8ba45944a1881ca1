from torchvision import transforms

_norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def train_augment(size):
    return transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([transforms.ColorJitter(0.3, 0.3, 0.3, 0.05)], p=0.5),
        transforms.ToTensor(),
        _norm,
    ])


def plain(size):
    return transforms.Compose([
        transforms.Resize(int(size * 8 / 7)),
        transforms.CenterCrop(size),
        transforms.ToTensor(),
        _norm,
    ])
