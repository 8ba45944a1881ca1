"""Real programs in real children: what is seen of them, and that bad ones end within their time and leave nothing."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from diagnose.running.child import Asked, run

sys.path.insert(0, str(Path(__file__).parent))
from programs import SOUND, changed


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """A function that runs a program's text and gives the last summary."""
    monkeypatch.chdir(tmp_path)

    def ran(text, limit=60.0, *arguments, stop=None):
        (tmp_path / "train.py").write_text(text)
        before = sorted(path.name for path in tmp_path.iterdir())
        *_, last = run(Asked(Path("train.py"), arguments, "train.py", limit), stop or threading.Event())
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        return last

    return ran


def running(mark):
    """Processes whose command line holds a word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in entry.read_bytes().decode("utf-8", "replace"):
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def test_a_sound_program_is_seen_whole(ran):
    seen = ran(SOUND)
    assert seen.ended == "finished"
    assert (seen.epochs, seen.network.name, seen.network.outputs) == (3, "Sequential", 3)
    assert seen.network.parameters == seen.network.trainable == 1419
    assert seen.network.without_gradient is seen.network.unheld is seen.network.unmoved is None
    train, val = seen.training, seen.held_out
    assert (train.images, train.batch_size, train.order, val.order) == (64, 8, "shuffled", "in order")
    assert (train.pixels.shape, train.label_kind, val.drawn_twice) == ((3, 16, 16), "integers", True)
    (optimizer,) = seen.optimizers
    assert (optimizer.name, optimizer.learning_rate, optimizer.accumulates) == ("SGD", 0.05, False)
    assert dict(seen.modes.held_out).keys() == {False}
    assert seen.loss.first == pytest.approx(1.1, abs=0.3)
    assert seen.seed == 0
    assert not any(one.explained for one in seen.printed)
    assert "val acc" in seen.output


def test_what_a_faulty_one_does_is_seen(ran):
    seen = ran(
        changed(
            ("        optimizer.zero_grad()\n", ""),
            ("    net.eval()\n", ""),
            ("net = nn", "other = nn.Linear(2, 2)\nnet = nn"),
            ("SGD(net.parameters()", "SGD([*net[0].parameters(), *net[1].parameters(), *other.parameters()]"),
            ("right / 32", "right / len(val)"),
        )
    )
    assert seen.network.unheld.head
    assert seen.optimizers[0].accumulates
    assert dict(seen.modes.held_out).keys() == {True}
    assert any("number of batches" in one.explained for one in seen.printed)


@pytest.mark.parametrize(
    ("text", "ended", "word"),
    [
        ("name = input('which one? ')", "missing", "asks for input"),
        ("import sys\nsys.exit('give me data')", "crashed", "give me data"),
        ("open('data/train.csv')", "missing", "data/train.csv"),
        ("import a_module_that_nobody_has", "missing", "a_module_that_nobody_has"),
        ("def f(:\n", "crashed", "SyntaxError"),
        ("print('done')", "never trained", "without a training step"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed", "SIGSEGV"),
    ],
)
def test_bad_programs_end_with_one_sentence(ran, text, ended, word):
    seen = ran(text)
    assert seen.ended == ended
    assert word in seen.why
    assert "\n" not in seen.why


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    pass",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "while True:\n    print('x' * 1000)",
        "import time\nwhile True:\n    time.sleep(1)",
    ],
)
def test_endless_programs_end_at_their_limit(ran, text):
    begin = time.monotonic()
    seen = ran(text, 4.0)
    assert time.monotonic() - begin < 20
    assert (seen.ended, seen.steps) == ("time", 0)
    assert "train.py" in str(seen.location)


def test_no_process_is_left_not_even_one_of_a_session_of_its_own(ran):
    mark = "a_child_that_outlives_its_parent"
    text = f"import subprocess, sys, time\nfor new in (True, False):\n    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '{mark}'], start_new_session=new)\ntime.sleep(1)\n"  # noqa: E501
    assert ran(text, 20.0).ended == "never trained"
    assert running(mark) == []


def test_it_can_be_stopped(ran):
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    assert ran("import time\ntime.sleep(60)", 60.0, stop=stop).ended == "stopped"


def test_nothing_is_written_beside_the_program_not_even_compiled_modules(ran, tmp_path):
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    text = "import helper, os, pathlib\nos.makedirs('runs/one')\npathlib.Path('runs/one/log.txt').write_text('x')\n"
    assert ran(text + "open('helper.py', 'a').write('more')\nprint(helper.VALUE)").ended == "never trained"
    assert (tmp_path / "helper.py").read_text() == "VALUE = 1\n"


def test_a_notebook_runs_cell_by_cell(tmp_path, monkeypatch):
    import json

    monkeypatch.chdir(tmp_path)
    cells = [
        {"cell_type": "markdown", "source": ["# words"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install x\n", "a = 1\n"]},
        {"cell_type": "code", "source": ["\n", "raise ValueError(a)"]},
    ]
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": cells}))
    *_, seen = run(Asked(Path("book.ipynb"), (), "book.ipynb", 20.0), threading.Event())
    assert (seen.ended, seen.why) == ("crashed", "ValueError: 1")
    assert (seen.location.file, seen.location.cell, seen.location.line) == ("book.ipynb", 3, 2)


AUGMENTED = """\
class Turned(torch.utils.data.Dataset):
    epoch = 0
    def __len__(self):
        return 64
    def __getitem__(self, index):
        generator = random.Random(SEED)
        return torch.roll(images[index], generator.randrange(16), 2), labels[index]
