"""Loss, optimizer, schedule and epochs as a program says them."""

import textwrap

import pytest
from small_programs import found, reading, said, training, why

from diagnose.model import ScheduleAhead


def read(tmp_path, optimizer, **parts):
    return reading(tmp_path, training(optimizer=f"optimizer = {optimizer}", **parts))


def fields(read_, *names):
    return tuple(said(read_, name) for name in names)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("torch.optim.SGD(model.parameters(), 0.1, 0.9, 0, 5e-4)", ("sgd", 0.1, 0.9, 5e-4)),
        ("torch.optim.SGD(model.parameters())", ("sgd", 1e-3, 0.0, 0.0)),
        ("torch.optim.AdamW(model.parameters())", ("adamw", 1e-3, "?", 0.01)),
        ("torch.optim.Adam(model.parameters(), lr=float(input()))", ("adam", "?", "?", 0.0)),
        ("torch.optim.SGD([{'params': model.fc.parameters(), 'lr': 0.1}, {'params': model.conv1.parameters(), "
         "'lr': 0.01}])", ("sgd", "?", 0.0, 0.0)),
        ("torch.optim.SGD([{'params': model.fc.parameters(), 'lr': 0.1}])", ("sgd", 0.1, 0.0, 0.0)),
        ("torch.optim.SGD([{'params': model.fc.parameters(), 'weight_decay': 0.0}, "
         "{'params': model.conv1.parameters(), 'weight_decay': 1e-4}], 0.1)", ("sgd", 0.1, 0.0, 1e-4)),
        ("torch.optim.SGD([{'params': model.fc.parameters(), 'weight_decay': float(input())}], 0.1)",
         ("sgd", 0.1, 0.0, "?")),
        ("timm.optim.create_optimizer_v2(model, opt='adamw', lr=0.1, weight_decay=0.02)", ("adamw", 0.1, "?", 0.02)),
        ("bitsandbytes.optim.AdamW8bit(model.parameters(), lr=0.1)", ("adamw", 0.1, "?", 0.01)),
    ],
)  # fmt: skip
def test_an_optimizer_says_its_name_and_rates(tmp_path, optimizer, expected):
    read_ = read(tmp_path, optimizer, top="import timm, bitsandbytes")
    assert fields(read_, "optimizer", "learning_rate", "momentum", "weight_decay") == expected


def test_an_own_optimizer_has_its_classs_name_and_no_known_rates(tmp_path):
    own = "class Lookahead(torch.optim.Optimizer):\n    def __init__(self, inner):\n        self.inner = inner"
    read_ = read(tmp_path, "Lookahead(torch.optim.SGD(model.parameters(), 0.1))", top=own)
    assert fields(read_, "optimizer", "learning_rate") == ("lookahead", "?")


def test_one_of_two_optimizers_by_a_condition_is_unknown_with_both_named(tmp_path):
    choice = "torch.optim.Adam(model.parameters(), 0.1) if input() else torch.optim.SGD(model.parameters(), 0.1)"
    read_ = read(tmp_path, choice)
    assert "adam or sgd" in why(read_, "optimizer")
    assert fields(read_, "learning_rate", "momentum") == (0.1, "?")


def test_two_optimizers_of_one_kind_share_only_what_they_agree_on(tmp_path):
    two = ("torch.optim.SGD(model.fc.parameters(), 0.1, 0.9)\n"
           "other = torch.optim.SGD(model.layer4.parameters(), 0.001, 0.9)")  # fmt: skip
    read_ = read(tmp_path, two, step="optimizer.step()\nother.step()")
    assert fields(read_, "optimizer", "learning_rate", "momentum") == ("sgd", "?", 0.9)


def test_a_loop_without_an_optimizer_has_none_that_is_known(tmp_path):
    read_ = read(tmp_path, "object()", clear="", step="for p in model.parameters():\n    p.data -= 0.1 * p.grad")
    assert fields(read_, "optimizer", "learning_rate", "weight_decay") == ("?",) * 3


