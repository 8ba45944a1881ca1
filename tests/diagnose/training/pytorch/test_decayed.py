"""Weight decay on norms and biases: only where every parameter lies in one group of a network that leaves them out."""

import pytest
from small_programs import judged, reading, training

from diagnose.model import DecayedNorms

VIT = "import timm, timm.optim\nmodel = timm.create_model('vit_tiny_patch16_224', pretrained=True)"
ADAMW = "optimizer = torch.optim.AdamW({}, lr=5e-5, weight_decay=0.1)"
SPLIT = """
decay = [p for n, p in model.named_parameters() if not n.endswith('bias')]
rest = [p for n, p in model.named_parameters() if n.endswith('bias')]
optimizer = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.1}, {'params': rest, 'weight_decay': 0.0}], lr=5e-5)
"""


@pytest.mark.parametrize(
    ("model", "optimizer", "decay"),
    [
        (VIT, ADAMW.format("model.parameters()"), 0.1),
        ("model = models.swin_t()", ADAMW.format("[{'params': model.parameters()}]"), 0.1),
        ("model = models.convnext_tiny()", "optimizer = torch.optim.AdamW(model.parameters())", 0.01),
        (VIT, SPLIT, None),
        (VIT, "optimizer = timm.optim.create_optimizer_v2(model, 'adamw', lr=5e-5, weight_decay=0.1)", None),
        (VIT, ADAMW.format("timm.optim.param_groups_weight_decay(model, 0.1)"), None),
        ("model = models.resnet50()", ADAMW.format("model.parameters()"), None),
    ],
)
def test_what_the_decay_is_on(tmp_path, model, optimizer, decay):
    read = reading(tmp_path, training(model=model, optimizer=optimizer))
    assert [one.decay for one in read.program.facts(DecayedNorms)] == ([decay] if decay else [])
    assert len(judged(read, "C344")[1]) == (1 if decay == 0.1 else 0)
