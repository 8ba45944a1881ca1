"""Networks of the program's own that attend."""

import pytest
from small_programs import found, reading, training

from diagnose.model import OwnTransformer

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 64, 4, 4)
        {extra}
        self.blocks = {blocks}
        self.head = nn.Linear(64, 10)
    def forward(self, x):
        return self.head(self.blocks(self.embed(x).flatten(2).transpose(1, 2)).mean(1))
model = Net()
"""
LAYER = "nn.TransformerEncoder(nn.TransformerEncoderLayer(64, 4), 6)"
SGD = "optimizer = torch.optim.SGD(model.parameters(), lr={}, momentum=0.9)"


@pytest.mark.parametrize(
    ("blocks", "extra", "expected"),
    [
        (LAYER, "pass", True),
        (LAYER, "self.norm = nn.BatchNorm2d(64)", False),
        ("nn.Sequential(nn.Linear(64, 64), nn.GELU())", "pass", False),
    ],
)
def test_a_network_that_attends(tmp_path, blocks, extra, expected):
    text = training(model=NET.format(blocks=blocks, extra=extra), optimizer=SGD.format(0.1))
    read = reading(tmp_path, text)
    assert bool(read.program.facts(OwnTransformer)) is expected
    assert found(read, "C344") is expected


def test_low_rates_are_left_alone(tmp_path):
    text = training(model=NET.format(blocks=LAYER, extra="pass"), optimizer=SGD.format(0.01))
    assert not found(reading(tmp_path, text), "C344")


def test_a_network_of_a_library_is_known_by_its_name(tmp_path):
    assert reading(tmp_path, training()).program.facts(OwnTransformer) == ()