@pytest.mark.parametrize(
    ("criterion", "loss"),
    [
        ("nn.CrossEntropyLoss(label_smoothing=0.1)", "cross_entropy"),
        ("nn.BCEWithLogitsLoss()", "bce_with_logits"),
        ("F.nll_loss", "nll"),
        ("nn.MSELoss() if input() else nn.L1Loss()", "?"),
        ("FocalLoss()", "focal_loss"),
        ("elsewhere.Loss()", "?"),
    ],
)
def test_the_loss_by_its_criterion(tmp_path, criterion, loss):
    own = "import elsewhere\nclass FocalLoss(elsewhere.Loss):\n    pass"
    assert said(reading(tmp_path, training(top=own, criterion=criterion)), "loss") == loss


def test_a_sum_of_losses_is_known_by_the_criterion_in_it(tmp_path):
    loss = "loss = criterion(model(x), y) + 0.1 * sum(p.norm() for p in model.parameters())"
    assert said(reading(tmp_path, training(loss=loss)), "loss") == "cross_entropy"


SCHEDULE = "schedule = torch.optim.lr_scheduler.{}"


@pytest.mark.parametrize(("batch", "stepped"), [("", "before"), ("x = Variable(x, volatile=False)", "epoch")])
def test_a_schedule_ahead_of_the_epoch_in_old_and_new_pytorch(tmp_path, batch, stepped):
    text = training(top="from torch.autograd import Variable", before=SCHEDULE.format("StepLR(optimizer, 9)"),
                    mode="schedule.step()\nmodel.train()", batch=batch)  # fmt: skip
    assert reading(tmp_path, text).program.schedulers[0].stepped == stepped


def scheduled(tmp_path, made, step="schedule.step()", **parts):
    return reading(tmp_path, training(before=SCHEDULE.format(made), validate=step, **parts))


@pytest.mark.parametrize(
    ("made", "name", "period", "milestones"),
    [
        ("StepLR(optimizer, 10)", "step", 10, ()),
        ("MultiStepLR(optimizer, milestones=[3, 9])", "multistep", None, (3, 9)),
        ("MultiStepLR(optimizer, milestones=list(map(int, input())))", "multistep", None, ()),
        ("CosineAnnealingLR(optimizer, T_max=30)", "cosine", 30, ()),
        ("ReduceLROnPlateau(optimizer, patience=4)", "plateau", 4, ()),
        ("OneCycleLR(optimizer, 0.1, total_steps=int(input()))", "onecycle", None, ()),
    ],
)
def test_a_schedule_says_its_kind_and_length(tmp_path, made, name, period, milestones):
    read_ = scheduled(tmp_path, made)
    (one,) = read_.program.schedulers
    assert (said(read_, "schedule"), one.name, one.period, one.milestones) == (name, name, period, milestones)
    assert one.stepped == "epoch"


def test_a_schedule_that_is_stepped_in_the_batches_or_never(tmp_path):
    by_batch = reading(tmp_path, training(before=SCHEDULE.format("StepLR(optimizer, 9)"), after="schedule.step()"))
    assert by_batch.program.schedulers[0].stepped == "batch"
    never = reading(tmp_path, training(before=SCHEDULE.format("StepLR(optimizer, 9)")))
    assert (never.program.schedulers[0].stepped, said(never, "schedule")) == ("never", "constant")


def test_a_schedules_length_in_batches_is_known_as_such(tmp_path):
    made = "OneCycleLR(optimizer, 0.1, epochs=30, steps_per_epoch=len(train_loader))"
    assert scheduled(tmp_path, made).program.schedulers[0].counts_batches
    made = "CosineAnnealingLR(optimizer, 30 * len(train_loader))"
    assert scheduled(tmp_path, made).program.schedulers[0].counts_batches
    assert not scheduled(tmp_path, "CosineAnnealingLR(optimizer, 30)").program.schedulers[0].counts_batches


