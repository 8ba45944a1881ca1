"""Where a program trains: its loops, and the network, loader and optimizers that take part."""

import pytest
from small_programs import followed, found, reading, said, training, why

from diagnose.interpreter.values import Either, Ref, Thing
from diagnose.model import Location
from diagnose.training.pytorch.sessions import find_sessions, is_loss, is_optimizer, source

AT = Location("train.py", 1)
TEACHER = "teacher = models.resnet101(weights='DEFAULT').cuda().eval()"
FUNCTION = """
import torch, torch.nn as nn
from torchvision import models, datasets, transforms as T
loader = torch.utils.data.DataLoader(datasets.ImageFolder('t', T.ToTensor()), 8, True)
def fit(model, lr, epochs):
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for e in range(epochs):
        for x, y in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            opt.step()
"""


def sessions(tmp_path, text):
    return find_sessions(followed(tmp_path, text))


def test_a_loop_is_one_session_with_all_that_takes_part(tmp_path):
    (one,) = sessions(tmp_path, training())
    assert one.model.name == "torchvision.models.resnet50"
    assert one.loader.short == "DataLoader"
    assert [optimizer.short for optimizer in one.optimizers] == ["SGD"]
    assert (one.batch_loop is not one.epoch_loop, one.managed) == (True, False)


def test_several_backward_calls_of_one_loop_are_one_session(tmp_path):
    assert len(sessions(tmp_path, training(after="criterion(model(x), y).backward()"))) == 1


@pytest.mark.parametrize(
    "loss",
    [
        "with torch.no_grad():\n    t = teacher(x)\nloss = criterion(model(x), y) + F.mse_loss(model(x), t)",
        "t = teacher(x).detach()\ns = model(x)\nloss = criterion(s, y) + F.kl_div(s, t)",
        "t = teacher(x)\nloss = F.mse_loss(model(x), t)",
    ],
)
def test_of_teacher_and_student_the_one_that_trains_is_taken(tmp_path, loss):
    (one,) = sessions(tmp_path, training(before=TEACHER, loss=loss))
    assert one.model.short == "resnet50"


def test_a_network_that_only_the_optimizer_of_another_loop_holds_is_not_taken(tmp_path):
    other = "probe = nn.Linear(3, 3)\nsecond = torch.optim.Adam(probe.parameters())"
    (one,) = sessions(tmp_path, training(before=other, loss="loss = criterion(model(probe(x)), y)"))
    assert one.model.short == "resnet50"


def test_two_optimizers_of_one_loop_both_take_part(tmp_path):
    two = (
        "optimizer = torch.optim.SGD(model.fc.parameters(), 0.01)\nother = torch.optim.Adam(model.layer4.parameters())"
    )
    (one,) = sessions(tmp_path, training(optimizer=two, step="optimizer.step()\nother.step()"))
    assert [optimizer.short for optimizer in one.optimizers] == ["SGD", "Adam"]


def test_each_call_of_a_function_that_trains_is_a_session_of_its_own(tmp_path):
    calls = "fit(models.resnet18(), 0.1, 3)\nfit(models.resnet34(), 0.1, 4)"
    assert [one.model.short for one in sessions(tmp_path, FUNCTION + calls)] == ["resnet18", "resnet34"]


def test_fields_that_differ_between_trainings_are_unknown_with_both_values_named(tmp_path):
    calls = "fit(models.resnet18(weights=None), 0.1, 3)\nfit(models.resnet18(weights='DEFAULT'), 0.02, 3)"
    read_ = reading(tmp_path, FUNCTION + calls)
    assert "0.1 (line 12), then 0.02 (line 13)" in why(read_, "learning_rate")
    assert "none (line 12), then DEFAULT (line 13)" in why(read_, "weights")
    assert (said(read_, "model"), said(read_, "epochs"), said(read_, "optimizer")) == ("resnet18", 3, "sgd")


def test_a_list_of_settings_is_a_session_for_each(tmp_path):
    read_ = reading(tmp_path, FUNCTION + "for lr in (0.1, 0.2):\n    fit(models.resnet18(), lr, 3)")
    assert "0.1" in why(read_, "learning_rate")
    assert "0.2" in why(read_, "learning_rate")


def test_folds_of_the_same_training_are_one(tmp_path):
    read_ = reading(tmp_path, FUNCTION + "for fold in range(5):\n    fit(models.resnet18(), 0.1, 3)")
    assert (said(read_, "learning_rate"), said(read_, "epochs")) == (0.1, 3)


