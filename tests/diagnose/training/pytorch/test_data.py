"""Loaders, datasets and the images' way through them."""

import pytest
from small_programs import found, judged, reading, said, training, why

from diagnose.model import Severity

MEAN = (0.485, 0.456, 0.406)
FOLDER = "datasets.ImageFolder('t', train_tf)"


def read(tmp_path, data=FOLDER, loader="DataLoader(train_data, batch_size=8)", top="", **parts):
    top = "torch.manual_seed(0)\n" + top
    return reading(tmp_path, training(top=top, train_data=data, train_loader=loader, **parts))


@pytest.mark.parametrize(
    ("loader", "batch", "shuffle"),
    [
        ("DataLoader(train_data)", 1, False),
        ("DataLoader(train_data, 16, True)", 16, True),
        ("DataLoader(train_data, batch_size=16, sampler=torch.utils.data.SequentialSampler(train_data))", 16, False),
        ("DataLoader(train_data, 16, sampler=torch.utils.data.RandomSampler(train_data))", 16, True),
        ("DataLoader(train_data, 4, sampler=torch.utils.data.DistributedSampler(train_data, shuffle=False))", 4, False),
        ("DataLoader(train_data, 16, sampler=torch.load('s'))", 16, True),
        ("DataLoader(train_data, 16, shuffle=torch.load('s'))", 16, "?"),
        ("DataLoader(train_data, batch_sampler=torch.utils.data.BatchSampler("
         "torch.utils.data.SequentialSampler(train_data), 4, False))", 4, False),
        ("DataLoader(train_data, batch_sampler=elsewhere)", "?", "?"),
    ],
)  # fmt: skip
def test_what_a_loader_says(tmp_path, loader, batch, shuffle):
    read_ = read(tmp_path, loader=loader)
    assert (said(read_, "batch_size"), said(read_, "shuffle")) == (batch, shuffle)


def test_an_own_sampler_draws(tmp_path):
    own = "class Balanced(torch.utils.data.Sampler):\n    def __iter__(self):\n        return iter([1])"
    read_ = read(tmp_path, loader="DataLoader(train_data, 8, sampler=Balanced())", top=own)
    assert said(read_, "shuffle") is True


def test_a_stream_draws_by_itself_or_not(tmp_path):
    own = "class Stream(torch.utils.data.IterableDataset):\n    def __iter__(self):\n        yield 1"
    read_ = read(tmp_path, data="Stream()", top=own)
    assert said(read_, "shuffle") == "?"
    assert not found(read_, "C312")


def test_a_loader_in_a_wrapper_of_the_programs_own_is_found_but_its_order_is_not_certain(tmp_path):
    own = ("class Ahead:\n    def __init__(self, loader):\n        self.loader = loader\n"
           "    def __len__(self):\n        return 3\n")  # fmt: skip
    read_ = read(tmp_path, loader="Ahead(DataLoader(train_data, batch_size=8))", top=own)
    assert (said(read_, "batch_size"), said(read_, "shuffle")) == (8, "?")


def test_a_training_without_a_loader_knows_no_batch_size(tmp_path):
    read_ = read(tmp_path, loader="torch.load('batches')")
    assert said(read_, "batch_size") == said(read_, "shuffle") == said(read_, "mean") == "?"


@pytest.mark.parametrize(
    ("data", "severity"),
    [
        (FOLDER, Severity.ERROR),
        ("torch.utils.data.random_split(datasets.ImageFolder('t', train_tf), [80, 20])[0]", Severity.WARNING),
        ("torch.utils.data.Subset(datasets.ImageFolder('t', train_tf), torch.randperm(90))", Severity.WARNING),
        ("datasets.CIFAR10('t', True, train_tf)", Severity.WARNING),
        ("Mine('t', train_tf)", Severity.ERROR),
        ("Picked('t', train_tf)", Severity.WARNING),
    ],
    ids=["folder", "split", "subset", "public", "derived", "derived with own items"],
)
def test_only_a_folder_as_a_whole_is_class_by_class(tmp_path, data, severity):
    own = "class Mine(datasets.ImageFolder):\n    pass\nclass Picked(datasets.ImageFolder):\n" + (
        "    def __getitem__(self, i):\n        return super().__getitem__(self.order[i])"
    )
    (finding,) = judged(read(tmp_path, data, top=own), "C312")[1]
    assert finding.severity is severity


