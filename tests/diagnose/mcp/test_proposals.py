import pytest

from diagnose.engine import Request
from diagnose.mcp.proposals import KEPT, Proposals
from diagnose.mcp.work import Work
from diagnose.model import InputError

CONFIG = "method: transfer\nweights: none\n"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def proposals():
    with Proposals() as kept:
        yield kept


def proposed(proposals, config):
    diagnosis = Work().examine(Request(data=None, config=str(config), probes=False))
    return proposals.make(str(config), None, diagnosis)


def test_what_is_written_is_what_was_shown(proposals, config):
    made = proposed(proposals, config)
    assert "+weights: imagenet" in made.patch
    assert config.read_text() == CONFIG
    written = proposals.write(made.mark)
    assert "weights: imagenet" in config.read_text()
    assert written[config].read_text() == CONFIG


def test_a_proposal_is_written_once(proposals, config):
    made = proposed(proposals, config)
    proposals.write(made.mark)
    with pytest.raises(InputError, match="No proposal is called"):
        proposals.write(made.mark)


def test_a_file_that_changed_meanwhile_is_left_alone(proposals, config):
    made = proposed(proposals, config)
    config.write_text("weights: none\n")
    with pytest.raises(InputError, match="changed meanwhile"):
        proposals.write(made.mark)
    assert config.read_text() == "weights: none\n"


def test_old_proposals_go_and_so_do_their_folders(config):
    with Proposals() as kept:
        made = [proposed(kept, config) for _ in range(KEPT + 1)]
        folders = [one.draft.entry.parent for one in made]
        assert [folder.exists() for folder in folders] == [False] + [True] * KEPT
        with pytest.raises(InputError, match="No proposal is called"):
            kept.get(made[0].mark)
    assert not any(folder.exists() for folder in folders)
