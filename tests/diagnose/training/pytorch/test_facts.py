"""What stands out in a program's lines, with its place; nothing that was not followed is taken for a fault."""

import pytest
from small_programs import reading, said, training

from diagnose.model import (
    BoolOption,
    ClassesByName,
    ClassFolders,
    Deprecated,
    GraphKept,
    HeadFrozen,
    InvertedTruth,
    LoadCommentedOut,
    LooseLoad,
    NotOnDevice,
    OptimizerMisses,
    ParameterGroups,
    Regularisers,
    ReplacedConstant,
    SlowInput,
    TrainModeNotRestored,
    UnreadOption,
)


def seen(tmp_path, kind, **parts):
    return reading(tmp_path, training(**parts)).program.facts(kind)


def test_a_sound_program_shows_nothing_but_its_groups_and_regularisers(tmp_path):
    kinds = {type(one) for one in reading(tmp_path, training()).program.seen}
    assert kinds == {
        ClassesByName,
        ClassFolders,
        ParameterGroups,
        Regularisers,
        SlowInput,
    }  # the last for lack of num_workers


@pytest.mark.parametrize(
    ("model", "instead"),
    [
        ("model = models.resnet50(pretrained=True)", 'weights="DEFAULT"'),
        ("model = models.resnet50(pretrained=False)", "weights=None"),
        ("model = models.resnet50(pretrained=bool(input()))", "weights="),
    ],
)
def test_an_argument_that_torchvision_gave_up(tmp_path, model, instead):
    (one,) = seen(tmp_path, Deprecated, model=model)
    assert (one.instead, one.removed) == (instead, False)


def test_a_class_that_torchvision_removed(tmp_path):
    (one,) = seen(tmp_path, Deprecated, train_tf="T.Compose([T.Scale(224), T.ToTensor(), norm])")
    assert (one.instead, one.removed) == ("Resize", True)


OPTIONS = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument({})\nargs = parser.parse_args()"


def test_an_option_of_type_bool_is_always_true(tmp_path):
    (one,) = seen(tmp_path, BoolOption, top=OPTIONS.format("'--amp', type=bool, default=False"))
    assert (one.option, one.default) == ("amp", False)


@pytest.mark.parametrize(
    ("use", "unread"),
    [("", True), ("print(args)", True), ("print(args.pretrained)", False), ("elsewhere.build(args)", False)],
)
def test_an_option_on_weights_that_nothing_reads(tmp_path, use, unread):
    option = OPTIONS.format("'--pretrained', action='store_true'")
    top = f"import elsewhere\n{option}\n{use}"
    assert bool(seen(tmp_path, UnreadOption, top=top)) is unread


@pytest.mark.parametrize(
    ("top", "replaced"),
    [("lr = 0.1\nlr = 0.01", True), ("lr = 0.1\nprint(lr)\nlr = 0.01", False), ("lr = 0.1\nlr = 0.1", False),
     ("colour = 1\ncolour = 2", False)],
)  # fmt: skip
def test_a_setting_that_a_later_line_replaces_unread(tmp_path, top, replaced):
    found = seen(tmp_path, ReplacedConstant, top=top)
    assert [one.name for one in found] == (["lr"] if replaced else [])


@pytest.mark.parametrize(
    ("load", "observed"),
    [
        ("model.load_state_dict(torch.load('w'), strict=False)", [False]),
        ("print(model.load_state_dict(torch.load('w'), strict=False))", [True]),
        ("missing = model.load_state_dict(torch.load('w'), False)", [True]),
        ("model.load_state_dict(torch.load('w'))", []),
        ("nn.Linear(2, 2).load_state_dict(torch.load('w'), strict=False)", []),
    ],
)
def test_a_load_that_leaves_out_what_does_not_fit(tmp_path, load, observed):
    assert [one.looked_at for one in seen(tmp_path, LooseLoad, before=load)] == observed


