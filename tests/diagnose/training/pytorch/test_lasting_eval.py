"""eval() that lasts into training, in loops over epochs, batches and steps."""

import pytest
from small_programs import found, reading, training

from diagnose.model import TrainModeNotRestored

EVALUATE = (
    "def evaluate(net):\n    net.eval()\n    with torch.no_grad():\n        for x, y in val_loader:\n"
    "            net(x.cuda())\n"
)
CLASS = (
    "class Trainer:\n    def __init__(self, model):\n        self.model = model\n    def validate(self):\n"
    "        self.model.eval()\n        with torch.no_grad():\n            for x, y in val_loader:\n"
    "                self.model(x.cuda())\ntrainer = Trainer(model)\n"
)
COUNT = "step = 0"


def since(tmp_path, **parts):
    read = reading(tmp_path, training(**parts))
    seen = read.program.facts(TrainModeNotRestored)
    assert bool(seen) == found(read, "C311")
    return [one.since for one in seen]


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ({"before": f"{EVALUATE}model.train()", "mode": "pass", "validate": "evaluate(model)"}, ["epoch"]),
        ({"before": f"{CLASS}model.train()", "mode": "pass", "validate": "trainer.validate()"}, ["epoch"]),
        ({"before": EVALUATE + COUNT, "after": "step += 1\nif step % 100 == 0:\n    evaluate(model)"}, ["batch"]),
        ({"before": CLASS + COUNT, "after": "step += 1\nif step % 100 == 0:\n    trainer.validate()"}, ["batch"]),
        ({"before": f"{EVALUATE}evaluate(model)", "mode": "pass", "validate": "pass"}, ["start"]),
        ({"before": "model.eval()", "mode": "pass", "validate": "pass"}, ["start"]),
    ],
)
def test_training_goes_on_in_evaluation_mode(tmp_path, parts, kinds):
    assert since(tmp_path, **parts) == kinds


def test_a_loop_over_steps(tmp_path):
    text = training(before=EVALUATE)
    text = text[: text.index("for epoch")] + (
        "batches = iter(train_loader)\nmodel.train()\nfor step in range(10000):\n    x, y = next(batches)\n"
        "    optimizer.zero_grad()\n    loss = criterion(model(x.cuda()), y.cuda())\n    loss.backward()\n"
        "    optimizer.step()\n    if step % 500 == 0:\n        evaluate(model)\n"
    )
    assert [one.since for one in reading(tmp_path, text).program.facts(TrainModeNotRestored)] == ["batch"]
    again = text + "        model.train()\n"
    assert reading(tmp_path, again).program.facts(TrainModeNotRestored) == ()


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"before": EVALUATE, "validate": "evaluate(model)"},
        {"before": EVALUATE + COUNT,
         "after": "step += 1\nif step % 100 == 0:\n    evaluate(model)\n    model.train()"},
        {"before": EVALUATE + COUNT, "mode": "pass",
         "batch": "model.train()", "after": "step += 1\nif step % 100 == 0:\n    evaluate(model)"},
        {"before": EVALUATE + COUNT, "after": "step += 1\nif step == 9000:\n    evaluate(model)\n    break"},
        {"before": EVALUATE.replace("net.eval()", "was = net.training\n    net.eval()") + "    net.train(was)\n",
         "mode": "pass", "validate": "evaluate(model)"},
        {"before": f"{EVALUATE}evaluate(model)", "validate": "evaluate(model)"},
    ],
)  # fmt: skip
def test_training_goes_on_in_training_mode(tmp_path, parts):
    assert since(tmp_path, **parts) == []
