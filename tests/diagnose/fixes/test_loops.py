"""Patches of loops that step seldom, in float16 or in several processes: the fault is gone, nothing else changed."""

import pytest
from small_programs import reading, training

from diagnose.fixes.plan import patch
from diagnose.model import Evidence
from diagnose.registry import load_checks

EVERY = "if (i + 1) % STEPS == 0:\n    optimizer.step()\n    optimizer.zero_grad()"
SEVERAL = {"top": "STEPS = 4", "clear": "", "step": EVERY}
AMP = {
    "before": "scaler = torch.cuda.amp.GradScaler()",
    "backward": "scaler.scale(loss).backward()",
    "step": "scaler.step(optimizer)\nscaler.update()",
}
BY_SCALER = "scaler.step(optimizer)\n    scaler.update()"
CLIP = "nn.utils.clip_grad_norm_(model.parameters(), 1.0)"
DDP = {
    "top": "from torch.nn.parallel import DistributedDataParallel as DDP\n"
    "from torch.utils.data.distributed import DistributedSampler",
    "before": "model = DDP(model)",
    "train_loader": "DataLoader(train_data, batch_size=32, sampler=DistributedSampler(train_data))",
}


@pytest.mark.parametrize(
    ("code", "parts", "removed", "added"),
    [
        ("C342", SEVERAL, ["loss.backward()"], ["(loss / STEPS).backward()"]),
        ("C342", AMP | SEVERAL | {"step": EVERY.replace("optimizer.step()", BY_SCALER)},
         ["scaler.scale(loss).backward()"], ["scaler.scale(loss / STEPS).backward()"]),
        ("C327", SEVERAL | {"clear": "optimizer.zero_grad()", "step": "if i % STEPS == 0:\n    optimizer.step()"},
         ["optimizer.zero_grad()"], ["optimizer.zero_grad()"]),
        ("C343", AMP | {"step": f"{CLIP}\n{AMP['step']}"}, [], ["scaler.unscale_(optimizer)"]),
        ("C343", AMP | {"step": "scaler.step(optimizer)"}, [], ["scaler.update()"]),
        ("C343", AMP | {"step": "optimizer.step()"}, ["optimizer.step()"],
         ["scaler.step(optimizer)", "scaler.update()"]),
        ("C343", AMP | {"step": "optimizer.step()\nscaler.update()"}, ["optimizer.step()"], ["scaler.step(optimizer)"]),
        ("C341", DDP, [], ["train_loader.sampler.set_epoch(epoch)"]),
        ("C340", {"after": "torch.cuda.empty_cache()", "train_loader": "DataLoader(train_data, 32, num_workers=4)"},
         ["torch.cuda.empty_cache()"], []),
    ],
)  # fmt: skip
def test_the_patch_is_what_the_fix_says(tmp_path, code, parts, removed, added):
    text = training(**parts).replace("for x, y in train_loader", "for i, (x, y) in enumerate(train_loader)")
    read = reading(tmp_path, text)
    evidence = Evidence(configuration=read.config, code=read.program)
    (finding,) = load_checks()[code].run(evidence)[2]
    (edit,) = patch(str(tmp_path / "program.py"), finding, evidence)
    lines = [line for line in edit.diff.splitlines() if line[:3] not in ("---", "+++")]
    assert [line[1:].strip() for line in lines if line[0] == "-"] == removed
    assert [line[1:].strip() for line in lines if line[0] == "+"] == added
