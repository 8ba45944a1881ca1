import subprocess
import sys

ALONE = """
import sys
from diagnose.probing.light import import_torchvision
import_torchvision()
import torch, torchvision
from torchvision.transforms import v2
assert "torch._dynamo" not in sys.modules and "torch._dynamo.utils" not in sys.modules
v2.RandomResizedCrop(8)(torch.zeros(2, 3, 16, 16))
torchvision.ops.roi_align(torch.rand(1, 3, 8, 8), torch.tensor([[0.0, 0, 0, 4, 4]]), 2)
assert "torch._dynamo" not in sys.modules
torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
import torch._dynamo.utils
assert type(torch._dynamo.utils).__name__ == "module" and torch.compiler.disable.__module__ == "torch.compiler"
assert torchvision.ops.roi_align.__globals__["is_compile_supported"]("cpu") is True
import_torchvision()  # the compiler is there by now
"""
SERVING = """
import sys
from diagnose.probing.light import import_torchvision
import_torchvision()
import torch
import diagnose.probing.serving
from diagnose.probing.features import LinearProbe
LinearProbe(torch.rand(8, 4), torch.arange(8) % 2, 2)
assert "torch._dynamo" not in sys.modules
"""


def run(text):
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_torchvision_without_the_compiler_which_comes_when_it_is_asked_for():
    run(ALONE)


def test_the_probes_first_answer_needs_no_compiler():
    run(SERVING)