@pytest.mark.parametrize(
    "change", ["import random\nrandom.shuffle(train_data.samples)", "train_data.samples.sort(key=str)"]
)
def test_a_folder_whose_list_the_program_changes_is_not_class_by_class(tmp_path, change):
    assert read(tmp_path, before=change).program.class_by_class is None


OWN = """
from PIL import Image
class Pictures(torch.utils.data.Dataset):
    def __init__(self, tf=None):
        self.tf = tf
    def __len__(self):
        return 9
    def __getitem__(self, i):
        {body}
"""


@pytest.mark.parametrize(
    ("body", "mean"),
    [
        ("return self.tf(Image.open('x')), 0", MEAN),
        ("return {'image': self.tf(Image.open('x')), 'label': 0}", MEAN),
        ("x = T.functional.to_tensor(Image.open('x'))\n        return (x - 0.5) / 0.5, 0", (0.5,) * 3),
        ("x = self.tf(Image.open('x'))\n        x.sub_(x.mean())\n        return x, 0", MEAN),
        ("return elsewhere.load(i), 0", "?"),
    ],
)
def test_an_own_datasets_item_is_read(tmp_path, body, mean):
    read_ = read(tmp_path, "Pictures(train_tf)", top="import elsewhere\n" + OWN.format(body=body))
    assert said(read_, "mean") == mean
    assert not found(read_, "N203")


def test_an_own_datasets_arithmetic_in_place_is_read(tmp_path):
    body = "x = T.functional.to_tensor(Image.open('x'))\n        x.sub_(0.5).div_(0.5)\n        return x / 1, 0"
    read_ = read(tmp_path, "Pictures()", top=OWN.format(body=body))
    assert said(read_, "mean") == (0.5,) * 3


def test_an_own_dataset_that_draws_may_augment(tmp_path):
    body = "x = self.tf(Image.open('x'))\n        return (x.flip(-1) if torch.rand(1) > 0.5 else x), 0"
    read_ = read(tmp_path, "Pictures(val_tf)", top=OWN.format(body=body))
    assert "draws at random" in why(read_, "train_augmentations")


def test_an_own_dataset_around_another_has_its_way(tmp_path):
    own = OWN.format(body="return self.tf[i]")
    assert said(read(tmp_path, f"Pictures({FOLDER})", top=own), "mean") == MEAN


@pytest.mark.parametrize(
    ("body", "mean", "augmentations"),
    [
        ("return torch.utils.data.default_collate(batch)", (), ()),
        ("x, y = torch.utils.data.default_collate(batch)\n    return (x - 0.5) / 0.5, y", (0.5,) * 3, ()),
        ("x, y = torch.utils.data.default_collate(batch)\n    return {'x': (x - 0.5) / 0.5, 'y': y}", (0.5,) * 3, ()),
        ("return mix(*torch.utils.data.default_collate(batch))", (), ("cut_mix",)),
        ("return elsewhere.pad(batch)", "?", "?"),
    ],
    ids=["plain", "arithmetic", "table", "mixed", "unread"],
)
def test_the_function_that_makes_batches_is_followed(tmp_path, body, mean, augmentations):
    top = f"import elsewhere\nmix = T.v2.CutMix(num_classes=10)\ndef collate(batch):\n    {body}"
    read_ = read(tmp_path, loader="DataLoader(train_data, 8, True, collate_fn=collate)", top=top,
                 train_tf="T.Compose([T.Resize(9), T.ToTensor()])")  # fmt: skip
    assert (said(read_, "mean"), said(read_, "train_augmentations")) == (mean, augmentations)