@pytest.mark.parametrize(
    ("comment", "count"),
    [("# model.load_state_dict(torch.load('w'))", 1), ("# optimizer.load_state_dict(torch.load('w'))", 0),
     ("# call model.load_state_dict(x) here", 0)],
)  # fmt: skip
def test_a_load_that_is_commented_out(tmp_path, comment, count):
    assert len(seen(tmp_path, LoadCommentedOut, before=comment)) == count


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        ("total += loss", True),
        ("total = total + loss", True),
        ("losses.append(loss)", True),
        ("losses.append(loss * 2)", True),
        ("total += loss.item()", False),
        ("total += float(loss)", False),
        ("losses.append(loss.detach())", False),
        ("with torch.no_grad():\n    total += loss", False),
        ("losses.append(epoch)", False),
    ],
)
def test_a_sum_or_list_that_keeps_the_graph(tmp_path, after, kept):
    assert bool(seen(tmp_path, GraphKept, before="total, losses = 0.0, []", after=after)) is kept


def device_program(model, batch):
    text = training(model="model = models.resnet50()", validate="")
    return text.replace("model = model.cuda()", model).replace("x, y = x.cuda(), y.cuda()", batch)


@pytest.mark.parametrize(
    ("model", "batch", "expected"),
    [
        ("model = model.cuda()", "pass", (False, True)),
        ("pass", "x = x.cuda()", (True, False)),
        ("pass", "pass", (True, True)),
        ("model = model.to('cuda')", "x = x.to('cuda')", None),
        ("torch.set_default_device('cuda')", "pass", None),
        ("device = torch.device('cpu')", "pass", None),
        ("model = model.cuda()", "x = torch.tensor(x, device='cuda')", None),
    ],
)
def test_a_network_or_batch_that_nothing_moves(tmp_path, model, batch, expected):
    found = reading(tmp_path, device_program(model, batch)).program.facts(NotOnDevice)
    assert [(one.network, one.inputs) for one in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("top", "lines"),
    [
        ("flag = False\nif ~flag:\n    pass", [2]),
        ("import argparse\np = argparse.ArgumentParser()\np.add_argument('--cpu', action='store_true')\n"
         "a = p.parse_args()\nuse = 1 if ~a.cpu else 2", [5]),
        ("import sys\nflag = True if sys.platform else False\nuse = 1 if ~flag else 2", [3]),
        ("mask = ~torch.ones(3).bool()", []),
        ("bits = ~4", []),
        ("flag = not True", []),
    ],
)  # fmt: skip
def test_the_inversion_of_truth_values(tmp_path, top, lines):
    before = 1 + training(top="#!").splitlines().index("#!")
    found = seen(tmp_path, InvertedTruth, top=top)
    assert [fact.location.line - before + 1 for fact in found] == lines


@pytest.mark.parametrize(
    ("optimizer", "head", "foreign"),
    [
        ("optimizer = torch.optim.SGD(model.parameters(), 0.1)\nmodel.fc = nn.Linear(2048, 3)", True, False),
        ("other = models.resnet18()\noptimizer = torch.optim.SGD(other.parameters(), 0.1)", False, True),
        ("optimizer = torch.optim.SGD(model.fc.parameters(), 0.1)", False, False),
    ],
)
def test_parameters_that_no_optimizer_holds(tmp_path, optimizer, head, foreign):
    (one,) = seen(tmp_path, OptimizerMisses, optimizer=optimizer)
    assert (one.head or one.foreign, one.foreign) == (head or foreign, foreign)


@pytest.mark.parametrize(
    "optimizer",
    [
        "optimizer = torch.optim.SGD([{'params': model.parameters()}], 0.1)",
        "optimizer = torch.optim.SGD(elsewhere.groups(model), 0.1)",
        "optimizer = torch.optim.SGD(model.layer4.parameters(), 0.1)\n"
        "optimizer.add_param_group({'params': model.fc.parameters()})",
        "for p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 3)\n"
        "optimizer = torch.optim.SGD(model.fc.parameters(), 0.1)",
        "optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), 0.1)",
    ],
)
def test_parameters_that_may_be_held_are_not_missed(tmp_path, optimizer):
    assert seen(tmp_path, OptimizerMisses, top="import elsewhere", optimizer=optimizer) == ()


