from pathlib import Path

import pytest

from diagnose.fixes.draft import CannotEdit
from diagnose.fixes.options import with_option

YAML, TOML, JSON = Path("c.yaml"), Path("c.toml"), Path("c.json")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (YAML, "label_smoothing: 0.05  # mild\n", "label_smoothing: 0.1  # mild\n"),
        (YAML, "loss: {name: cross_entropy, smoothing: 0.05}\n", "loss: {name: cross_entropy, smoothing: 0.1}\n"),
        (YAML, "loss:\n  label_smoothing: 0\n", "loss:\n  label_smoothing: 0.1\n"),
        (YAML, "# label_smoothing: 0.2\n", "# label_smoothing: 0.2\nlabel_smoothing: 0.1\n"),
        (YAML, "head: 2", "head: 2\nlabel_smoothing: 0.1\n"),
        (TOML, "head = 2\n", "label_smoothing = 0.1\nhead = 2\n"),
        (TOML, "loss.label_smoothing = 0.0\n", "loss.label_smoothing = 0.1\n"),
        (JSON, '{"loss_options": {"label_smoothing": 0.05}}', '{"loss_options": {"label_smoothing": 0.1}}'),
    ],
)
def test_an_option_changes_where_it_stands_or_is_added(path, before, after):
    assert with_option(path, before, "loss_options", "label_smoothing", 0.1) == after


def test_an_option_in_two_places_is_left_alone():
    with pytest.raises(CannotEdit, match="several places"):
        with_option(YAML, "mixup: 0.1\naugmentation_options: {mixup: 0.2}\n", "augmentation_options", "mixup", 0.4)


def test_an_option_that_has_no_name_by_itself_is_left_alone():
    with pytest.raises(CannotEdit, match="section of its own"):
        with_option(YAML, "schedule: polynomial\n", "schedule_options", "power", 2.0)
