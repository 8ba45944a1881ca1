"""Images and a program among the bare words of the command line."""

import pytest

from diagnose.meant import Meant, meant
from diagnose.model import InputError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with images and two files, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "run.py").write_text("")
    (tmp_path / "labels.json").write_text("{}")
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "data", "config"),
    [
        (("photos", None), "photos", None),
        (("run.py", None), None, "run.py"),
        (("photos", "run.py"), "photos", "run.py"),
        (("run.py", "photos"), "photos", "run.py"),
        (("photos", "run.py --lr 0.1"), "photos", "run.py --lr 0.1"),
        (("photos", "python run.py"), "photos", "python run.py"),
        (("photos", "nowhere.yaml"), "photos", "nowhere.yaml"),
        (("labels.json", None), "labels.json", None),
        (("photos", "labels.json"), "photos", "labels.json"),
        ((None, None), None, None),
    ],
)
def test_each_word_is_what_it_names(words, data, config):
    assert meant(words, None, None) == Meant(data, config, config is not None)


@pytest.mark.usefixtures("here")
def test_a_word_goes_before_the_settings_and_beside_an_option_it_is_refused():
    assert meant(("run.py", None), None, "settings.yaml") == Meant(None, "run.py", True)
    assert meant(("photos", None), None, "settings.yaml") == Meant("photos", "settings.yaml", False)
    assert meant(("photos", None), "other.py", "other.py") == Meant("photos", "other.py", True)
    with pytest.raises(InputError, match="both name a program"):
        meant(("photos", "run.py"), "other.py", "other.py")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("words", "why"), [(("photos", "more"), "both data"), (("run.py", "b.py"), "both programs")])
def test_two_of_a_kind_are_refused(words, why):
    with pytest.raises(InputError, match=why):
        meant(words, None, None)


def test_the_one_training_program_of_the_current_folder(here):
    assert meant((".", None), None, None).config is None
    (here / "train_resnet.py").write_text("")
    assert meant((".", None), None, None) == Meant(".", "train_resnet.py", False)
    assert meant(("photos", None), None, None).config is None
    (here / "train2.py").write_text("")
    assert meant((".", None), None, None).config is None
