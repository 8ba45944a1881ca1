import threading
from dataclasses import replace

import pytest
from builders import character, checkpoint, dataset

from diagnose.autopsy.asked import Examined, check_file, job_of
from diagnose.autopsy.job import Job
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import surveyed
from diagnose.model import InputError

ASKED = {"arch": None, "model": None, "folders": (), "device": "cpu", "seconds": 200.0}


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        check_file(str(tmp_path / "best.pth"))
    with pytest.raises(InputError, match="is a folder"):
        check_file(str(tmp_path))


def test_without_images_the_file_alone_is_examined():
    job = job_of("best.pth", None, None, None, None, **ASKED)
    assert job.held_out == ()
    assert job.seconds == 60.0


def test_the_images_of_the_scan(colours):
    stop = threading.Event()
    source = find_source(str(colours), True, stop, None)
    with Store(None) as store:
        for _ in scan(source, store, stop):
            pass
        job = job_of("best.pth", store, surveyed(store, source), None, None, **ASKED)
    assert job.classes == ("blue", "green", "red")
    assert (len(job.held_out), len(job.train)) == (180, 180)
    assert all(f"/val/{job.classes[label]}/" in path for path, label in job.held_out)
    assert {one.name for one in job.attributes} >= {"size", "brightness", "shape", "format"}
    assert job.split
    assert job.copies == ()


def test_the_score_without_copies():
    job = Job("best.pth", shown=("val/a.png", "val/b.png", "val/c.png", "val/d.png"), copies=(0,))
    found = checkpoint(character=character())
    data = replace(dataset(), near_leaks=(("train/c.png", "val/c.png"),))
    left = Examined(job, found, "1010").without_copies(data).character
    assert (left.without_copies, left.copies) == (0.0, 2)
    assert Examined(replace(job, copies=()), found, "1010").without_copies(dataset()) is found
    assert Examined(job, None, "").without_copies(data) is None
