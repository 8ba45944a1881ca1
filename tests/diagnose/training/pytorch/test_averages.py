"""Averages of the weights: kept and used, or kept for nothing."""

import pytest
from small_programs import found, reading, training

from diagnose.model import AverageUnused

EMA = """class EMA:
    def __init__(self, net, decay):
        self.net, self.decay, self.shadow, self.backup = net, decay, {}, {}
        self.register()
    def register(self):
        for name, p in self.net.named_parameters():
            self.shadow[name] = p.data.clone()
    def update(self):
        for name, p in self.net.named_parameters():
            self.shadow[name] = self.decay * self.shadow[name] + (1 - self.decay) * p.data
    def apply_shadow(self):
        for name, p in self.net.named_parameters():
            p.data = self.shadow[name]
ema = EMA(model, 0.999)"""
AVERAGED = "from torch.optim.swa_utils import AveragedModel\nema = AveragedModel(model)"
TIMM = "from timm.utils import ModelEmaV2\nema = ModelEmaV2(model, decay=0.999)"
VALIDATE = "net.eval()\nwith torch.no_grad():\n    for x, y in val_loader:\n        net(x.cuda())"
UPDATES = {EMA: "ema.update()", AVERAGED: "ema.update_parameters(model)", TIMM: "ema.update(model)"}


@pytest.mark.parametrize("average", [EMA, AVERAGED, TIMM])
@pytest.mark.parametrize("own", [True, False])
def test_an_average_of_the_weights(tmp_path, average, own):
    validate = VALIDATE.replace("net", "model")
    use = {EMA: "ema.apply_shadow()\n" + validate, AVERAGED: VALIDATE.replace("net", "ema"),
           TIMM: VALIDATE.replace("net", "ema.module")}[average]  # fmt: skip
    read = reading(tmp_path, training(before=average, after=UPDATES[average], validate=use if own else validate))
    assert bool(read.program.facts(AverageUnused)) is not own
    assert found(read, "C313") is not own


@pytest.mark.parametrize("end", ["torch.save(ema.state_dict(), 'ema.pth')", "evaluate(ema)", "ema.shadow"])
def test_an_average_that_is_kept_or_handed_on(tmp_path, end):
    top = "from elsewhere import evaluate"
    average = EMA if "shadow" in end else AVERAGED
    end = f"torch.save({end}, 'x')" if "shadow" in end else end
    read = reading(tmp_path, training(top=top, before=average, after=UPDATES[average], end=end))
    assert read.program.facts(AverageUnused) == ()


COPY = "import copy\nema_model = copy.deepcopy(model)\nfor p in ema_model.parameters():\n    p.requires_grad_(False)"
MIXED = (
    "with torch.no_grad():\n    for old, new in zip(ema_model.parameters(), model.parameters()):\n"
    "        old.mul_(0.999).add_(new, alpha=0.001)"
)


@pytest.mark.parametrize(
    ("validate", "unused"),
    [
        (VALIDATE.replace("net", "model"), True),
        (VALIDATE.replace("net", "ema_model"), False),
        (VALIDATE.replace("net", "model") + "\ntorch.save(ema_model.state_dict(), 'x')", False),
        (VALIDATE.replace("net", "model") + "\nmodel.load_state_dict(ema_model.state_dict())", False),
        (VALIDATE.replace("net", "model") + "\nelsewhere.evaluate(ema_model)", False),
    ],
)
def test_a_copy_of_the_network(tmp_path, validate, unused):
    read = reading(tmp_path, training(top="import elsewhere", before=COPY, after=MIXED, validate=validate))
    assert [one.name for one in read.program.facts(AverageUnused)] == (["ema_model"] if unused else [])
