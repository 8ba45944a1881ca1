"""fastai's learners and fits, in sound and faulty programs of several styles."""

import pytest
from small_programs import found, reading, said, why

from diagnose.model import InputError, ParameterGroups

HEAD = "from fastai.vision.all import *\nset_seed(42)\n"
FOLDER = (
    HEAD
    + """
dls = ImageDataLoaders.from_folder("data", valid_pct=0.2, item_tfms=Resize(224), batch_tfms=aug_transforms())
"""
)
FINE_TUNE = (
    FOLDER
    + """
learn = vision_learner(dls, resnet34, metrics=error_rate)
learn.fine_tune(4)
"""
)
BLOCK = (
    HEAD
    + """
block = DataBlock(blocks=(ImageBlock, CategoryBlock), get_items=get_image_files, get_y=parent_label,
                  splitter=RandomSplitter(valid_pct=0.2, seed=42), item_tfms=Resize(460),
                  batch_tfms=[*aug_transforms(size=224, min_scale=0.75), Normalize.from_stats(*imagenet_stats)])
dls = block.dataloaders("data", bs=64)
learn = cnn_learner(dls, models.resnet34, metrics=accuracy, loss_func=CrossEntropyLossFlat()).to_fp16()
learn.fit_one_cycle(4, 3e-3)
"""
)
MODULES = """
import fastai.vision.all as fv
class Job:
    def __init__(self, epochs=4):
        fv.set_seed(42)
        self.dls = fv.ImageDataLoaders.from_name_func("data", fv.get_image_files("data"), lambda f: f[0].isupper(),
                                                      item_tfms=fv.Resize(224), batch_tfms=[fv.Flip(), fv.Rotate()])
        self.learn = fv.vision_learner(self.dls, fv.resnet34, lr=1e-3)
        self.epochs = epochs
    def run(self):
        self.learn.unfreeze()
        self.learn.fit_one_cycle(self.epochs, slice(1e-6, 1e-4))
Job().run()
"""
OLDER = """
from fastai.vision import *
from fastai.metrics import error_rate
np.random.seed(42)
data = (ImageList.from_folder("data").split_by_rand_pct(0.2).label_from_folder()
        .transform(get_transforms(), size=224).databunch(bs=64).normalize(imagenet_stats))
learn = cnn_learner(data, models.resnet34, metrics=error_rate)
learn.fit_one_cycle(4)
"""
OWN = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU())
        self.head = nn.Linear(16, classes)
    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))