"""


@pytest.mark.parametrize(
    ("seed", "repeats"), [("index", True), ("index + 1000 * Turned.epoch", False), ("None", False)]
)
def test_augmentation_by_a_generator_of_its_own(ran, seed, repeats):
    text = AUGMENTED.replace("SEED", seed)
    seen = ran(
        changed(
            ("import torch\n", "import random\nimport torch\n"),
            ("train = DataLoader(TensorDataset(images[:64], labels[:64])", f"{text}train = DataLoader(Turned()"),
            ("    net.train()\n", "    net.train()\n    Turned.epoch = epoch\n"),
        )
    )
    assert (seen.training.drawn_later, seen.training.seeded_at is not None) == (repeats, seed != "None")
    assert seen.training.draws is False
    assert seen.training.passed_on


def test_a_program_that_compares_all_answers_is_run_with_a_whole_validation(ran):
    seen = ran(
        changed(
            ("    right = 0\n", "    given = []\n"),
            ("right += (net(x).argmax(1) == y).sum().item()", "given.append(net(x).argmax(1))"),
            ("right / 32", "(torch.cat(given) == labels[64:]).float().mean().item()"),
            ("labels[64:]), batch_size=8", "labels[64:]), batch_size=2"),
        )
    )
    assert (seen.ended, seen.epochs) == ("finished", 3)


def test_layers_in_a_python_list_are_missing_from_the_optimizer(ran):
    net = (
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.parts = [nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Flatten()]\n"
        "        self.head = nn.Linear(392, 3)\n"
        "    def forward(self, x):\n"
        "        for part in self.parts:\n"
        "            x = part(x)\n"
        "        return self.head(x)\n"
        "net = Net()\n"
    )
    line = next(line for line in SOUND.splitlines() if line.startswith("net = "))
    seen = ran(changed((line + "\n", net)))
    assert seen.network.unheld.parameters == 224
    assert seen.network.parameters == 392 * 3 + 3


def test_several_networks_in_turn_are_seen_as_the_first(ran):
    body = SOUND[SOUND.index("optimizer = ") :]
    again = "net = nn.Sequential(nn.Flatten(), nn.Linear(768, 3))\n" + body
    kept = "    best = {k: v.clone() for k, v in net.state_dict().items()}\nnet.load_state_dict(best)\n"
    seen = ran(SOUND + kept + again)
    assert (seen.network.parameters, seen.network.pretrained) == (1419, 0.0)
    assert [one.accumulates for one in seen.optimizers] == [False, False]


def test_parameters_that_are_thawed_later_are_not_among_those_that_may_train_at_first(ran):
    seen = ran(
        changed(
            ("optimizer = ", "net[0].requires_grad_(False)\noptimizer = "),
            ("    net.train()\n", "    net.train()\n    net[0].requires_grad_(epoch > 1)\n"),
        )
    )
    assert (seen.network.parameters, seen.network.trainable) == (1419, 1419 - 224)
    assert seen.network.without_gradient is None


SELDOM = """\
        if n % 16 == 15:
            optimizer.step()
            optimizer.zero_grad()
