from torchvision import transforms as T

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class TrainPreset:
    def __init__(self, *, crop_size, hflip_prob=0.5):
        self.transforms = T.Compose(
            [
                T.RandomResizedCrop(crop_size),
                T.RandomHorizontalFlip(hflip_prob),
                T.ToTensor(),
                T.Normalize(IMAGENET_MEAN, IMAGENET_STD),
            ]
        )

    def __call__(self, img):
        return self.transforms(img)


class EvalPreset:
    def __init__(self, *, crop_size, resize_size):
        self.transforms = T.Compose(
            [
                T.Resize(resize_size),
                T.CenterCrop(crop_size),
                T.ToTensor(),
                T.Normalize(IMAGENET_MEAN, IMAGENET_STD),
            ]
        )

    def __call__(self, img):
        return self.transforms(img)
