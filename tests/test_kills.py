"""The short form of tests/benchmarks/kills.py: a run that is killed among its probes goes on where it was."""

import subprocess

import pytest
from benchmarks.kills import CONFIG, command, environment, results, whole


@pytest.mark.slow
def test_results_that_were_written_down_outlive_the_run(tmp_path, image_folder):
    root = str(image_folder({"train/cat": 40, "train/dog": 40, "val/cat": 40, "val/dog": 40}))
    config = tmp_path / "small.yaml"
    config.write_text(CONFIG)
    cache = tmp_path / "cache"
    cache.mkdir()
    words = command(root, str(config), "30s")  # the same budget twice, and so runs of the same length
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(cache),
        start_new_session=True,
    ) as first:  # fmt: skip
        begun = (line for line in first.stderr if line.startswith("probe: "))
        next(begun), next(begun)  # with the second, the first one's result is written down
        first.kill()
    before = results(cache)
    assert before
    code, report = whole(words, cache)
    assert code in (0, 1)
    assert before <= results(cache)
    assert any(run["cached"] for run in report["probes"])
