from builders import checkpoint, only, restored
from diagnose.checks.k706_stale_statistics import CHECK


def test_a_validation_in_train_mode_stands_at_its_line():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("train or eval mode", "eval mode")))
    assert str(found.location) == "train.py:41"
    assert "model.eval()" in found.fix
