"""Slips of small programs of torch, each really run, beside the sound one."""

import sys
import threading
from pathlib import Path

import pytest

from diagnose.running.child import Asked, run

sys.path.insert(0, str(Path(__file__).parents[1]))
from programs import changed

BACKWARD = "        loss.backward()\n"
LOOP = "    net.train()\n"
AGAIN = "    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)\n"
STEP = "        optimizer.step()\n"
BY_HAND = """\
        for p, gradient in zip(net.parameters(), torch.autograd.grad(loss, net.parameters())):
            p.grad = gradient
"""
COPY = 'for group in optimizer.state_dict()["param_groups"]:\n            group["lr"] = 0.5\n'
SLIPS = {
    "loss maximised": (BACKWARD, "        (-loss).backward()\n"),
    "activation before the loss": ("loss_of(net(x), y)", "loss_of(net(x).relu(), y)"),
    "softmax over the batch": ("loss_of(net(x), y)", "nn.functional.nll_loss(net(x).log_softmax(0), y)"),
    "labels smoothed away": ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(label_smoothing=0.8)"),
    "loss summed": ("nn.CrossEntropyLoss()", 'nn.CrossEntropyLoss(reduction="sum")'),
    "optimizer made again": (LOOP, LOOP + AGAIN),
    "rate in a copy": (STEP, STEP + "        " + COPY),
    "nearly everything dropped": ("nn.Flatten(),", "nn.Flatten(), nn.Dropout(0.95),"),
    "seeded again": (LOOP, LOOP + "    torch.manual_seed(0)\n"),
}


@pytest.fixture
def kinds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def kinds(text):
        (tmp_path / "train.py").write_text(text)
        *_, last = run(Asked(Path("train.py"), (), "train.py", 60.0), threading.Event())
        assert last.steps > 0, last.why
        return {one.kind for one in last.mistakes}

    return kinds


def test_a_sound_program_has_none(kinds):
    assert kinds(changed()) == set()


def test_gradients_that_are_set_by_hand_are_a_training(kinds):
    assert kinds(changed((BACKWARD, BY_HAND))) == set()


@pytest.mark.parametrize("kind", SLIPS)
def test_each_slip_is_seen(kinds, kind):
    assert kinds(changed(SLIPS[kind])) == {kind}
