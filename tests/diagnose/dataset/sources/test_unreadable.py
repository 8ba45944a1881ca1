"""Files found instead of images."""

import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.unreadable import other_form
from diagnose.model import InputError


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("jump/1.mp4", "run/2.mp4"), r"2 videos, such as jump/1.mp4: .* 'frames/jump/1_%04d.jpg', and give frames/"),
        (
            ("train.tar.gz.aa", "train.tar.gz.ab"),
            r"2 pieces of an archive.*\(cat 'train.tar.gz.'\* > 'train.tar.gz'\) and",
        ),
        (("set.zip.001",), "1 piece of an archive, such as set.zip.001"),
        (("ad/1.nii.gz", "cn/1.nii.gz"), "2 volumes.* a volume is many images"),
        (("images.dvc",), "dvc pull"),
        (("all.sqlite",), "1 database"),
        (("a/1.CR2", "b/2.nef"), "2 raw photographs"),
        (("a/1.svg", "b/2.pdf"), "2 drawings or documents"),
    ],
)
def test_the_step_that_makes_images_of_it(tmp_path, names, says):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=says):
        find_source(tmp_path)


def test_other_files_say_nothing(tmp_path):
    (tmp_path / "notes.doc").write_text("x")
    assert other_form(tmp_path) == ""
