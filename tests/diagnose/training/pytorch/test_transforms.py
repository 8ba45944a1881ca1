"""Transforms step by step: an own one that computes or draws is seen, and one that is not read hides nothing seen."""

import pytest
from small_programs import found, reading, said, training, why

TENSOR = "T.ToTensor()"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read(tmp_path, steps, top=""):
    return reading(tmp_path, training(top="torch.manual_seed(0)\n" + top, train_tf=f"T.Compose([{steps}])"))


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        ("T.Resize(256), T.CenterCrop(224), T.ToTensor()", ()),
        ("T.RandomCrop(32, padding=4), T.ToTensor(), T.RandomErasing()", ("random_crop", "random_erasing")),
        ("T.RandomApply([T.ColorJitter(0.1)], p=0.5), T.ToTensor()", ("color_jitter",)),
        ("T.RandomChoice([T.RandomRotation(9), T.RandomCrop(9)])", ("random_rotation", "random_crop")),
        ("T.RandomApply(load())", ("random_apply",)),
        ("T.RandAugment(), T.Compose([T.ToTensor()])", ("rand_augment",)),
    ],
)  # fmt: skip
def test_what_torchvisions_steps_draw(tmp_path, steps, names):
    assert said(read(tmp_path, steps), "train_augmentations") == names


@pytest.mark.parametrize(
    ("steps", "scaling"),
    [
        ("T.Resize(224)", ()),
        ("T.ToTensor()", ("1/255",)),
        ("T.PILToTensor()", ()),
        ("T.v2.ToImage(), T.v2.ToDtype(torch.float32, scale=True)", ("1/255",)),
        ("T.v2.ToImage(), T.v2.ToDtype(torch.float32)", ()),
        ("T.PILToTensor(), T.ConvertImageDtype(torch.float32)", ("1/255",)),
        ("T.PILToTensor(), T.Lambda(lambda t: t.float() / 255.0)", ("1/255",)),
        ("T.PILToTensor(), T.Lambda(lambda t: t.float().div(255))", ("1/255",)),
    ],
)
def test_what_scales_the_pixels(tmp_path, steps, scaling):
    assert said(read(tmp_path, steps), "scaling") == scaling


def test_an_own_transform_that_computes_is_normalisation(tmp_path):
    own = "class Unit:\n    def __call__(self, image):\n        return (image - 0.5) / 0.5"
    read_ = read(tmp_path, f"{TENSOR}, Unit()", own)
    assert (said(read_, "mean"), said(read_, "std")) == ((0.5,) * 3, (0.5,) * 3)


def test_an_own_transform_with_numbers_for_each_channel_is_normalisation(tmp_path):
    own = ("class Unit:\n    def __init__(self, mean, std):\n"
           "        self.mean = torch.tensor(mean)\n        self.std = torch.tensor(std)\n"
           "    def __call__(self, image):\n"
           "        return image.sub(self.mean[:, None, None]).div(self.std[:, None, None])")  # fmt: skip
    read_ = read(tmp_path, f"{TENSOR}, Unit({list(MEAN)}, {list(STD)})", own)
    assert (said(read_, "mean"), said(read_, "std")) in ((MEAN, STD), ("?", "?"))
    assert not found(read_, "N203")


def test_an_own_transform_that_computes_in_place_leaves_normalisation_unknown(tmp_path):
    for body in ("image[0] = image.max()", "image[0] = (image[0] - 0.485) / 0.229"):
        own = f"class Unit:\n    def __call__(self, image):\n        {body}\n        return image"
        read_ = read(tmp_path, f"{TENSOR}, Unit()", own)
        assert "in place" in why(read_, "mean")
        assert said(read_, "scaling") == ("1/255",)


@pytest.mark.parametrize(
    "body",
    [
        "return image.flip(-1) if random.random() < 0.5 else image",
        "return image + 0.1 * torch.randn_like(image)",
        "return image + np.random.normal(size=3)",
        "return image + self.draw.normal(size=3)",
        "return image + torch.empty_like(image).normal_()",
        "return cv2.flip(image, 1)",
    ],
)
def test_an_own_transform_that_draws_is_an_augmentation_or_unknown(tmp_path, body):
    own = ("import random, cv2\nimport numpy as np\nclass Noise:\n    def __init__(self):\n"
           f"        self.draw = np.random.default_rng(0)\n    def __call__(self, image):\n        {body}")  # fmt: skip
    setting = said(read(tmp_path, f"{TENSOR}, Noise()", own), "train_augmentations")
    assert setting in (("noise",), "?")


def test_an_own_transform_is_random_by_its_name(tmp_path):
    own = "class RandomPatch:\n    def __call__(self, image):\n        return image"
    assert said(read(tmp_path, f"RandomPatch(), {TENSOR}", own), "train_augmentations") == ("random_patch",)


