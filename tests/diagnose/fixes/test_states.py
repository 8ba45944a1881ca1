"""Rewrites of states and layers, alone and as patches of whole programs."""

import threading

import pytest
from small_programs import training, write

from diagnose.controls import Controls
from diagnose.engine import Request, diagnose
from diagnose.events import Finished
from diagnose.fixes.plan import patches
from diagnose.fixes.rewrites import REWRITES, Place
from diagnose.fixes.script import Script

SAVED = (
    "optim = Adam()\nc = torch.load(p)\nm.load_state_dict(c['m'])\n"
    "torch.save({'m': m.state_dict(), 'o': optim.state_dict()})\n"
)
CASES = [
    ("restore-optimizer", 3, SAVED, SAVED.replace("c['m'])\n", "c['m'])\noptim.load_state_dict(c['o'])\n")),
    ("unpack-weights", 3, SAVED.replace("c['m']", "c, strict=False"), SAVED.replace("c['m']", "c['m'], strict=False")),
    ("pass-training", 1, "x = F.dropout(x, 0.5)\n", "x = F.dropout(x, 0.5, training=self.training)\n"),
    ("pass-training", 1, "x = F.batch_norm(x, m, v, training=True)\n",
     "x = F.batch_norm(x, m, v, training=self.training)\n"),
    ("activate-between", 2, "s = nn.Sequential(\n    nn.Linear(9, 8),\n)\n",
     "s = nn.Sequential(\n    nn.ReLU(), nn.Linear(9, 8),\n)\n"),
    ("activate-between", 1, "x = self.fc(x)\n", "x = self.fc(torch.relu(x))\n"),
    ("activate-between", 1, "x = layers.Dense(3)(x)\n", "x = layers.Dense(3)(layers.ReLU()(x))\n"),
    ("activate-between", 1, "m.add(layers.Conv2D(8, 3))\n", "m.add(layers.ReLU())\nm.add(layers.Conv2D(8, 3))\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "text", "wanted"), CASES)
def test_what_is_proposed_first(name, line, text, wanted):
    assert next(iter(REWRITES[name](Place(Script(text), line, {})))) == wanted


def test_an_optimizer_that_is_not_there_yet_is_not_loaded():
    text = SAVED.replace("optim = Adam()", "pass") + "optim = Adam()\n"
    assert list(REWRITES["restore-optimizer"](Place(Script(text), 3, {}))) == []


NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3072, 512)
        self.fc2 = nn.Linear(512, 10)
    def forward(self, x):
        x = {first}(x.flatten(1))
        return self.fc2(x)
model = Net()"""
SAVE = "torch.save({'epoch': epoch, 'model': model.state_dict(), 'optimizer': optimizer.state_dict()}, 'last.pth')"
RESUME = (
    "import os\nstart = 0\nif os.path.exists('last.pth'):\n    ckpt = torch.load('last.pth')\n"
    "    model.load_state_dict(ckpt['model'])\n    start = ckpt['epoch'] + 1\nfor epoch in range(start, 30):\n    pass"
)


@pytest.mark.parametrize(
    ("code", "parts", "added"),
    [
        ("C333", {"before": RESUME, "validate": SAVE}, "    optimizer.load_state_dict(ckpt['optimizer'])"),
        ("C334", {"model": NET.format(first="F.dropout(self.fc1(x.flatten(1)).relu(), 0.5)  # ")},
         "training=self.training"),
        ("C338", {"model": NET.format(first="self.fc1")}, "return self.fc2(torch.relu(x))"),
        ("C339", {"before": "model.load_state_dict(torch.load('last.pth'), strict=False)", "validate": SAVE},
         "model.load_state_dict(torch.load('last.pth')['model'], strict=False)"),
    ],
)  # fmt: skip
def test_the_patch_of_a_whole_program(tmp_path, code, parts, added):
    path = write(tmp_path, training(**parts))
    events = diagnose(Request(None, str(path), probes=False), Controls(threading.Event()))
    (last,) = [event for event in events if isinstance(event, Finished)]
    made = patches(str(path), last.diagnosis)
    (one,) = [
        edits
        for mark, edits in made.items()
        if mark in {f.fingerprint for f in last.diagnosis.findings if f.code == code}
    ]
    assert not isinstance(one, str), one
    assert added in one[0].after