dls = ImageDataLoaders.from_folder("data", train="train", valid="val", item_tfms=Resize(224), batch_tfms=aug_transforms())
learn = Learner(dls, Net(10), metrics=accuracy)
learn.fit(4, lr=1e-3)
"""
)
STYLES = [FINE_TUNE, BLOCK, MODULES, OLDER, OWN]
FAULTS = ("C303", "C306", "C307", "C310", "C311", "C312", "C313", "C314", "C319", "C320", "C322", "C325", "N201", "N203",
          "N208", "N209", "N210")  # fmt: skip


@pytest.mark.parametrize("text", STYLES)
def test_a_sound_program_in_its_usual_styles(tmp_path, text):
    read = reading(tmp_path, text)
    fields = ("epochs", "batch_size", "shuffle", "drop_last", "optimizer", "weight_decay", "loss", "input_size", "seed",
              "val_input_size", "scaling", "val_augmentations", "output_activation")  # fmt: skip
    assert tuple(said(read, name) for name in fields) == (
        4, 64, True, True, "adamw", 0.01, "cross_entropy", 224, 42, 224, ("1/255",), (), "none")  # fmt: skip
    assert "random_horizontal_flip" in said(read, "train_augmentations")
    assert said(read, "mean") == said(read, "val_mean") == (() if text is OWN else (0.485, 0.456, 0.406))
    assert (read.program.managed_by, read.program.validates, read.program.unfollowed) == ("fastai", True, ())
    assert [code for code in FAULTS if found(read, code)] == []


@pytest.mark.parametrize(
    ("text", "before", "after", "code"),
    [
        (OWN, "return self.head(self.body(x).mean((2, 3)))", "return self.head(self.body(x)).softmax(1)", "C307"),
        (OWN, "nn.Linear(16, classes)", "nn.Sequential(nn.Linear(16, classes), nn.Softmax(1))", "C307"),
        (FINE_TUNE, "resnet34,", "resnet34, normalize=False,", "N203"),
        (OLDER, ".normalize(imagenet_stats)", "", "N203"),
        (FINE_TUNE, "resnet34,", "models.efficientnet_b0,", "N203"),
        (FINE_TUNE, "valid_pct=0.2,", "valid_pct=0.2, shuffle=False,", "C312"),
        (OWN, "nn.Linear(16, classes)", "nn.Linear(16, classes)\n        for p in self.head.parameters():\n"
         "            p.requires_grad = False", "C325"),
    ],
)  # fmt: skip
def test_a_fault_is_found(tmp_path, text, before, after, code):
    assert before in text
    assert found(reading(tmp_path, text.replace(before, after)), code)


def fitted(tmp_path, *lines, learner="vision_learner(dls, resnet34)"):
    return reading(tmp_path, FOLDER + f"learn = {learner}\n" + "\n".join(lines))


@pytest.mark.parametrize(
    ("lines", "rate", "frozen", "schedule"),
    [
        (["learn.fit(2)"], 1e-3, ("backbone",), "constant"),
        (["learn.fit(2, 0.1)"], 0.1, ("backbone",), "constant"),
        (["learn.fit_one_cycle(2, lr_max=1e-2)"], 1e-2, ("backbone",), "onecycle"),
        (["learn.fit_one_cycle(2, slice(1e-2))"], 1e-2, ("backbone",), "onecycle"),
        (["learn.unfreeze()", "learn.fit_one_cycle(2, 1e-5)"], 1e-5, (), "onecycle"),
        (["learn.unfreeze()", "learn.fit_one_cycle(2, slice(1e-6, 1e-4))"], "?", (), "onecycle"),
        (["learn.unfreeze()", "learn.fit_one_cycle(2, [1e-6, 1e-5, 1e-4])"], "?", (), "onecycle"),
        (["learn.freeze_to(0)", "learn.freeze()", "learn.fit_flat_cos(2, 1e-3)"], 1e-3, ("backbone",), "cosine"),
        (["learn.freeze_to(-2)", "learn.fit_one_cycle(2, 1e-3)"], 1e-3, "?", "onecycle"),
        (["learn.fit_one_cycle(2, learn.lr_find().valley)"], "?", ("backbone",), "onecycle"),
        (["learn.fine_tune(2, base_lr=open('x').read())"], "?", (), "onecycle"),
        (["learn.fit_sgdr(2, 1)"], 1e-3, ("backbone",), "cosine_restarts"),
    ],
)  # fmt: skip
def test_rates_and_frozen_parts(tmp_path, lines, rate, frozen, schedule):
    read = fitted(tmp_path, *lines)
    assert tuple(said(read, name) for name in ("learning_rate", "frozen", "schedule")) == (rate, frozen, schedule)
    assert not found(read, "C314")


def test_a_fine_tune_is_its_second_part(tmp_path):
    read = fitted(tmp_path, "learn.fine_tune(6, 4e-3, freeze_epochs=2)")
    assert (said(read, "epochs"), said(read, "frozen")) == (6, ())
    assert dict(said(read, "optimizer_options")) == {"backbone_rate": pytest.approx(2e-5), "head_rate": 2e-3}
    assert "rates of their own" in why(read, "learning_rate")
    assert read.program.facts(ParameterGroups)[0].rates_differ


def test_several_fits_of_one_learner(tmp_path):
    read = fitted(tmp_path, "learn.fit_one_cycle(3)", "learn.save('one')", "learn.unfreeze()", "learn.load('one')",
                  "learn.fit_one_cycle(5, slice(1e-6, 1e-4))")  # fmt: skip
    assert "3 (line 6), then 5 (line 10)" in why(read, "epochs")
    assert said(read, "weights") == "imagenet"
    assert said(fitted(tmp_path, "learn.load('other')", "learn.fit(3)"), "weights") == "other"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ("adamw", 0.01, "?")),
        (", wd=0.1", ("adamw", 0.1, "?")),
        (", opt_func=SGD", ("sgd", 0.0, 0.0)),
        (", opt_func=RMSProp", ("rmsprop", 0.0, 0.0)),
        (", opt_func=partial(Adam, wd=0.3)", ("adamw", 0.3, "?")),
        (", opt_func=partial(Adam, decouple_wd=False)", ("adam", 0.01, "?")),
        (", opt_func=partial(OptimWrapper, opt=torch.optim.SGD)", ("sgd", 0.0, 0.0)),
        (", opt_func=lambda p, lr=None: OptimWrapper(torch.optim.RAdam(p, lr=lr))", ("radam", 0.0, "?")),
    ],
)
def test_optimizers(tmp_path, given, expected):
    read = fitted(tmp_path, "learn.fit(2)", learner=f"vision_learner(dls, resnet18{given})")
    assert tuple(said(read, name) for name in ("optimizer", "weight_decay", "momentum")) == expected


def test_the_one_cycle_schedule_moves_the_momentum(tmp_path):
    assert "one-cycle" in why(fitted(tmp_path, "learn.fit_one_cycle(2)",
                                     learner="vision_learner(dls, resnet18, opt_func=SGD)"), "momentum")  # fmt: skip


@pytest.mark.parametrize(
    ("loss", "name", "options"),
    [
        ("LabelSmoothingCrossEntropy()", "cross_entropy", {"label_smoothing": 0.1}),
        ("LabelSmoothingCrossEntropyFlat(eps=0.2)", "cross_entropy", {"label_smoothing": 0.2}),
        ("nn.CrossEntropyLoss(label_smoothing=0.05)", "cross_entropy", {"label_smoothing": 0.05}),
        ("BCEWithLogitsLossFlat()", "bce_with_logits", {}),
        ("F.cross_entropy", "cross_entropy", {}),
        ("None", "cross_entropy", {}),
    ],
)
def test_losses(tmp_path, loss, name, options):
    read = fitted(tmp_path, "learn.fit(2)", learner=f"vision_learner(dls, resnet18, loss_func={loss})")
    assert (said(read, "loss"), dict(said(read, "loss_options"))) == (name, options)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("resnet50", ("resnet50", "imagenet", "?")),
        ("resnet50, n_out=7", ("resnet50", "imagenet", 7)),
        ("models.resnet50, pretrained=False", ("resnet50", "none", "?")),
        ("resnet50, weights='IMAGENET1K_V1'", ("resnet50", "IMAGENET1K_V1", "?")),
        ("'convnext_tiny', n_out=5", ("convnext_tiny", "imagenet", 5)),
        ("vgg16_bn, custom_head=nn.Sequential(nn.Flatten(), nn.Linear(512, 3))", ("vgg16_bn", "imagenet", 3)),
        ("xresnet50, pretrained=False", ("xresnet50", "none", "?")),
        ("lambda pretrained: models.resnet18(pretrained=pretrained), n_out=4", ("resnet18", "imagenet", 4)),
    ],
)
def test_architectures(tmp_path, arguments, expected):
    read = fitted(tmp_path, "learn.fit(2)", learner=f"vision_learner(dls, {arguments})")
    assert tuple(said(read, name) for name in ("model", "weights", "head")) == expected


def test_the_head_that_the_learner_makes(tmp_path):
    read = fitted(tmp_path, "learn.fit(2)", learner="vision_learner(dls, resnet18, lin_ftrs=[256, 64], ps=0.3)")
    assert dict(said(read, "head_options"))["hidden"] == (256, 64)
    assert dict(said(read, "head_options"))["dropout"] == 0.3


def test_nothing_is_frozen_without_weights(tmp_path):
    read = fitted(tmp_path, "learn.fit(2)", learner="vision_learner(dls, resnet18, pretrained=False)")
    assert (said(read, "frozen"), said(read, "mean")) == ((), ())


@pytest.mark.parametrize("cbs", [", cbs=MixUp(0.4)", ", cbs=[MixUp, EarlyStoppingCallback()]"])
def test_mixing_callbacks(tmp_path, cbs):
    read = fitted(tmp_path, "learn.fit(2)", learner=f"vision_learner(dls, resnet18{cbs})")
    assert "mix_up" in said(read, "train_augmentations")
    older = reading(tmp_path, OLDER.replace("error_rate)\nlearn", "error_rate).mixup()\nlearn"))
    assert "mix_up" in said(older, "train_augmentations")


def test_statistics_of_timm_are_the_models_own(tmp_path):
    read = fitted(tmp_path, "learn.fit(2)", learner="vision_learner(dls, 'vit_base_patch16_224')")
    assert said(read, "mean") == "?"
    assert not found(read, "N203")


def test_data_that_are_not_followed_leave_the_rest_known(tmp_path):
    text = HEAD + "from elsewhere import data\nlearn = Learner(data(), models.resnet18())\nlearn.fit(3, 1e-2)"
    read = reading(tmp_path, text)
    assert tuple(said(read, name) for name in ("epochs", "learning_rate", "model", "loss", "batch_size")) == (
        3, 1e-2, "resnet18", "?", "?")  # fmt: skip


def test_a_learner_of_texts_is_no_training_of_images(tmp_path):
    with pytest.raises(InputError, match="fastai in a way that is not followed"):
        reading(tmp_path, "from fastai.text.all import *\nlearn = text_classifier_learner(d, AWD_LSTM)\nlearn.fit(1)")


def test_a_loop_of_ones_own_over_fastais_loaders_gets_batches_on_the_device(tmp_path):
    text = (
        FOLDER
        + """
