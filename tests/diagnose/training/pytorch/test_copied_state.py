"""Weights that go into the dictionary of a network's state and no further."""

import pytest
from small_programs import found, reading, training

from diagnose.model import CopyNotLoaded

COPY = "state = model.state_dict()\nstate.update(torch.load('w.pth'))\n"


@pytest.mark.parametrize(
    ("before", "lost"),
    [
        (COPY, True),
        ("state = model.state_dict()\nfor k, v in torch.load('w.pth').items():\n    state[k] = v", True),
        (COPY + "model.load_state_dict(state)", False),
        (COPY + "torch.save(state, 'started.pth')", False),
        ("state = model.state_dict()\nfor k, v in torch.load('w.pth').items():\n    state[k].copy_(v)", False),
        ("state = model.state_dict()\nprint(len(state))", False),
    ],
)
def test_a_copy_that_is_changed_and_never_loaded(tmp_path, before, lost):
    read = reading(tmp_path, training(before=before))
    assert bool(read.program.facts(CopyNotLoaded)) == lost
    assert found(read, "C324") == lost
