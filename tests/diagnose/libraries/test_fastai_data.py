"""fastai's data: loaders, blocks and transforms as torch's, by what a training on them says."""

import pytest
from small_programs import found, reading, said

SCALED = ("1/255",)
IMAGENET = (0.485, 0.456, 0.406)


def trained(tmp_path, data, head="from fastai.vision.all import *\n", learner="Learner(dls, models.resnet18())"):
    return reading(tmp_path, f"{head}{data}\nlearn = {learner}\nlearn.fit(2)\n")


@pytest.mark.parametrize(
    ("made", "size", "train", "val"),
    [
        ("from_folder('d', item_tfms=Resize(128))", 128, (), ()),
        ("from_folder('d', item_tfms=[Resize(128, method='squish'), ToTensor])", 128, (), ()),
        ("from_csv('d', item_tfms=RandomResizedCrop(96, min_scale=0.5))", 96, ("random_resized_crop",), ()),
        ("from_df(df, item_tfms=RandomCrop(64), batch_tfms=[Flip(), RandomErasing()])", 64,
         ("random_crop", "random_horizontal_flip", "random_erasing"), ()),
        ("from_name_re('d', f, r'x', item_tfms=Resize(64), batch_tfms=aug_transforms(max_rotate=0, max_zoom=0,"
         " max_warp=0, max_lighting=0, do_flip=False, size=32))", 32, (), ()),
        ("from_lists('d', f, y, item_tfms=Resize(64), batch_tfms=aug_transforms(max_zoom=0, max_warp=0, flip_vert=True,"
         " max_lighting=None, xtra_tfms=[Saturation()]))", 64,
         ("random_horizontal_flip", "random_vertical_flip", "random_rotation", "color_jitter"), ()),
    ],
)  # fmt: skip
def test_transforms_of_the_two_sides(tmp_path, made, size, train, val):
    read = trained(tmp_path, f"dls = ImageDataLoaders.{made}")
    assert (said(read, "input_size"), said(read, "val_input_size")) == (size, size)
    assert (said(read, "train_augmentations"), said(read, "val_augmentations")) == (train, val)
    assert (said(read, "scaling"), said(read, "val_scaling"), said(read, "mean")) == (SCALED, SCALED, ())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", (64, True, True)),
        (", bs=16", (16, True, True)),
        (", bs=16, shuffle=False", (16, False, False)),
        (", drop_last=False", (64, True, False)),
        (", bs=int(open('x').read())", ("?", True, True)),
    ],
)
def test_settings_of_the_loaders(tmp_path, given, expected):
    read = trained(tmp_path, f"dls = ImageDataLoaders.from_folder('d'{given})")
    assert tuple(said(read, name) for name in ("batch_size", "shuffle", "drop_last")) == expected


@pytest.mark.parametrize(
    ("batch", "mean"),
    [
        ("Normalize.from_stats(*imagenet_stats)", IMAGENET),
        ("[Normalize.from_stats([0.5, 0.5, 0.5], [0.2, 0.2, 0.2]), Flip()]", (0.5, 0.5, 0.5)),
        ("Normalize()", "?"),
        ("Normalize.from_stats(*cifar_stats)", (0.491, 0.482, 0.447)),
        ("None", ()),
    ],
)
def test_normalisation_is_last(tmp_path, batch, mean):
    read = trained(tmp_path, f"dls = ImageDataLoaders.from_folder('d', batch_tfms={batch})")
    assert (said(read, "mean"), said(read, "val_mean")) == (mean, mean)
    assert not found(read, "N210")


BLOCK = "b = DataBlock(blocks=({}), get_items=get_image_files, get_y=parent_label, item_tfms=Resize(460))\n"


@pytest.mark.parametrize(
    ("blocks", "loss"),
    [("ImageBlock, CategoryBlock", "cross_entropy"), ("ImageBlock(cls=PILImageBW), CategoryBlock()", "cross_entropy"),
     ("ImageBlock, MultiCategoryBlock", "bce_with_logits"), ("ImageBlock, RegressionBlock", "mse"),
     ("ImageBlock, some.Block()", "?")],
)  # fmt: skip
def test_blocks_say_the_loss(tmp_path, blocks, loss):
    read = trained(tmp_path, BLOCK.format(blocks) + "dls = b.dataloaders('d', bs=8)")
    assert (said(read, "loss"), said(read, "batch_size")) == (loss, 8)


@pytest.mark.parametrize(
    "made",
    [
        "b.new(item_tfms=RandomResizedCrop(224), batch_tfms=aug_transforms()).dataloaders('d')",
        "DataBlock.from_columns(blocks=(ImageBlock, CategoryBlock), item_tfms=RandomResizedCrop(224)).dataloaders('d')",
        "ImageDataLoaders.from_dblock(b.new(item_tfms=RandomResizedCrop(224)), 'd')",
    ],
)
def test_a_block_with_other_transforms(tmp_path, made):
    read = trained(tmp_path, BLOCK.format("ImageBlock, CategoryBlock") + f"dls = {made}")
    assert said(read, "input_size") == 224
    assert "random_resized_crop" in said(read, "train_augmentations")


