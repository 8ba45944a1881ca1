"""Scaling and normalisation written as arithmetic are known, or unknown, but never absent."""

import pytest
from small_programs import found, reading, said, training

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Items, Table, Thing, unknown
from diagnose.model import UNIT_STEP, Location
from diagnose.training.pytorch.arithmetic import arithmetic_on, channel_numbers, pixels
from diagnose.training.pytorch.steps import Pipeline

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TENSORS = "m = torch.tensor([0.485, 0.456, 0.406])\ns = torch.tensor([0.229, 0.224, 0.225])\n"
PLAIN = "T.Compose([T.Resize(224), T.ToTensor()])"
AT = Location("train.py", 3)


def number(data):
    return Const(AT, data)


def three(*numbers):
    return Items(AT, tuple(map(number, numbers)))


def tensor(value, *after):
    """A tensor of a value, through methods that change its shape."""
    made = Thing(AT, name="torch.tensor", args=(value,))
    for name in after:
        made = Thing(AT, name=name, base=made)
    return made


@pytest.mark.parametrize(
    "batch",
    [
        "x = (x - m[None, :, None, None]) / s[None, :, None, None]",
        "x = (x - m.view(1, 3, 1, 1)) / s.view(1, 3, 1, 1)",
        "x = x.sub(m.reshape(-1, 1, 1)).div(s.reshape(-1, 1, 1))",
        "x = x.sub_(m.view(1, 3, 1, 1)).div_(s.view(1, 3, 1, 1))",
        "x = torch.div(torch.sub(x, m.view(1, 3, 1, 1)), s.view(1, 3, 1, 1))",
        "x -= m.view(1, 3, 1, 1)\nx /= s.view(1, 3, 1, 1)",
        "x.sub_(m.view(1, 3, 1, 1)).div_(s.view(1, 3, 1, 1))",
        "x.sub_(m.view(1, 3, 1, 1))\nx.div_(s.view(1, 3, 1, 1))",
        "x = (x - m.view(1, 3, 1, 1)) * (1 / s.view(1, 3, 1, 1))",
        "x = (x - m.view(1, 3, 1, 1)) / (s.view(1, 3, 1, 1) + 1e-7)",
        "for c in range(3):\n    x[:, c] = (x[:, c] - m[c]) / s[c]",
        "for c, (a, b) in enumerate(zip(m, s)):\n    x[:, c, ...].sub_(a).div_(b)",
        "x[:, 0] = (x[:, 0] - 0.485) / 0.229\nx[:, 1] = (x[:, 1] - 0.456) / 0.224\nx[:, 2] = (x[:, 2] - 0.406) / 0.225",
        "x[..., 0, :, :] -= 0.485\nx[..., 1, :, :] -= 0.456\nx[..., 2, :, :] -= 0.406\nx = x / s.view(3, 1, 1)",
        "x = (lambda t: (t - m[:, None, None]) / s[:, None, None])(x)",
        "x = T.functional.normalize(x, m.tolist(), s.tolist())",
        "x = norm(x)",
    ],
)
def test_normalisation_in_the_loop_is_seen(tmp_path, batch):
    read_ = reading(tmp_path, training(top=TENSORS, train_tf=PLAIN, batch=batch))
    assert (said(read_, "mean"), said(read_, "std")) == (MEAN, STD)
    assert not found(read_, "N203")


@pytest.mark.parametrize(
    "batch",
    [
        "x[:, 0] = (x[:, 0] - 0.485) / 0.229",
        "x = (x - x.mean(dim=(0, 2, 3), keepdim=True)) / x.std(dim=(0, 2, 3), keepdim=True)",
        "x = F.layer_norm(x, x.shape[1:])",
        "x = prepare(x)",
        "x.sub_(m.mean())",
    ],
)
def test_normalisation_whose_numbers_are_not_known_is_unknown(tmp_path, batch):
    top = TENSORS + "from elsewhere import prepare"
    read_ = reading(tmp_path, training(top=top, train_tf=PLAIN, batch=batch))
    assert said(read_, "mean") == "?"
    assert said(read_, "scaling") == ("1/255",)
    assert not found(read_, "N203")


FORWARD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = models.resnet50(weights='DEFAULT')
        self.register_buffer('m', torch.tensor([0.485, 0.456, 0.406])[None, :, None, None])
    def forward(self, x):
        return self.net({given})