"""


def test_gradients_of_many_batches_for_one_step_are_waited_for(ran):
    text = changed(
        ("torch.rand(96,", "torch.rand(256,"), ("torch.arange(96)", "torch.arange(256)"),
        ("images[:64], labels[:64]", "images[:224], labels[:224]"),
        ("images[64:], labels[64:]", "images[224:], labels[224:]"),
        ("    for x, y in train:\n        optimizer.zero_grad()\n", "    for n, (x, y) in enumerate(train):\n"),
        ("loss_of(net(x), y)\n", "loss_of(net(x), y) / 16\n"),
        ("        optimizer.step()\n", SELDOM),
    )  # fmt: skip
    seen = ran(text)
    assert seen.steps >= 1
    assert seen.optimizers[0].passes == 16


def test_weights_that_are_drawn_anew_after_loading_are_lost(ran):
    load = "net.load_state_dict({name: tensor * 2 for name, tensor in net.state_dict().items()})\n"
    kept, lost = (
        ran(changed(("optimizer = ", load + anew + "optimizer = ")))
        for anew in (
            "net.to(memory_format=torch.channels_last)\n",
            "for layer in (net[0], net[4]):\n    layer.reset_parameters()\n",
        )
    )
    assert (kept.arrivals[0].kept, kept.network.pretrained) == (1.0, 1.0)
    assert lost.arrivals[0].kept < 0.1
    assert lost.network.pretrained < 0.1


def test_loaders_of_one_dataset_are_told_apart_by_their_samplers(ran):
    seen = ran(
        changed(
            ("from torch.utils.data import", "from torch.utils.data import SubsetRandomSampler,"),
            ("TensorDataset(images[:64], labels[:64]), batch_size=8, shuffle=True",
             "whole, batch_size=8, sampler=SubsetRandomSampler(range(64))"),
            ("TensorDataset(images[64:], labels[64:]), batch_size=8",
             "whole, batch_size=8, sampler=SubsetRandomSampler(range(64, 96))"),
            ("train = DataLoader", "whole = TensorDataset(images, labels)\ntrain = DataLoader"),
            ("right / 32", "right / len(whole)"),
        )
    )  # fmt: skip
    assert seen.validated
    assert seen.held_out.same_as_training is None
    assert any(one.explained for one in seen.printed)


def test_augmentation_that_is_kept_in_memory(ran):
    text = AUGMENTED.replace(
        "        generator = random.Random(SEED)\n", "        if index not in self.kept:\n"
    ).replace(
        "return torch.roll(images[index], generator.randrange(16), 2)",
        "    self.kept[index] = torch.roll(images[index], random.randrange(16), 2)\n        return self.kept[index]",
    )
    seen = ran(
        changed(
            ("import torch\n", "import random\nimport torch\n"),
            ("train = DataLoader(TensorDataset(images[:64], labels[:64])",
             text.replace("epoch = 0", "kept = {}") + "train = DataLoader(Turned()"),
        )
    )  # fmt: skip
    assert (seen.training.draws, seen.training.drawn_twice, seen.training.drawn_later) == (True, True, True)


def test_of_two_optimizers_the_one_that_is_never_cleared_is_seen(ran):
    seen = ran(
        changed(
            ("optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)",
             "optimizer = torch.optim.SGD(net[4].parameters(), lr=0.05)\n"
             "other = torch.optim.Adam(net[:2].parameters(), lr=0.001)\n"
             "warm = torch.optim.lr_scheduler.LambdaLR(other, lambda step: min(1, (step + 1) / 500))"),
            ("        optimizer.step()", "        optimizer.step()\n        other.step()"),
            ("    net.eval()", "    warm.step()\n    net.eval()"),
        )
    )  # fmt: skip
    assert {one.name: one.accumulates for one in seen.optimizers} == {"SGD": False, "Adam": True}
    (schedule,) = [one for one in seen.schedules if one.per == "epoch"]
    assert schedule.reaches(90) < 0.25 * schedule.climb[-1][1]
    assert schedule.climb[-1] == (499, pytest.approx(0.001))


def test_weights_that_no_name_fitted_did_not_arrive_and_an_average_beside_is_no_frozen_layer(ran):
    seen = ran(
        changed(
            ("optimizer =",
             "import copy\n"
             "torch.save({'module.' + name: value for name, value in net.state_dict().items()}, 'start.pt')\n"
             "own, given = net.state_dict(), torch.load('start.pt')\n"
             "own.update({name: value for name, value in given.items() if name in own})\n"
             "net.load_state_dict(own)\n"
             "class Both(nn.Module):\n"
             "    def __init__(self):\n"
             "        super().__init__()\n"
             "        self.net, self.ema = net, copy.deepcopy(net).requires_grad_(False)\n"
             "    def forward(self, x):\n"
             "        return self.net(x) if self.training else self.ema(x)\n"
             "both = Both()\n"
             "optimizer ="),
            ("    net.train()", "    both.train()"),
            ("    net.eval()", "    both.eval()"),
            ("loss_of(net(x), y)", "loss_of(both(x), y)"),
            ("(net(x).argmax(1)", "(both(x).argmax(1)"),
        )
    )  # fmt: skip
    (arrival,) = seen.arrivals
    assert arrival.filled == 0.0
    assert seen.network.frozen_random is None
    assert seen.network.pretrained == 0.0


def test_the_parent_is_never_forked_whose_threads_may_be_in_the_middle_of_a_product(ran):
    forks = []
    os.register_at_fork(before=lambda: forks.append(1))
    assert ran("print('hello')", 20.0).ended == "never trained"
    assert forks == []
