import shlex

import pytest

from diagnose.model import InputError
from diagnose.samples import samples, write_samples


def test_each_sample_has_images_and_a_configuration_that_says_what_it_is_about():
    found = samples()
    assert [config.stem for _, _, config in found][-1] == "healthy"
    assert len(found) == 6
    assert all(about and images.is_dir() and config.is_file() for about, images, config in found)


def test_a_copy_is_whole_and_its_command_names_it(tmp_path):
    folder = tmp_path / "my samples"
    words = shlex.split(write_samples(folder))
    assert words == ["diagnose", f"{folder}/photos", "--config", f"{folder}/healthy.yaml", "--report"]
    assert len(list(folder.rglob("*.jpg"))) == 920
    assert {path.suffix for path in folder.rglob("*.*")} == {".jpg", ".yaml"}


@pytest.mark.parametrize("make", [lambda path: path.write_text("x"), lambda path: (path / "mine").mkdir(parents=True)])
def test_nothing_that_is_there_is_written_over(tmp_path, make):
    make(tmp_path / "mine")
    with pytest.raises(InputError, match="is not an empty folder; give the name of a new one"):
        write_samples(tmp_path / "mine")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_samples(tmp_path / "file" / "samples")