@pytest.mark.parametrize(
    ("batch", "augmentations"),
    [
        ("x = flips(x)", ("random_horizontal_flip",)),
        ("x = x.flip(-1)", "?"),
        ("share = torch.rand(1)\nx = share * x + (1 - share) * x.flip(0)", "?"),
        ("x = x + 0.1 * torch.randn_like(x)", "?"),
        ("x = x.contiguous()", ()),
    ],
)
def test_what_the_loop_does_to_its_batches_is_seen(tmp_path, batch, augmentations):
    top = "flips = nn.Sequential(T.RandomHorizontalFlip(), norm)" if "flips" in batch else ""
    steps = "T.Compose([T.Resize(9), T.ToTensor()])"
    read_ = read(tmp_path, train_tf=steps, batch=batch, before=top)
    assert said(read_, "train_augmentations") == augmentations
    if top:
        assert said(read_, "mean") == MEAN


@pytest.mark.parametrize(
    ("data", "size"),
    [("datasets.CIFAR10('t')", 32), ("datasets.MNIST('t', transform=T.ToTensor())", 28),
     ("datasets.FakeData(9, (3, 64, 64), 10)", 64), ("datasets.ImageFolder('t', T.ToTensor())", "?")],
)  # fmt: skip
def test_a_public_datasets_size_is_the_input_size_where_no_step_sets_one(tmp_path, data, size):
    assert said(read(tmp_path, data), "input_size") == size


def test_a_transform_that_is_set_later_counts(tmp_path):
    read_ = read(tmp_path, "datasets.ImageFolder('t')", before="train_data.transform = val_tf")
    assert said(read_, "input_size") == 224


def test_timms_loader_makes_its_transforms(tmp_path):
    loader = "create_loader(train_data, 160, 8, is_training=True, mean=(0.5,) * 3, std=(0.5,) * 3)"
    read_ = read(tmp_path, loader=loader, top="from timm.data import create_loader")
    assert (said(read_, "batch_size"), said(read_, "shuffle"), said(read_, "drop_last")) == (8, True, True)


def test_a_batch_of_examples_is_followed_into_the_function_that_transforms_it(tmp_path):
    top = ("from datasets import load_dataset\nprepare = T.Compose([T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])\n"
           "def change(batch):\n    batch['x'] = [prepare(i) for i in batch['image']]\n    return batch")  # fmt: skip
    read_ = read(tmp_path, "load_dataset('x').with_transform(change)", top=top)
    assert said(read_, "mean") == (0.5,) * 3


OF_CV2 = """
import albumentations as A, cv2
from albumentations.pytorch import ToTensorV2
class Photos(torch.utils.data.Dataset):
    def __init__(self, rows, transform): self.rows, self.transform = rows, transform
    def __getitem__(self, i):
        image = cv2.cvtColor(cv2.imread(self.rows[i]), cv2.COLOR_BGR2RGB)
        return self.transform(image=image)["image"], 0
plain = A.Compose([A.Resize(224, 224), A.Normalize(), ToTensorV2()])
other = {other}
"""


@pytest.mark.parametrize(
    ("other", "scaling", "augmentations"),
    [
        ("plain", ("1/255",), ()),
        ("A.Compose([A.HorizontalFlip(), A.Resize(224, 224), A.Normalize(), ToTensorV2()])", ("1/255",), "?"),
        ("A.Compose([A.Resize(224, 224), A.Normalize((0.5,) * 3, (0.5,) * 3), ToTensorV2()])", ("1/255",), "?"),
    ],
)
def test_one_of_two_transforms_is_not_both(tmp_path, other, scaling, augmentations):
    data = "Photos([], other if torch.load('flag') else plain)"
    read_ = read(tmp_path, data, top=OF_CV2.format(other=other))
    assert (said(read_, "scaling"), said(read_, "train_augmentations")) == (scaling, augmentations)
    assert not found(read_, "N202")


def test_a_resize_to_a_size_that_is_not_known_makes_the_size_unknown(tmp_path):
    read_ = read(tmp_path, "datasets.CIFAR10('d', transform=T.Compose([T.Resize(torch.load('side')), T.ToTensor()]))")
    assert said(read_, "input_size") == "?"