def test_schedules_within_a_sequence_are_its_parts(tmp_path):
    parts = "[torch.optim.lr_scheduler.LinearLR(optimizer), torch.optim.lr_scheduler.StepLR(optimizer, 9)]"
    read_ = scheduled(tmp_path, f"SequentialLR(optimizer, {parts}, milestones=[5])")
    assert [one.name for one in read_.program.schedulers] == ["sequential"]


def test_schedules_that_are_chained_are_stepped_with_their_chain(tmp_path):
    parts = "[torch.optim.lr_scheduler.ConstantLR(optimizer), torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)]"
    read_ = scheduled(tmp_path, f"ChainedScheduler({parts})")
    assert [(one.name, one.stepped) for one in read_.program.schedulers] == [("chained", "epoch")]
    assert not found(read_, "C314")


PARTS = "[torch.optim.lr_scheduler.LinearLR(optimizer), torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 25)]"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (f"SequentialLR(optimizer, {PARTS}, [5])", {"parts": ("linear", "cosine"), "milestones": (5,)}),
        (
            f"SequentialLR(optimizer, schedulers={PARTS}, milestones=[len(train_loader)])",
            {"parts": ("linear", "cosine")},
        ),
        (f"ChainedScheduler({PARTS})", {"parts": ("linear", "cosine")}),
        ("SequentialLR(optimizer, elsewhere.parts(), [5])", {"milestones": (5,)}),
        ("LambdaLR(optimizer, lr_lambda=warm_then_cosine)", {"function": "warm_then_cosine"}),
        ("LambdaLR(optimizer, [warm_then_cosine])", {"function": "warm_then_cosine"}),
        ("LambdaLR(optimizer, lambda epoch: 0.9**epoch)", {}),
    ],
)
def test_what_schedules_are_made_of(tmp_path, made, expected):
    top = "import elsewhere\ndef warm_then_cosine(epoch):\n    return 1.0"
    assert dict(said(scheduled(tmp_path, made, top=top), "schedule_options")) == expected


BY_BATCH = SCHEDULE.format("OneCycleLR(optimizer, 0.1, total_steps=30 * len(train_loader))")


@pytest.mark.parametrize(
    ("step", "ahead"),
    [
        ("schedule.step()\noptimizer.step()", True),
        ("scaler.step(optimizer)\nscaler.update()\nschedule.step()", False),
        ("schedule.step()\nscaler.step(optimizer)\nscaler.update()", True),
        ("optimizer.step()\nschedule.step()", False),
        ("if i % 4 == 0:\n    optimizer.step()\n    schedule.step()", False),
        ("if i % 4 == 0:\n    schedule.step()\n    optimizer.step()", True),
        ("if warm:\n    schedule.step()\noptimizer.step()", False),
    ],
)
def test_a_schedule_that_a_batch_steps_before_the_optimizer(tmp_path, step, ahead):
    top = "import json\ni, warm = json.load(open('x'))\nscaler = torch.cuda.amp.GradScaler()"
    read_ = reading(tmp_path, training(top=top, before=BY_BATCH, step=step))
    assert [fact.schedule for fact in read_.program.facts(ScheduleAhead)] == (["onecycle"] if ahead else [])
    assert found(read_, "C314") == ahead


DRAWN = """
def forever(loader):
    while True:
        yield from loader
batches = forever(train_loader)
"""


