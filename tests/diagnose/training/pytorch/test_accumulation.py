"""Gradients of several batches: whether the loss is divided, and whether they are cleared too often."""

import pytest
from small_programs import judged, reading, training

from diagnose.model import Accumulation

EVERY = "if (i + 1) % 4 == 0:\n    optimizer.step()\n    optimizer.zero_grad()"
SGD = "optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)"


def accumulating(**parts):
    usual = {"clear": "", "step": EVERY, "optimizer": SGD}
    return training(**{**usual, **parts}).replace(
        "for x, y in train_loader", "for i, (x, y) in enumerate(train_loader)"
    )


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"step": "if not (i + 1) % 4:\n    optimizer.step()\n    optimizer.zero_grad()"},
        {"step": "if (i + 1) % 4 == 0 or i + 1 == len(train_loader):\n    optimizer.step()\n    model.zero_grad()"},
        {"before": "accum_steps = 4", "step": EVERY.replace("% 4", "% accum_steps")},
        {"before": "scaler = torch.cuda.amp.GradScaler()", "backward": "scaler.scale(loss).backward()",
         "step": "if i % 4 == 3:\n    scaler.step(optimizer)\n    scaler.update()\n    optimizer.zero_grad()"},
        {"top": "from lightning.fabric import Fabric\nfabric = Fabric(accelerator='cuda')",
         "backward": "with fabric.no_backward_sync(model, enabled=i % 4 != 3):\n    fabric.backward(loss)"},
    ],
)  # fmt: skip
def test_a_sum_of_gradients_that_nothing_divides(tmp_path, parts):
    read = reading(tmp_path, accumulating(**parts))
    (one,) = read.program.facts(Accumulation)
    assert (one.batches, one.scaled, one.cleared) == (4, False, None)
    (finding,) = judged(read, "C342")[1]
    assert "backward" in (tmp_path / "program.py").read_text().splitlines()[finding.location.line - 1]


@pytest.mark.parametrize(
    "parts",
    [
        {"loss": "loss = criterion(model(x), y) / 4"},
        {"loss": "loss = criterion(model(x), y)\nloss = loss / 4"},
        {"loss": "loss = criterion(model(x), y)\nloss /= 4"},
        {"backward": "(loss / 4).backward()"},
        {"backward": "loss.div(4).backward()"},
        {"loss": "loss = criterion(model(x), y) * (1 / 4)"},
        {"criterion": "nn.CrossEntropyLoss(reduction='sum')"},
        {"step": "if (i + 1) % 4 == 0:\n    for p in model.parameters():\n        p.grad /= 4\n    optimizer.step()\n"
                 "    optimizer.zero_grad()"},
        {"top": "from accelerate import Accelerator\naccelerator = Accelerator(gradient_accumulation_steps=4)",
         "backward": "accelerator.backward(loss)"},
        {"top": "from lightning.fabric import Fabric\nfabric = Fabric(strategy='deepspeed')",
         "backward": "fabric.backward(loss)"},
        {"step": "optimizer.step()\nif i % 4 == 0:\n    print(i)", "clear": "optimizer.zero_grad()"},
        {"step": EVERY.replace("% 4", "% 1")},
        {"top": "import elsewhere", "loss": "loss = elsewhere.loss(model(x), y)"},
    ],
)  # fmt: skip
def test_a_loss_that_is_divided_or_may_be(tmp_path, parts):
    read = reading(tmp_path, accumulating(**parts))
    assert judged(read, "C342")[1] == ()
    assert judged(read, "C327")[1] == ()


@pytest.mark.parametrize(
    "parts",
    [
        {"clear": "optimizer.zero_grad()", "step": "if (i + 1) % 4 == 0:\n    optimizer.step()"},
        {"clear": "", "batch": "model.zero_grad()", "step": "if i % 4 == 0:\n    optimizer.step()"},
        {"step": "if (i + 1) % 4 == 0:\n    optimizer.step()\noptimizer.zero_grad()"},
    ],
)
def test_gradients_that_are_thrown_away(tmp_path, parts):
    read = reading(tmp_path, accumulating(loss="loss = criterion(model(x), y) / 4", **parts))
    (finding,) = judged(read, "C327")[1]
    line = (tmp_path / "program.py").read_text().splitlines()[finding.location.line - 1]
    assert "zero_grad" in line
    assert finding.subject == "thrown away"
    assert judged(read, "C342")[1] == ()


def test_two_optimizers_that_take_turns_are_left_alone(tmp_path):
    step = "if i % 2 == 0:\n    optimizer.step()\nelse:\n    other.step()"
    two = f"{SGD}\nother = torch.optim.Adam(model.fc.parameters())"
    read = reading(tmp_path, accumulating(optimizer=two, step=step, clear="model.zero_grad()"))
    assert read.program.facts(Accumulation) == ()


COUNTED = "count += 1\nif count == 8:\n    optimizer.step()\n    optimizer.zero_grad()\n    count = 0"
MICRO = """
import torch
from torch import nn
from torchvision import models
loader = torch.utils.data.DataLoader(torch.load("d"), 32)
model = models.resnet18().cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    batches = iter(loader)
    for step in range(len(loader) // 4):
        optimizer.zero_grad()
        for _ in range(4):
            {clear}
            x, y = next(batches)
            loss = nn.functional.cross_entropy(model(x.cuda()), y.cuda()){scaled}
            loss.backward()
        optimizer.step()
"""


def test_batches_that_the_loop_counts_up(tmp_path):
    read = reading(tmp_path, accumulating(before="count = 0", step=COUNTED))
    (one,) = read.program.facts(Accumulation)
    assert (one.batches, one.scaled) == (8, False)


@pytest.mark.parametrize(
    ("clear", "scaled", "codes"),
    [("pass", "", ["C342"]), ("pass", " / 4", []), ("optimizer.zero_grad()", " / 4", ["C327"])],
)
def test_a_loop_over_the_batches_of_one_step(tmp_path, clear, scaled, codes):
    read = reading(tmp_path, MICRO.format(clear=clear, scaled=scaled))
    assert read.config.learning_rate.value == 0.1
    assert [code for code in ("C310", "C327", "C342") if judged(read, code)[1]] == codes


@pytest.mark.parametrize(("given", "scaled"), [("", False), ("gradient_accumulation_steps=4", True)])
def test_accelerate_divides_by_its_setting(tmp_path, given, scaled):
    top = f"from accelerate import Accelerator\naccelerator = Accelerator({given})"
    step = "if (i + 1) % 4 == 0:\n    optimizer.step()\n    optimizer.zero_grad()"
    read = reading(tmp_path, accumulating(top=top, backward="accelerator.backward(loss)", step=step, clear=""))
    (one,) = read.program.facts(Accumulation)
    assert one.scaled is scaled
