"""The random changes of training images, and the steps that are always the same: names, kinds, what they destroy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diagnose.catalogue.names import index, key


class Kind(StrEnum):
    """What an augmentation changes."""

    FLIP = "flip"
    GEOMETRY = "geometry"
    COLOUR = "colour"
    BLUR = "blur or noise"
    ERASE = "erase"
    MIX = "mix of images"
    POLICY = "policy of several"


@dataclass(frozen=True)
class Augmentation:
    """One random change.

    names: in torchvision v1 and v2, albumentations, Keras, kornia and timm, and words of settings files.
    swaps: words of class names that it turns into each other, with the label kept. strength: what its numbers in a
    configuration mean, "" where it takes none. steady: whether a reference recipe has it for any photographs.
    """

    name: str
    kind: Kind
    names: tuple[str, ...] = ()
    swaps: tuple[str, str] | None = None
    strength: str = ""
    steady: bool = False


FLIP, GEOMETRY, COLOUR, BLUR, ERASE, MIX, POLICY = Kind

AUGMENTATIONS = (
    Augmentation("random_horizontal_flip", FLIP,
                 ("RandomHorizontalFlip", "HorizontalFlip", "horizontal_flip", "hflip", "flip", "RandomFlip",
                  "random_flip_left_right", "flip_left_right", "fliplr"),
                 swaps=("left", "right"), strength="probability", steady=True),
    Augmentation("random_vertical_flip", FLIP,
                 ("RandomVerticalFlip", "VerticalFlip", "vflip", "random_flip_up_down", "flip_up_down", "flipud"),
                 swaps=("up", "down"), strength="probability"),
    Augmentation("random_resized_crop", GEOMETRY,
                 ("RandomResizedCrop", "RandomSizedCrop", "RandomResizedCropAndInterpolation", "resized_crop",
                  "RandomCropAndResize", "RandomCropResize"),
                 strength="smallest and largest share of the area", steady=True),
    Augmentation("random_crop", GEOMETRY, ("RandomCrop", "crop"), strength="padding in px", steady=True),
    Augmentation("random_rotation", GEOMETRY,
                 ("RandomRotation", "Rotate", "rotation", "RandomRotate", "SafeRotate", "rotation_range"),
                 strength="degrees"),
    Augmentation("random_affine", GEOMETRY,
                 ("RandomAffine", "Affine", "ShiftScaleRotate", "zoom", "shear", "width_shift", "height_shift",
                  "RandomZoom", "RandomTranslation", "RandomShear", "RandomWidth", "RandomHeight"),
                 strength="degrees"),
    Augmentation("random_rotate90", GEOMETRY, ("RandomRotate90", "Transpose", "rot90", "D4", "SquareSymmetry")),
    Augmentation("random_perspective", GEOMETRY, ("RandomPerspective", "Perspective"), strength="distortion"),
    Augmentation("elastic_transform", GEOMETRY,
                 ("ElasticTransform", "GridDistortion", "OpticalDistortion", "RandomElasticTransform")),
    Augmentation("scale_jitter", GEOMETRY, ("ScaleJitter", "RandomScale", "RandomShortestSize", "RandomZoomOut")),
    Augmentation("color_jitter", COLOUR,
                 ("ColorJitter", "ColourJitter", "jitter", "RandomColorJitter", "RandomPhotometricDistort",
                  "brightness", "RandomBrightness", "RandomContrast", "RandomBrightnessContrast", "random_saturation",
                  "random_hue", "HueSaturationValue", "RGBShift", "RandomGamma", "channel_shift", "Lighting"),
                 strength="brightness, contrast, saturation, hue"),
    Augmentation("random_grayscale", COLOUR, ("RandomGrayscale", "ToGray"), strength="probability"),
    Augmentation("random_equalize", COLOUR,
                 ("RandomEqualize", "Equalize", "CLAHE", "RandomAutocontrast", "RandomInvert", "RandomPosterize",
                  "RandomSolarize", "Solarize", "Posterize", "RandomAdjustSharpness", "RandomSharpness", "Sharpen",
                  "RandomColorDegeneration", "ChannelShuffle", "RandomChannelPermutation")),
    Augmentation("gaussian_blur", BLUR,
                 ("GaussianBlur", "RandomGaussianBlur", "MotionBlur", "MedianBlur", "Blur", "Defocus"),
                 strength="kernel in px"),
    Augmentation("gaussian_noise", BLUR, ("GaussNoise", "GaussianNoise", "ISONoise", "RandomGaussianNoise")),
    Augmentation("random_erasing", ERASE,
                 ("RandomErasing", "Cutout", "CoarseDropout", "GridDropout", "RandomCutout", "GridMask"),
                 strength="probability"),
    Augmentation("auto_augment", POLICY, ("AutoAugment", "CIFAR10Policy", "ImageNetPolicy", "SVHNPolicy")),
    Augmentation("rand_augment", POLICY, ("RandAugment",), strength="operations and magnitude"),
    Augmentation("trivial_augment", POLICY, ("TrivialAugmentWide", "TrivialAugment")),
    Augmentation("aug_mix", POLICY, ("AugMix",)),
    Augmentation("mixup", MIX, ("MixUp", "Mixup", "RandomMixUp", "FastCollateMixup"), strength="alpha"),
    Augmentation("cutmix", MIX, ("CutMix", "RandomCutMix"), strength="alpha"),
)  # fmt: skip

BY_KEY = index(AUGMENTATIONS)
# Classes as programs write them whose names do not say by "Random" that they draw.
RANDOM = frozenset(
    name for one in AUGMENTATIONS for name in one.names if name[:1].isupper() and not name.startswith("Random")
)
# Makers of a choice among transforms.
CHOICES = ("RandomApply", "RandomChoice", "RandomOrder", "OneOf", "SomeOf")

# Steps that do the same to an image every time: those that set its size, make a tensor of it, or scale its pixels.
RESIZE = ("Resize", "RandomResizedCrop", "CenterCrop", "RandomCrop", "RandomSizedCrop",
          "RandomResizedCropAndInterpolation", "Scale", "FiveCrop", "TenCrop", "SmallestMaxSize", "LongestMaxSize",
          "PadIfNeeded", "ScaleJitter")  # fmt: skip
TO_TENSOR = ("ToTensor", "PILToTensor", "ToImage", "ToImageTensor", "ToTensorV2", "ToPureTensor", "pil_to_tensor",
             "to_tensor")  # fmt: skip
SCALES_TO_UNIT = ("ToTensor", "ConvertImageDtype", "ConvertDtype", "to_tensor", "ToFloat")
DETERMINISTIC = frozenset((
    "resize", "center_crop", "centercrop", "to_tensor", "totensor", "to_dtype", "normalize", "rescale", "resizing",
    "pil_to_tensor", "to_image", "convert_image_dtype", "grayscale", "pad",
))  # fmt: skip


def find(name: str) -> Augmentation | None:
    """The augmentation of that name; None for one that is not in the catalogue."""
    return BY_KEY.get(key(name))


def named(name: str) -> str:
    """The catalogue's name of an augmentation; the given name where it isn't in the catalogue."""
    entry = find(name)
    return entry.name if entry else name


def draws(name: str) -> bool:
    """Whether a transform of that class draws at random, as far as its name says."""
    return name.startswith("Random") or name in RANDOM or name in CHOICES


def steady(name: str) -> bool:
    """Whether a reference recipe has the augmentation for any photographs; False where it is not in the catalogue."""
    entry = find(name)
    return entry is not None and entry.steady


def mixes(name: str) -> bool:
    """Whether the augmentation makes one image and label of several; False where it is not in the catalogue."""
    entry = find(name)
    return entry is not None and entry.kind is Kind.MIX


def mirrors(name: str) -> tuple[str, str] | None:
    """The two words of class names that the augmentation turns into each other, such as left and right.

    None where it swaps no words or is not in the catalogue.
    """
    entry = find(name)
    return entry.swaps if entry else None
