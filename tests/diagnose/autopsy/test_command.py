"""The command and the Python API with --checkpoint, with the real child."""

import json
import subprocess
import sys

import pytest
import torch

import diagnose
from diagnose.model import InputError

from .conftest import answering

EVALUATES = """\
from pathlib import Path

import cv2
import torch
from colour_network import make
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

steps = transforms.Compose([transforms.ToTensor(), transforms.Resize((8, 8))])


class Pictures(Dataset):
    def __init__(self, root):
        self.files = sorted(Path(root).rglob("*.png"))

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path = self.files[index]
        return steps(cv2.imread(str(path))), ["blue", "green", "red"].index(path.parent.name)


model = make(num_classes=3)
model.load_state_dict(torch.load("best.pth"))
model.eval()
right = 0
with torch.no_grad():
    for images, labels in DataLoader(Pictures("colours/val"), batch_size=64):
        right += (model(images).argmax(1) == labels).sum().item()
print(right)
"""


@pytest.fixture
def beside(colours, tmp_path, monkeypatch):
    """A program that only evaluates, beside a checkpoint that was trained on RGB images."""
    (tmp_path / "evaluate.py").write_text(EVALUATES)
    torch.save(answering(), tmp_path / "best.pth")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_command_names_the_cause_at_its_line(beside):
    words = ["colours", "--checkpoint", "best.pth", "--config", "evaluate.py", "--model", "colour_network:make"]
    words += ["--report", "--format", "json", "--device", "cpu"]
    done = subprocess.run([sys.executable, "-m", "diagnose", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["checkpoint"]["restored"]["kind"] == "channel order"
    (found,) = [one for one in report["findings"] if one["code"] == "K705"]
    assert "cv2.imread" in EVALUATES.splitlines()[found["location"]["line"] - 1]


@pytest.mark.slow
def test_the_api_examines_a_checkpoint(beside):
    found = diagnose.inspect("colours", model="colour_network:make", checkpoint="best.pth", device="cpu")
    assert found.evidence.checkpoint.arch == "colour_network:make"
    assert found.evidence.checkpoint.accuracy == 1.0


def test_the_api_refuses_what_cannot_go_together():
    with pytest.raises(InputError, match="finished model"):
        diagnose.diagnose("colours", checkpoint="best.pth", tune=True)


def test_the_api_passes_the_file_and_a_typed_architecture_on():
    request = diagnose.diagnose("colours", checkpoint="best.pth", arch="resnet18").request
    assert (request.checkpoint, request.checkpoint_arch, request.arch) == ("best.pth", "resnet18", "resnet18")
    assert diagnose.diagnose("colours", checkpoint="best.pth").request.checkpoint_arch is None


@pytest.mark.slow
def test_a_program_that_is_run_shows_its_own_network_and_its_input(beside):
    flipped = "np.asarray(Image.open(path))[..., ::-1].copy()"
    text = EVALUATES.replace("import cv2", "import numpy as np\nfrom PIL import Image")
    (beside / "evaluate.py").write_text(text.replace("cv2.imread(str(path))", flipped))
    words = ["colours", "--checkpoint", "best.pth", "--config", "evaluate.py", "--run"]
    words += ["--report", "--format", "json", "--device", "cpu"]
    done = subprocess.run([sys.executable, "-m", "diagnose", *words], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["checkpoint"]
    assert (found["named_by"], found["written"]["order"]) == ("the run", "BGR")
    assert (found["restored"]["kind"], found["restored"]["read"]) == ("channel order", True)
    assert not (beside / "__pycache__").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise KeyError('weights')", "KeyError: 'weights'"),
        (
            "while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass",
            "too few",
        ),
    ],
)
def test_a_program_that_evaluates_nothing_leaves_what_was_read(beside, monkeypatch, text, said):
    (beside / "evaluate.py").write_text(text)
    words = [
        "colours",
        "--checkpoint",
        "best.pth",
        "--config",
        "evaluate.py",
        "--model",
        "colour_network:make",
        "--run",
    ]
    words += ["--report", "--format", "json", "--device", "cpu", "--budget", "20s"]
    done = subprocess.run([sys.executable, "-m", "diagnose", *words], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["checkpoint"]
    assert any(said in one for one in found["said"])
    assert found["accuracy"] is not None
