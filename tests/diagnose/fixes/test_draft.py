import pytest

from diagnose.config.read import read_configuration
from diagnose.fixes.draft import Draft, OutsideDraft
from diagnose.model import InputError


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "parts").mkdir(parents=True)
    (folder / "train.yaml").write_text("learning_rate: 1\n")
    (folder / "parts" / "more.py").write_text("rate = 1\n")
    (tmp_path / "elsewhere.py").write_text("x = 1\n")
    return folder


def test_what_is_changed_in_it_is_read_there_and_not_written_here(project):
    path = project / "train.yaml"
    with Draft(str(path)) as draft:
        draft.put(path, "learning_rate: 2\n")
        draft.put(project / "parts" / "more.py", "rate = 2\n")
        assert read_configuration(draft.given).config.learning_rate.value == 2.0
        assert (draft.entry.parent / "parts" / "more.py").read_text() == "rate = 2\n"
        assert {edit.path.name: edit.after for edit in draft.edits} == {
            "train.yaml": "learning_rate: 2\n", "more.py": "rate = 2\n",
        }  # fmt: skip
        folder = draft.entry.parent
    assert path.read_text() == "learning_rate: 1\n"
    assert not folder.exists()


def test_it_goes_back_to_an_earlier_moment(project):
    path = project / "train.yaml"
    with Draft(str(path)) as draft:
        draft.put(path, "learning_rate: 2\n")
        kept = draft.texts
        draft.put(draft.entry, "learning_rate: 3\n")
        draft.put(project / "parts" / "more.py", "rate = 3\n")
        draft.restore(kept)
        assert [edit.after for edit in draft.edits] == ["learning_rate: 2\n"]
        assert draft.text(project / "parts" / "more.py") == "rate = 1\n"


def test_a_file_of_another_folder_is_refused(project):
    with Draft(str(project / "train.yaml")) as draft, pytest.raises(OutsideDraft, match=r"elsewhere\.py"):
        draft.put(project.parent / "elsewhere.py", "x = 2\n")


def test_a_file_that_is_gone_leaves_nothing_behind(project, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    with pytest.raises(InputError), Draft(str(project / "gone.yaml")):
        pass
    assert set(tmp_path.iterdir()) == before