@pytest.mark.parametrize(
    ("loop", "epochs"),
    [
        ("for step in range(500):\n    x, y = next(batches)", "?"),
        ("it = iter(train_loader)\nwhile step < 500:\n    try:\n        x, y = next(it)\n    except StopIteration:\n"
         "        it = iter(train_loader)\n        x, y = next(it)\n    step += 1", "?"),
        ("for epoch in range(7):\n    it = iter(train_loader)\n    for step in range(500):\n        x, y = next(it)",
         7),
        ("for epoch in range(7):\n    x, y = whole", 7),
        ("while step < 500:\n    for x, y in train_loader:\n        step += 1", "?"),
        ("while epoch < 7:\n    epoch += 1\n    for x, y in train_loader:\n        pass", 7),
    ],
)  # fmt: skip
def test_a_loop_that_counts_batches_says_nothing_of_epochs(tmp_path, loop, epochs):
    text = training().partition("for epoch in")[0] + DRAWN
    text += (
        "step = epoch = 0\nwhole = torch.stack([x for x, _ in train_data]), torch.tensor([y for _, y in train_data])\n"
    )
    indent = " " * (len(loop.splitlines()[-1]) - len(loop.splitlines()[-1].lstrip()))
    body = "loss = criterion(model(x.cuda()), y.cuda())\noptimizer.zero_grad()\nloss.backward()\noptimizer.step()\n"
    assert said(reading(tmp_path, text + loop + "\n" + textwrap.indent(body, indent)), "epochs") == epochs


def test_two_schedules_are_unknown_with_both_named(tmp_path):
    second = "StepLR(optimizer, 9)\nsecond = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)"
    assert "exponential, step" in why(scheduled(tmp_path, second, "schedule.step()\nsecond.step()"), "schedule")


def test_rates_that_the_loop_sets_are_a_schedule(tmp_path):
    manual = "for group in optimizer.param_groups:\n    group['lr'] = 0.1 * 0.9 ** epoch"
    assert said(reading(tmp_path, training(validate=manual)), "schedule") == "manual"


def test_defaults_are_not_claimed_where_arguments_were_not_read(tmp_path):
    read_ = read(tmp_path, "torch.optim.SGD(model.parameters(), **options)", top="from elsewhere import options")
    assert fields(read_, "optimizer", "learning_rate", "momentum", "weight_decay") == ("sgd", "?", "?", "?")
    assert "not read" in why(read_, "learning_rate")


def test_a_step_of_what_is_not_known_may_be_a_schedule(tmp_path):
    text = "from elsewhere import table\nschedule = table[0](optimizer)"
    read_ = reading(tmp_path, training(before=text, after="schedule.step()"))
    assert "schedule" in why(read_, "schedule") or "step()" in why(read_, "schedule")


TIMM = """
import timm
from timm.scheduler import create_scheduler_v2
model = timm.create_model("resnet50", pretrained=True, num_classes=10)
"""
MADE = (
    "optimizer = torch.optim.AdamW(model.parameters(), 1e-4)\nschedule, _ = create_scheduler_v2(optimizer, {})\nn = 0"
)


@pytest.mark.parametrize(
    ("given", "batch", "epoch", "wrong"),
    [
        ("num_epochs=30", "n += 1\nschedule.step(n)", "", True),
        ("num_epochs=30", "n += 1\nschedule.step_update(n)", "schedule.step(epoch + 1)", False),
        ("num_epochs=30", "", "schedule.step(epoch + 1)", False),
        ("num_epochs=30", "schedule.step(epoch + n / 100)", "", False),
        ("num_epochs=30, step_on_epochs=False, updates_per_epoch=9", "n += 1\nschedule.step_update(n)", "", False),
    ],
)
def test_a_schedule_of_timm_by_its_unit(tmp_path, given, batch, epoch, wrong):
    before = f"{TIMM}model.cuda()"
    text = training(optimizer=MADE.format(given), model=before, after=batch, end="")
    text = text.replace("    model.eval()", f"    {epoch or 'pass'}\n    model.eval()")
    (schedule,) = reading(tmp_path, text).program.schedulers
    assert schedule.counts_epochs is wrong
    assert schedule.stepped == ("batch" if not epoch else "epoch")


def test_an_optimizer_that_a_library_wrapped_has_its_schedule(tmp_path):
    rate = "rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.optimizer, 30)"
    assert said(reading(tmp_path, training(before=rate, after="rate.step()")), "schedule") == "cosine"
    lost = "rate = torch.optim.lr_scheduler.CosineAnnealingLR(torch.load('o'), 30)"
    assert said(reading(tmp_path, training(before=lost, after="rate.step()")), "schedule") == "?"
