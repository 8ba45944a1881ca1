"""The class of a network in the program, and whether --model could name it."""

import pytest
from small_programs import reading, training

NET = """
class Net(nn.Module):
    def __init__(self{}):
        super().__init__()
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""


def own_class_of(tmp_path, top, model="model = Net()"):
    return reading(tmp_path, training(top=top, model=model)).program.own_class


def test_the_class_is_named_with_its_place_and_what_importing_would_run(tmp_path):
    found = own_class_of(tmp_path, NET.format(""))
    assert (found.name, found.needs) == ("Net", ())
    assert found.location.line
    assert "loop" in found.runs_at_import


def test_arguments_besides_the_classes_are_named(tmp_path):
    found = own_class_of(
        tmp_path, NET.format(", depth, num_classes, *, width, dropout=0.1"), "model = Net(3, 10, width=2)"
    )
    assert found.needs == ("depth", "width")


def test_a_class_in_a_file_beside_the_program_can_be_imported(tmp_path):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "small.py").write_text(
        "import torch\nfrom torch import nn\ntorch.manual_seed(0)\n" + NET.format("")
    )
    found = own_class_of(tmp_path, "from nets.small import Net")
    assert (found.module, found.runs_at_import) == ("nets.small", "")


@pytest.mark.parametrize(
    "model", ["model = models.resnet50()", "model = nn.Sequential(nn.Flatten(), nn.Linear(12, 10))"]
)
def test_a_librarys_network_has_no_class_of_the_program(tmp_path, model):
    assert own_class_of(tmp_path, "", model) is None
