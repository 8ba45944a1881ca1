"""Several networks in one program: whose optimizer steps."""

import pytest
from small_programs import found, reading, training

from diagnose.model import OptimizerMisses, WrongOptimizer

TWO = "model = models.resnet18(num_classes=10)\nother = models.resnet34(num_classes=10).cuda()"
BOTH = (
    "optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)\nsecond = torch.optim.Adam(other.parameters(), lr=1e-3)"
)
MUTUAL = (
    "a, b = model(x), other(x)\nloss = criterion(a, y) + F.kl_div(a.log_softmax(1), b.detach().softmax(1))\n"
    "loss2 = criterion(b, y) + F.kl_div(b.log_softmax(1), a.detach().softmax(1))"
)
TEACHER = "with torch.no_grad():\n    t = other(x)\nloss = criterion(model(x), y) + F.kl_div(model(x), t)"
GAN = "fake = model(torch.randn(32, 100))\nloss = criterion(other(x), y) + criterion(other(fake.detach()), y)"


def wrong(tmp_path, loss, clear, backward, step, **more):
    parts = {"model": TWO, "optimizer": BOTH, "loss": loss, "clear": clear, "backward": backward, "step": step, **more}
    read = reading(tmp_path, training(**parts))
    assert bool(read.program.facts(WrongOptimizer)) == found(read, "C313")
    return len(read.program.facts(WrongOptimizer))


@pytest.mark.parametrize(
    ("loss", "clear", "backward", "step"),
    [
        (MUTUAL, "optimizer.zero_grad()", "loss.backward()",
         "second.step()\nsecond.zero_grad()\nloss2.backward()\noptimizer.step()"),
        (TEACHER, "optimizer.zero_grad()\nsecond.zero_grad()", "loss.backward()", "second.step()"),
        (GAN, "second.zero_grad()", "loss.backward()",
         "optimizer.step()\noptimizer.zero_grad()\ncriterion(other(fake), y).backward()\noptimizer.step()"),
        (GAN, "second.zero_grad()", "loss.backward()",
         "second.step()\noptimizer.zero_grad()\ncriterion(other(fake), y).backward()\nsecond.step()"),
    ],
)  # fmt: skip
def test_the_other_networks_optimizer_steps(tmp_path, loss, clear, backward, step):
    assert wrong(tmp_path, loss, clear, backward, step) == 1


@pytest.mark.parametrize(
    ("loss", "clear", "backward", "step"),
    [
        (MUTUAL, "optimizer.zero_grad()", "loss.backward()",
         "optimizer.step()\nsecond.zero_grad()\nloss2.backward()\nsecond.step()"),
        (MUTUAL, "optimizer.zero_grad()\nsecond.zero_grad()", "loss.backward()\nloss2.backward()",
         "optimizer.step()\nsecond.step()"),
        (MUTUAL, "optimizer.zero_grad()\nsecond.zero_grad()", "(loss + loss2).backward()",
         "second.step()\noptimizer.step()"),
        (TEACHER, "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"),
        (GAN, "second.zero_grad()", "loss.backward()",
         "second.step()\noptimizer.zero_grad()\ncriterion(other(fake), y).backward()\noptimizer.step()"),
        ("loss = criterion(other(model(x)), y)", "optimizer.zero_grad()\nsecond.zero_grad()", "loss.backward()",
         "optimizer.step()\nsecond.step()"),
    ],
)  # fmt: skip
def test_each_networks_own_optimizer_steps(tmp_path, loss, clear, backward, step):
    assert wrong(tmp_path, loss, clear, backward, step) == 0


def test_a_loss_with_parameters_of_its_own(tmp_path):
    center = (
        "class CenterLoss(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.centers = nn.Parameter(torch.randn(10, 512))\n    def forward(self, f, y):\n"
        "        return ((f - self.centers[y]) ** 2).mean()\ncenter = CenterLoss().cuda()"
    )
    optimizer = f"{center}\n{BOTH.replace('other.parameters()', 'center.parameters()')}"
    loss = "loss = criterion(model(x), y) + center(other(x), y)"
    assert wrong(tmp_path, loss, "optimizer.zero_grad()", "loss.backward()", "optimizer.step()\nsecond.step()",
                 optimizer=optimizer) == 0  # fmt: skip


def test_the_teachers_optimizer_holds_nothing_that_trains(tmp_path):
    parts = {"model": TWO, "optimizer": BOTH.replace("model.par", "other.par"), "loss": TEACHER}
    seen = reading(tmp_path, training(**parts)).program.facts(OptimizerMisses)
    assert [one.foreign for one in seen] == [True]