TORCH = """
from torchvision import datasets, transforms as T
tt = T.Compose([T.RandomResizedCrop(224), T.ToTensor()])
tv = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor()])
train, valid = datasets.ImageFolder("a", tt), datasets.ImageFolder("b", tv)
"""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("DataLoaders(torch.utils.data.DataLoader(train, 8), torch.utils.data.DataLoader(valid, 8))", (8, False, ())),
        ("DataLoaders(DataLoader(train, bs=8, shuffle=True), DataLoader(valid, 8))", (8, True, ())),
        ("DataLoaders.from_dsets(train, valid, bs=8)", (8, True, ())),
        ("DataLoaders.from_dsets(train, valid, bs=8, after_batch=[Normalize.from_stats(*imagenet_stats)])",
         (8, True, IMAGENET)),
        ("DataBunch.create(train, valid, bs=8)", (8, True, ())),
    ],
)  # fmt: skip
def test_datasets_and_loaders_of_torch(tmp_path, made, expected):
    read = trained(tmp_path, f"{TORCH}dls = {made}")
    assert tuple(said(read, name) for name in ("batch_size", "shuffle", "mean")) == expected
    assert said(read, "train_augmentations") == ("random_resized_crop",)
    assert said(read, "val_augmentations") == ()


def test_a_learner_normalises_datasets_of_torch_too(tmp_path):
    data = f"{TORCH}dls = DataLoaders.from_dsets(train, valid, bs=8)"
    read = trained(tmp_path, data, learner="vision_learner(dls, resnet18, n_out=3, loss_func=nn.CrossEntropyLoss())")
    assert (said(read, "mean"), said(read, "val_mean")) == (IMAGENET, IMAGENET)


def test_transforms_of_torch_are_of_both_sides(tmp_path):
    data = f"{TORCH}dls = ImageDataLoaders.from_folder('d', item_tfms=Resize(64), batch_tfms=T.RandomVerticalFlip())"
    read = trained(tmp_path, data)
    assert said(read, "val_augmentations") == ("random_vertical_flip",)
    assert found(read, "N209")


OWN = """
class Noise({}):
    {}
    def encodes(self, x: TensorImage):
        return x
"""


@pytest.mark.parametrize(
    ("base", "body", "known"),
    [
        ("RandTransform", "order = 2", True),
        ("Transform", "split_idx, order = 0, 2", True),
        ("Transform", "order = 2", False),
    ],
)
def test_transforms_of_the_programs_own(tmp_path, base, body, known):
    data = OWN.format(base, body) + "dls = ImageDataLoaders.from_folder('d', item_tfms=Resize(64), batch_tfms=Noise())"
    read = trained(tmp_path, data)
    assert (said(read, "val_augmentations") == ()) is known


@pytest.mark.parametrize(
    ("after", "scaling"),
    [
        ("[IntToFloatTensor(), Normalize.from_stats(*imagenet_stats)]", SCALED),
        ("IntToFloatTensor", SCALED),
        ("[Flip()]", ()),
    ],
)
def test_the_middle_layer_says_each_step(tmp_path, after, scaling):
    data = "d = Datasets(f, [[PILImage.create], [parent_label, Categorize]], splits=s)\n"
    data += f"dls = d.dataloaders(bs=8, after_item=[ToTensor(), Resize(64)], after_batch={after})"
    read = trained(tmp_path, data)
    assert tuple(said(read, name) for name in ("scaling", "input_size", "loss")) == (scaling, 64, "cross_entropy")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("ImageDataBunch.from_folder('d', ds_tfms=get_transforms(do_flip=False), size=64, bs=8)", (64, 8, ())),
        ("ImageDataBunch.from_csv('d', size=64).normalize(imagenet_stats)", (64, 64, IMAGENET)),
        ("ImageDataBunch.from_df('d', df, size=64).normalize()", (64, 64, "?")),
        ("ImageList.from_folder('d').split_none().label_from_folder().transform(get_transforms(), 64).databunch(bs=4)",
         (64, 4, ())),
    ],
)  # fmt: skip
def test_fastai_1(tmp_path, made, expected):
    read = trained(tmp_path, f"dls = {made}", "from fastai.vision import *\n")
    assert tuple(said(read, name) for name in ("input_size", "batch_size", "mean")) == expected
    assert (said(read, "scaling"), said(read, "val_augmentations")) == (SCALED, ())


@pytest.mark.parametrize(
    "head",
    [
        "from fastbook import *\n",
        "from fastai.vision.all import *\nfrom fastcore.all import *\nfrom tqdm import *\n",
        "from fastai.vision.data import ImageDataLoaders\nfrom fastai.vision.augment import Resize\n"
        "from fastai.learner import Learner\nfrom fastai.vision import models\n",
        "from fastai2.vision.all import *\n",
    ],
)
def test_where_the_names_come_from(tmp_path, head):
    read = trained(tmp_path, "dls = ImageDataLoaders.from_folder('d', item_tfms=Resize(128))", head)
    assert tuple(said(read, name) for name in ("model", "input_size", "epochs")) == ("resnet18", 128, 2)