def test_a_network_that_a_condition_chooses_has_its_alternatives(tmp_path):
    text = (
        FUNCTION
        + "import os\nif os.environ.get('A'):\n    net = models.resnet18(weights='DEFAULT')\n"
        + ("else:\n    net = models.resnet50(weights=None)\nfit(net, 0.1, 3)")
    )
    (one,) = sessions(tmp_path, text)
    assert [other.short for other in one.alternatives] == ["resnet50"]
    read_ = reading(tmp_path, text)
    assert "resnet18 or resnet50" in why(read_, "model")


@pytest.mark.parametrize(
    ("loop", "epochs"),
    [("for epoch in range(7):", 7), ("for epoch in range(1, 8):", 7), ("while epoch < 7:", 7),
     ("for epoch in tqdm(range(7)):", 7), ("while True:", "?")],
)  # fmt: skip
def test_the_loop_around_the_batches_counts_the_epochs(tmp_path, loop, epochs):
    text = training().replace("for epoch in range(30):", loop).replace("criterion =", "epoch = 0\ncriterion =")
    text = "from tqdm import tqdm\n" + text.replace("    model.eval()", "    epoch += 1\n    model.eval()")
    assert said(reading(tmp_path, text), "epochs") == epochs


def test_training_on_one_whole_batch_has_one_loop(tmp_path):
    text = "import torch\nmodel = torch.nn.Linear(3, 2)\nopt = torch.optim.SGD(model.parameters(), 0.1)\n" + (
        "for i in range(100):\n    loss = model(torch.rand(9, 3)).sum()\n    loss.backward()\n    opt.step()\n"
    )
    (one,) = sessions(tmp_path, text)
    assert one.batch_loop is one.epoch_loop
    assert said(reading(tmp_path, text), "epochs") == 100


@pytest.mark.parametrize(
    "backward",
    [
        "accelerator.backward(loss)",
        "scaler.scale(loss).backward()",
        "with amp.scale_loss(loss, optimizer) as scaled:\n    scaled.backward()",
    ],
)
def test_a_scaled_or_handed_over_loss_is_the_loss(tmp_path, backward):
    top = "from accelerate import Accelerator\nfrom apex import amp\naccelerator = Accelerator()\n" + (
        "scaler = torch.amp.GradScaler()"
    )
    assert said(reading(tmp_path, training(top=top, backward=backward)), "loss") == "cross_entropy"


def test_what_a_loop_passes_through_is_looked_through():
    loader = Thing(AT, name="torch.utils.data.DataLoader")
    wrapped = Thing(AT, name="builtins.enumerate", args=(Thing(AT, name="itertools.islice", args=(loader,)),))
    assert source(wrapped) is loader
    assert source(Either(AT, (wrapped, Ref(AT, "x")))) is loader


def test_criteria_are_no_networks_and_optimizers_methods_no_optimizers():
    assert is_loss(Thing(AT, name="torch.nn.CrossEntropyLoss"))
    assert not is_loss(Thing(AT, name="torch.nn.Linear"))
    assert is_optimizer(Thing(AT, name="torch.optim.SGD"))
    assert not is_optimizer(Thing(AT, name=".SGD"))
    assert not is_optimizer(Thing(AT, name="torch.optim.lr_scheduler.StepLR"))


def test_a_loop_whose_lines_were_tried_on_one_batch_before_is_the_training(tmp_path):
    text = training(before="def update(x, y):\n    optimizer.zero_grad()\n    criterion(model(x), y).backward()\n"
                           "    optimizer.step()\nupdate(*next(iter(train_loader)))",
                    clear="", loss="update(x, y)", backward="", step="")  # fmt: skip
    (one,) = sessions(tmp_path, text)
    assert one.batch_loop is not None
    read_ = reading(tmp_path, text)
    assert said(read_, "epochs") == 30
    assert not found(read_, "C311")


def test_gradients_without_anything_that_steps_are_no_training(tmp_path):
    saliency = (
        "import torch\nfrom torchvision import models\nnet = models.resnet18(weights='DEFAULT').eval()\n"
        "for image in torch.load('images.pt'):\n    net(image[None]).max().backward()\n    print(image.grad)\n"
    )
    assert sessions(tmp_path, saliency) == []
    by_hand = "    for p in net.parameters():\n        p.data -= 0.1 * p.grad\n"
    assert len(sessions(tmp_path, saliency + by_hand)) == 1