net = models.resnet18(weights="DEFAULT").cuda()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in dls.train:
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
"""
    )
    assert not found(reading(tmp_path, text), "C322")
    assert found(reading(tmp_path, text.replace("dls.train", "torch.utils.data.DataLoader(dls.train_ds)")), "C322")


def test_whether_it_validates_is_open_where_the_data_are_not_followed(tmp_path):
    text = HEAD + "from elsewhere import data\nlearn = Learner(data(), models.resnet18())\nlearn.fit(3)"
    assert not found(reading(tmp_path, text), "C319")
    alone = HEAD + "d = DataLoaders(DataLoader(some(), bs=4))\nlearn = Learner(d, models.resnet18())\nlearn.fit(3)"
    assert found(reading(tmp_path, alone), "C319")


@pytest.mark.parametrize("arch", ["xresnet50", "globals()[name()]", "getattr(models, open('x').read())"])
def test_an_architecture_that_is_not_known_leaves_the_rest_known(tmp_path, arch):
    read = fitted(tmp_path, "learn.fit_one_cycle(3)", learner=f"vision_learner(dls, {arch})")
    assert tuple(said(read, name) for name in ("model", "weights", "epochs", "input_size", "loss", "learning_rate")) == (
        "?", "?", 3, 224, "cross_entropy", 1e-3)  # fmt: skip
    assert said(read, "mean") == ((0.485, 0.456, 0.406) if arch == "xresnet50" else "?")
    assert [code for code in FAULTS if found(read, code)] == []
