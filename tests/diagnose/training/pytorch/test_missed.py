"""Networks whose parameters no optimizer holds."""

from small_programs import found, judged, reading, training

BESIDE = "other = models.resnet18(num_classes=10).cuda()"
BOTH = "loss = criterion(model(x), y) + criterion(other(x), y)"


def test_a_temperature_on_answers_that_were_computed_before_is_no_training_of_the_network(tmp_path):
    text = training(
        before="scale = nn.Parameter(torch.ones(1))\nanswers = []\nwith torch.no_grad():\n"
        "    for x, y in val_loader:\n        answers.append(model(x.cuda()))\nfixed = torch.cat(answers)",
        optimizer="optimizer = None",
        loss="optimizer = torch.optim.LBFGS([scale])\nloss = criterion(fixed / scale, y)",
    )
    assert not found(reading(tmp_path, text), "C313")


def test_a_second_network_that_is_trained_beside_it(tmp_path):
    read = reading(tmp_path, training(before=BESIDE, mode="model.train()\nother.train()", loss=BOTH))
    _, (finding,) = judged(read, "C313")
    assert finding.severity.value == "error"


def test_a_second_network_that_is_held_or_does_not_train(tmp_path):
    held = "optimizer = torch.optim.SGD([*model.parameters(), *other.parameters()], lr=0.005)"
    text = training(before=f"{BESIDE}\n{held}", mode="model.train()\nother.train()", loss=BOTH)
    assert not found(reading(tmp_path, text), "C313")
    taught = "with torch.no_grad():\n    target = other(x)\nloss = F.mse_loss(model(x), target)"
    assert not found(
        reading(tmp_path, training(before=BESIDE, mode="model.train()\nother.train()", loss=taught)), "C313"
    )


def test_the_second_optimizer_of_two_networks_that_holds_the_firsts_parameters(tmp_path):
    second = "optimizer2 = torch.optim.SGD(model.parameters(), lr=0.005)"
    turns = "loss.backward()\noptimizer.step()\noptimizer2.zero_grad()\ncriterion(other(x), y).backward()"
    text = training(before=f"{BESIDE}\n{second}", mode="model.train()\nother.train()", backward=turns,
                    step="optimizer2.step()")  # fmt: skip
    findings = judged(reading(tmp_path, text), "C313")[1]
    assert findings[0].location.line == text[: text.index("optimizer2 =")].count("\n") + 1
    sound = text.replace("SGD(model.parameters(), lr=0.005)\nfor", "SGD(other.parameters(), lr=0.005)\nfor")
    assert sound != text
    assert not found(reading(tmp_path, sound), "C313")


HEAD_ALONE = "for p in model.fc.parameters():\n    p.requires_grad = True"
FREEZE = f"for p in model.parameters():\n    p.requires_grad = False\n{HEAD_ALONE}"
THAW = "for p in model.layer4.parameters():\n    p.requires_grad = True"
HEAD = "optimizer = torch.optim.AdamW(model.fc.parameters(), lr=1e-3)"


def test_unfrozen_layers_that_the_optimizer_does_not_hold(tmp_path):
    text = training(before=f"{FREEZE}\n{THAW}", optimizer=HEAD)
    _, (finding,) = judged(reading(tmp_path, text), "C313")
    assert (finding.severity.value, finding.subject) == ("warning", "unfrozen")
    assert finding.measured["examples"][0].startswith("layer4.")


def test_unfrozen_layers_that_are_held_or_frozen_again(tmp_path):
    every = "optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)"
    added = f"{HEAD}\noptimizer.add_param_group({{'params': model.layer4.parameters()}})"
    for before, optimizer in ((f"{FREEZE}\n{THAW}", every), (f"{FREEZE}\n{THAW}", added), (FREEZE, HEAD),
                              (f"{FREEZE}\n{THAW}\n{FREEZE}", HEAD)):  # fmt: skip
        assert not found(reading(tmp_path, training(before=before, optimizer=optimizer)), "C313")
