import pytest
from small_programs import reading, training

from diagnose.model import LabelsSmoothed

LOSS = "nn.CrossEntropyLoss(label_smoothing=0.1)"
MIXUP = "from timm.data import Mixup\nmix = Mixup(mixup_alpha=0.2, num_classes=10{})"


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        ({"criterion": LOSS}, False),
        ({"criterion": LOSS, "before": MIXUP.format(", label_smoothing=0.1"), "batch": "x, y = mix(x, y)"}, True),
        ({"criterion": LOSS, "before": MIXUP.format(""), "batch": "x, y = mix(x, y)"}, True),
        ({"criterion": LOSS, "before": MIXUP.format(", label_smoothing=0.0"), "batch": "x, y = mix(x, y)"}, False),
        ({"before": MIXUP.format(""), "batch": "x, y = mix(x, y)"}, False),
        ({"criterion": LOSS, "batch": "y = F.one_hot(y, 10) * 0.9 + 0.01"}, True),
    ],
)
def test_labels_that_are_smoothed_twice(tmp_path, parts, seen):
    assert bool(reading(tmp_path, training(**parts)).program.facts(LabelsSmoothed)) is seen