def test_an_own_transform_that_holds_a_librarys_is_that(tmp_path):
    own = "class Two:\n    def __init__(self, inner):\n        self.inner = inner\n    def __call__(self, image):\n" + (
        "        return self.inner(image), self.inner(image)"
    )
    read_ = read(tmp_path, f"Two(T.RandomHorizontalFlip()), {TENSOR}", own)
    assert said(read_, "train_augmentations") == ("random_horizontal_flip",)


def test_one_unread_transform_does_not_hide_what_was_seen(tmp_path):
    read_ = read(tmp_path, f"Crop(), T.RandomHorizontalFlip(), {TENSOR}, norm", "from elsewhere import Crop")
    assert said(read_, "mean") == MEAN
    assert said(read_, "scaling") == ("1/255",)
    assert "elsewhere.Crop" in why(read_, "train_augmentations")


def test_one_unread_transform_leaves_what_was_not_seen_unknown(tmp_path):
    read_ = read(tmp_path, f"{TENSOR}, Prepare()", "from elsewhere import Prepare")
    assert said(read_, "mean") == "?"
    assert not found(read_, "N203")


@pytest.mark.parametrize(
    ("whole", "top"),
    [
        ("transforms_for(True)", "from elsewhere import transforms_for"),
        ("T.Compose([T.ToTensor(), norm]) if torch.rand(1) > 0.5 else T.Compose([T.ToTensor()])", ""),
        ("T.Compose([*more, T.Resize(9)])", "import json\nmore = json.load(open('x'))"),
        ("T.Compose(json.load(open('x')))", "import json"),
    ],
)
def test_transforms_that_are_chosen_at_run_time_are_unknown(tmp_path, whole, top):
    read_ = reading(tmp_path, training(top=top, train_tf=whole))
    assert said(read_, "mean") == said(read_, "train_augmentations") == "?"
    assert not found(read_, "N203")


def test_a_weights_own_transforms_normalise(tmp_path):
    read_ = reading(tmp_path, training(train_tf="models.ResNet50_Weights.DEFAULT.transforms()"))
    assert (said(read_, "mean"), said(read_, "std"), said(read_, "input_size")) == (MEAN, STD, 224)


def test_timms_transform_has_its_defaults(tmp_path):
    made = "create_transform(192, is_training={})"
    readings = [
        reading(tmp_path, training(top="from timm.data import create_transform", train_tf=made.format(flag)))
        for flag in (True, False)
    ]
    assert [said(one, "input_size") for one in readings] == [192, 192]
    assert [said(one, "mean") for one in readings] == [MEAN, MEAN]
    assert [bool(said(one, "train_augmentations")) for one in readings] == [True, False]


@pytest.mark.parametrize(
    ("steps", "mean", "augmentations"),
    [
        ("A.Resize(8, 8), A.Normalize(), ToTensorV2()", MEAN, ()),
        ("A.HorizontalFlip(), A.Normalize(mean=(0.5,) * 3, std=(0.5,) * 3)", (0.5,) * 3, ("horizontal_flip",)),
        ("A.Posterize(), A.CenterCrop(9, 9)", (), ("posterize",)),
    ],
)
def test_albumentations_steps(tmp_path, steps, mean, augmentations):
    read_ = reading(tmp_path, training(
        top="import albumentations as A\nfrom albumentations.pytorch import ToTensorV2\nfrom PIL import Image\n"
        "class Pictures(torch.utils.data.Dataset):\n    def __init__(self, tf):\n        self.tf = tf\n"
        "    def __getitem__(self, i):\n        return self.tf(image=Image.open('x'))['image'], 0",
        train_tf=f"A.Compose([{steps}])", train_data="Pictures(train_tf)"))  # fmt: skip
    assert (said(read_, "mean"), said(read_, "train_augmentations")) == (mean, augmentations)


def test_numbers_that_are_computed_when_it_runs_are_unknown(tmp_path):
    read_ = read(tmp_path, f"{TENSOR}, T.Normalize(*torch.load('stats'))")
    assert said(read_, "mean") == said(read_, "std") == "?"


@pytest.mark.parametrize(
    ("resize", "size"),
    [("T.Resize((64, 80))", 64), ("T.Resize(64)", 64), ("T.Resize(size=64)", 64), ("T.Resize(int(input()))", "?"),
     ("T.Resize(256), T.RandomCrop(224)", 224)],
)  # fmt: skip
def test_the_input_size_is_that_of_the_last_step_that_sets_it(tmp_path, resize, size):
    assert said(read(tmp_path, f"{resize}, {TENSOR}"), "input_size") == size


def test_a_function_as_a_transform_is_read(tmp_path):
    function = (
        "def prepare(image):\n    image = T.functional.to_tensor(image)\n"
        "    return T.functional.normalize(image, {}, {})"
    )
    read_ = reading(tmp_path, training(top=function.format(list(MEAN), list(STD)), train_tf="T.Compose([prepare])"))
    assert (said(read_, "mean"), said(read_, "scaling")) == (MEAN, ("1/255",))