def test_two_optimizers_hold_a_network_together(tmp_path):
    names = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")
    body = " + ".join(f"list(model.{name}.parameters())" for name in names)
    two = f"optimizer = torch.optim.SGD(model.fc.parameters(), 0.1)\nother = torch.optim.SGD({body}, 0.01)"
    assert seen(tmp_path, OptimizerMisses, optimizer=two, step="optimizer.step()\nother.step()") == ()


@pytest.mark.parametrize(
    ("freeze", "everything"),
    [("for p in model.parameters():\n    p.requires_grad = False", [True]),
     ("for p in model.fc.parameters():\n    p.requires_grad = False", [False]),
     ("for p in model.layer1.parameters():\n    p.requires_grad = False", [])],
)  # fmt: skip
def test_a_head_that_is_frozen(tmp_path, freeze, everything):
    assert [one.everything for one in seen(tmp_path, HeadFrozen, before=freeze)] == everything


def test_parameter_groups_and_whether_their_rates_differ(tmp_path):
    groups = "[{'params': model.fc.parameters(), 'lr': 0.1}, {'params': model.layer4.parameters()}]"
    (one,) = seen(tmp_path, ParameterGroups, optimizer=f"optimizer = torch.optim.SGD({groups}, 0.01)")
    assert (one.groups, one.rates_differ) == (2, True)


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ({}, ()),
        ({"criterion": "nn.CrossEntropyLoss(label_smoothing=0.1)"}, ("label_smoothing",)),
        ({"before": "model.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(2048, 10))"}, ("dropout",)),
        ({"before": "import timm\nmix = timm.data.Mixup(0.2)"}, ("mixup",)),
    ],
)  # fmt: skip
def test_what_regularises_beside_the_images(tmp_path, parts, names):
    (one,) = seen(tmp_path, Regularisers, **parts)
    assert one.names == names


TIMM = "import timm, timm.optim\nmodel = timm.create_model('vit_tiny_patch16_224'{})"


@pytest.mark.parametrize(
    ("optimizer", "differ"),
    [
        ("timm.optim.create_optimizer_v2(model, 'adamw', lr=1e-3, layer_decay=0.75)", True),
        ("timm.optim.create_optimizer_v2(model, 'adamw', lr=1e-3, layer_decay=None)", False),
        ("torch.optim.AdamW(timm.optim.param_groups_layer_decay(model, 0.05), lr=1e-3)", True),
        ("torch.optim.AdamW([{'params': list(model.parameters()), 'lr_scale': 0.5}], lr=1e-3)", True),
        ("torch.optim.AdamW(model.parameters(), lr=1e-3)", False),
    ],
)
def test_rates_by_layer(tmp_path, optimizer, differ):
    (one,) = seen(tmp_path, ParameterGroups, model=TIMM.format(""), optimizer=f"optimizer = {optimizer}")
    assert one.rates_differ is differ


OWN_DROP = """
class DropPath(nn.Module):
    def forward(self, x):
        return x
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop_path, self.fc = DropPath(), nn.Linear(8, 8)
    def forward(self, x):
        return x + self.drop_path(self.fc(x))
model = Block()
"""


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (TIMM.format(", drop_path_rate=0.1"), ("dropout",)),
        (TIMM.format(", drop_path_rate=0.0"), ()),
        ("model = models.swin_t(stochastic_depth_prob=0.3)", ("dropout",)),
        (OWN_DROP, ("dropout",)),
    ],
)
def test_drop_path_regularises(tmp_path, model, names):
    (one,) = seen(tmp_path, Regularisers, model=model)
    assert one.names == names


def test_groups_of_a_function_that_is_not_followed_may_have_rates_of_their_own(tmp_path):
    read = reading(tmp_path, training(top="import h", optimizer="optimizer = torch.optim.AdamW(h.groups(model))"))
    assert said(read, "learning_rate") == said(read, "weight_decay") == "?"


def test_training_that_stays_in_evaluation_mode_after_the_first_epoch(tmp_path):
    assert len(seen(tmp_path, TrainModeNotRestored, mode="pass", before="model.train()")) == 1
    assert seen(tmp_path, TrainModeNotRestored) == ()


def test_seeds_are_no_observation_but_a_field(tmp_path):
    assert said(reading(tmp_path, training(top="torch.cuda.manual_seed_all(2)")), "seed") == 2
