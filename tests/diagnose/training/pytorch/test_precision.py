"""Training in float16: each part that it lacks, and the ways in which it lacks none."""

import pytest
from small_programs import judged, reading, training

from diagnose.model import MixedPrecision

AMP = {
    "before": "scaler = torch.cuda.amp.GradScaler()",
    "loss": "with torch.cuda.amp.autocast():\n    loss = criterion(model(x), y)",
    "backward": "scaler.scale(loss).backward()",
    "step": "scaler.step(optimizer)\nscaler.update()",
}
CLIP = "nn.utils.clip_grad_norm_(model.parameters(), 1.0)"
NEW = "with torch.autocast(device_type='cuda', dtype=torch.float16):\n    loss = criterion(model(x), y)"


def faults(tmp_path, **parts):
    read = reading(tmp_path, training(**parts))
    found = read.program.facts(MixedPrecision)
    lines = (tmp_path / "program.py").read_text().splitlines()
    assert len(judged(read, "C343")[1]) == len(found)
    return [(one.what, lines[one.location.line - 1].strip()) for one in found]


@pytest.mark.parametrize(
    ("parts", "what", "line"),
    [
        ({"loss": AMP["loss"]}, "no_scaler", "loss.backward()"),
        ({"loss": NEW}, "no_scaler", "loss.backward()"),
        ({"loss": "with torch.amp.autocast('cuda'):\n    loss = criterion(model(x), y)\n    loss.backward()",
          "backward": ""}, "no_scaler", "loss.backward()"),
        ({"top": "device = torch.device('cuda')", "loss": NEW.replace("'cuda'", "device.type")}, "no_scaler",
         "loss.backward()"),
        ({"before": "model.half()"}, "half_weights", "model.half()"),
        ({"model": "model = models.resnet50().half()"}, "half_weights", "model = models.resnet50().half()"),
        (AMP | {"step": f"{CLIP}\n{AMP['step']}"}, "clipped_scaled", CLIP),
        (AMP | {"step": f"{CLIP}\nscaler.unscale_(optimizer)\n{AMP['step']}"}, "clipped_scaled", CLIP),
        (AMP | {"step": "scaler.step(optimizer)"}, "no_update", "scaler.step(optimizer)"),
        (AMP | {"step": "optimizer.step()"}, "direct_step", "optimizer.step()"),
        (AMP | {"step": "optimizer.step()\nscaler.update()"}, "direct_step", "optimizer.step()"),
        (AMP | {"backward": "loss.backward()"}, "unscaled_loss", "loss.backward()"),
    ],
)  # fmt: skip
def test_what_float16_lacks(tmp_path, parts, what, line):
    assert faults(tmp_path, **parts) == [(what, line)]


OPTION = (
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--amp', action='store_true')\na = p.parse_args()"
)
EITHER = "if use:\n    {}\nelse:\n    {}"


@pytest.mark.parametrize(
    "parts",
    [
        {},
        AMP,
        AMP | {"step": f"scaler.unscale_(optimizer)\n{CLIP}\n{AMP['step']}"},
        AMP | {"loss": f"{AMP['loss']}\n    scaler.scale(loss).backward()", "backward": ""},
        {"loss": NEW.replace("torch.float16", "torch.bfloat16")},
        {"loss": "with torch.autocast('cpu'):\n    loss = criterion(model(x), y)"},
        {"loss": "with torch.cuda.amp.autocast(enabled=False):\n    loss = criterion(model(x), y)"},
        {"top": OPTION, "loss": "with torch.cuda.amp.autocast(enabled=a.amp):\n    loss = criterion(model(x), y)"},
        {"top": "from contextlib import nullcontext\nuse = bool(input())",
         "loss": "with torch.cuda.amp.autocast() if use else nullcontext():\n    loss = criterion(model(x), y)"},
        AMP | {"top": "use = bool(input())",
               "backward": EITHER.format("scaler.scale(loss).backward()", "loss.backward()"),
               "step": EITHER.format("scaler.step(optimizer)\n    scaler.update()", "optimizer.step()")},
        {"before": "scaler = torch.amp.GradScaler('cuda', enabled=False)", "backward": "scaler.scale(loss).backward()",
         "step": f"{CLIP}\nscaler.step(optimizer)\nscaler.update()"},
        {"top": "from timm.utils import NativeScaler", "before": "scaler = NativeScaler()", "loss": NEW, "backward": "",
         "step": "scaler(loss, optimizer, clip_grad=1.0, parameters=model.parameters())"},
        {"top": "from apex import amp", "before": "model, optimizer = amp.initialize(model, optimizer, opt_level='O1')",
         "backward": "with amp.scale_loss(loss, optimizer) as scaled:\n    scaled.backward()"},
        {"top": "from accelerate import Accelerator\naccelerator = Accelerator(mixed_precision='fp16')", "loss": NEW,
         "backward": "accelerator.backward(loss)"},
        AMP | {"step": f"scaler.unscale_(optimizer)\n{CLIP}\noptimizer.step()\nscaler.update()"},
        {"before": "model.half()\nmodel.float()"},
        {"top": "import helpers", "before": AMP["before"], "backward": "helpers.step(scaler, loss, optimizer)",
         "step": ""},
        {"model": "model = models.resnet50()\nteacher = models.resnet50().half()"},
    ],
)  # fmt: skip
def test_sound_precision_is_silent(tmp_path, parts):
    assert faults(tmp_path, **parts) == []


def test_a_scaler_of_one_of_several_makes_steps_once(tmp_path):
    made = (
        "def make():\n    if hasattr(torch, 'amp'):\n        try:\n            return torch.amp.GradScaler('cuda')\n"
        "        except TypeError:\n            return torch.amp.GradScaler()\n    return torch.cuda.amp.GradScaler()\n"
        "scaler = make()"
    )
    assert not judged(reading(tmp_path, training(**{**AMP, "before": made})), "C327")[1]