"""


@pytest.mark.parametrize(
    ("given", "mean"),
    [("(x - 0.5) / 0.5", (0.5,) * 3), ("(x - self.m) / 0.5", MEAN), ("norm(x)", MEAN), ("x", ())],
)
def test_normalisation_in_forward_is_seen(tmp_path, given, mean):
    model = FORWARD.format(given=given) + "model = Net()"
    assert said(reading(tmp_path, training(train_tf=PLAIN, model=model)), "mean") == mean


OWN_NORM = "class Norm(nn.Module):\n    def forward(self, x):\n        return (x - 0.5) / 0.5\n"


@pytest.mark.parametrize(
    ("first", "mean"),
    [("norm", MEAN), ("Norm()", (0.5,) * 3), ("nn.BatchNorm2d(3)", "?"), ("elsewhere.Norm()", "?"),
     ("nn.Identity()", ())],
)  # fmt: skip
def test_normalisation_as_a_leading_module_is_seen(tmp_path, first, mean):
    model = f"import elsewhere\n{OWN_NORM}model = nn.Sequential({first}, models.resnet50(weights='DEFAULT'))"
    assert said(reading(tmp_path, training(train_tf=PLAIN, model=model)), "mean") == mean


@pytest.mark.parametrize(
    ("batch", "scaling"),
    [("x = x.float() / 255", ("1/255",)), ("x = x * (1 / 255)", ("1/255",)), ("x = x / 127.5 - 1", ("-1..1",)),
     ("x = x.float()", ())],
)  # fmt: skip
def test_scaling_in_the_loop_is_seen(tmp_path, batch, scaling):
    read_ = reading(tmp_path, training(train_tf="T.Compose([T.Resize(224), T.PILToTensor()])", batch=batch))
    assert said(read_, "scaling") == scaling


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (three(0.1, 0.2, 0.3), (0.1, 0.2, 0.3)),
        (number(0.5), (0.5, 0.5, 0.5)),
        (tensor(three(0.1, 0.2, 0.3), ".view", ".cuda"), (0.1, 0.2, 0.3)),
        (Items(AT, (three(0.1, 0.2, 0.3),)), (0.1, 0.2, 0.3)),
        (Items(AT, tuple(Items(AT, (number(n),)) for n in (0.1, 0.2, 0.3))), (0.1, 0.2, 0.3)),
        (Items(AT, (unknown(Reason.RUN, "", AT),) * 3), None),
        (tensor(unknown(Reason.RUN, "", AT)), None),
        (Thing(AT, name=".mean", base=tensor(number(1))), None),
        (None, None),
    ],
)
def test_numbers_for_each_channel_whatever_their_shape(value, numbers):
    assert channel_numbers(value) == numbers


def test_arithmetic_on_the_paths_of_images_is_not_on_their_values():
    path = Thing(AT, name="op/", args=(unknown(Reason.RUN, "", AT), number(255)))
    image = Thing(AT, name="PIL.Image.open", args=(path,))
    assert path not in list(pixels(image))


def test_every_side_of_a_table_of_tensors_is_followed():
    image = Thing(AT, name="op/", args=(unknown(Reason.RUN, "", AT), number(255)))
    assert image in list(pixels(Table(AT, {"pixel_values": image})))


@pytest.mark.parametrize(
    ("divided", "scaling", "doubt"),
    [(255, [UNIT_STEP], False), (127.5, [], True), (3, [], True), (1, [], False)],
)
def test_what_a_division_by_one_number_comes_to(divided, scaling, doubt):
    way = Pipeline()
    arithmetic_on(Thing(AT, name="op/", args=(unknown(Reason.RUN, "", AT), number(divided))), way)
    assert [step for step, _ in way.scaling] == scaling
    assert bool(way.unsure_values) is doubt


@pytest.mark.parametrize(
    "batch",
    ["x = 2 * x - 1", "x = (x - 0.5) * 2", "x = x.mul(2).sub(1)", "x = x.float()\nx.mul_(2).sub_(1)",
     "x = (x - 0.5) / 0.5", "x = torch.sub(torch.mul(x, 2), 1)"],
)  # fmt: skip
def test_symmetric_images_have_a_mean_of_a_half(tmp_path, batch):
    read_ = reading(tmp_path, training(train_tf=PLAIN, batch=batch))
    assert said(read_, "mean") == said(read_, "std") == (0.5,) * 3


@pytest.mark.parametrize(
    "batch",
    ["x = (x - 127.5) / 127.5", "x = x / 127.5 - 1", "x = x.sub_(128).div_(128)", "x = x.float().div_(127.5).sub_(1)"],
)
def test_symmetric_images_of_raw_pixels_are_one_step(tmp_path, batch):
    read_ = reading(tmp_path, training(train_tf="T.Compose([T.Resize(224), T.PILToTensor()])", batch=batch))
    assert said(read_, "scaling") == ("-1..1",)
    assert not found(read_, "N203")


@pytest.mark.parametrize(
    ("batch", "train_augmentations"),
    [("x = x + 0.1 * torch.randn_like(x)", "?"), ("x = 0.3 * torch.rand_like(x) + x", "?"),
     ("x[:, :, 40:80, 40:80] = 0", "?"), ("z = x.clone()\nz.mul_(0.2).add_(0.4)", ()),
     ("z = x * m.view(3, 1, 1) + s.view(3, 1, 1)", ()), ("x = 1 * x + 0", ()), ("x = x * torch.ones(1)", "?")],
)  # fmt: skip
def test_what_augments_or_is_only_shown_leaves_the_statistics_known(tmp_path, batch, train_augmentations):
    tf = "T.Compose([T.Resize(224), T.ToTensor(), norm])"
    read_ = reading(tmp_path, training(top=TENSORS, train_tf=tf, batch=batch))
    assert (said(read_, "mean"), said(read_, "std"), said(read_, "scaling")) == (MEAN, STD, ("1/255",))
    assert said(read_, "train_augmentations") == train_augmentations


def test_numbers_that_data_were_measured_by_are_no_second_scaling(tmp_path):
    top = "m = datasets.CIFAR10('.').data.mean((0, 1, 2)) / 255\ns = datasets.CIFAR10('.').data.std() / 255"
    read_ = reading(tmp_path, training(top=top, train_tf=PLAIN, batch="x = (x - m) / s"))
    assert (said(read_, "scaling"), said(read_, "mean"), said(read_, "std")) == (("1/255",), "?", "?")
    assert not found(read_, "N202")


@pytest.mark.parametrize(
    "batch",
    ["x = VF.normalize(VF.to_dtype(x, torch.float32, scale=True), MEAN, STD)",
     "x = TF.convert_image_dtype(x, torch.float32)\nx = TF.normalize(x, MEAN, STD)",
     "x = TF.normalize(x.float() / 255, mean=MEAN, std=STD)", "x = tf(x / 255)"],
)  # fmt: skip
def test_functions_of_torchvision_in_the_loop_are_steps(tmp_path, batch):
    top = ("import torchvision.transforms.functional as TF\nfrom torchvision.transforms.v2 import functional as VF\n"
           f"MEAN, STD = {MEAN}, {STD}\ndef tf(x):\n    return TF.normalize(x, MEAN, STD)")  # fmt: skip
    tf = "T.Compose([T.Resize(224), T.PILToTensor()])"
    read_ = reading(tmp_path, training(top=top, train_tf=tf, batch=batch))
    assert (said(read_, "scaling"), said(read_, "mean"), said(read_, "std")) == (("1/255",), MEAN, STD)


def test_a_share_that_is_mixed_is_no_normalisation():
    way = Pipeline()
    arithmetic_on(Thing(AT, name="op-", args=(number(1), unknown(Reason.RUN, "", AT))), way)
    assert way.empty


@pytest.mark.parametrize(
    "body",
    [
        "for c in range(3):\n        t[c] = (t[c] - M[c]) / S[c]",
        "for c in range(3):\n        t[c] -= M[c]\n        t[c] /= S[c]",
        "for c, (m, s) in enumerate(zip(M, S)):\n        t[c] = (t[c] - m) / s",
    ],
)
def test_a_function_over_an_image_may_change_its_channels(tmp_path, body):
    top = "M, S = (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)\ndef prepare(image):\n    t = T.functional.to_tensor(image)\n"
    top += f"    {body}\n    return t"
    read = reading(tmp_path, training(top=top, train_tf="prepare"))
    settings = (said(read, "scaling"), said(read, "mean"), said(read, "std"))
    assert settings == (("1/255",), (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


def test_statistics_of_scaled_images_are_no_scaling(tmp_path):
    top = (
        "import kornia.augmentation as K, numpy as np\nd = np.load('a.npz')\nimages = d['x'] / 255\n"
        "normalise = K.Normalize(mean=torch.tensor(images.mean(0)), std=torch.tensor(images.std(0)))"
    )
    data = "torch.utils.data.TensorDataset(torch.from_numpy(d['x']), torch.from_numpy(d['y']))"
    read = reading(tmp_path, training(top=top, train_data=data, batch="x = normalise(x.float() / 255)"))
    assert said(read, "scaling") == (UNIT_STEP,)


LISTED = """
import os, numpy as np
from PIL import Image
def listed(part):
    xs, ys = [], []
    for number, name in enumerate(["normal", "ill"]):
        for file in sorted(os.listdir(os.path.join(part, name))):
            xs.append(np.array(Image.open(file), dtype=np.float32) / 255.0)
            ys.append(number)
    return torch.utils.data.TensorDataset(torch.from_numpy(np.stack(xs)), torch.tensor(ys))
"""


def test_images_of_a_list_are_scaled_once(tmp_path):
    read = reading(tmp_path, training(top=LISTED, train_data="listed('train')"))
    assert said(read, "scaling") == (UNIT_STEP,)
