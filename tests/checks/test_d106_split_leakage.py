from builders import ERROR, INFO, WARNING, dataset, only, silent, why_skipped
from diagnose.checks.d106_split_leakage import CHECK

from diagnose.model import Groups


def test_separate_splits_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_a_share_of_the_split_is_an_error():
    leaky = dataset(leaked_images={"val": 4}, leaks=Groups(4, 8, (("train/a.jpg", "val/a.jpg"),)))
    finding = only(CHECK, dataset=leaky)
    assert finding.severity is ERROR
    assert finding.measured == {"split": "val", "equal": 4, "near_same": 0, "share": 0.02}
    assert finding.files == ("train/a.jpg = val/a.jpg",)


def test_one_image_among_many_is_a_warning():
    assert only(CHECK, dataset=dataset(leaked_images={"val": 1})).severity is WARNING


def test_one_image_of_ten_thousand_is_worth_knowing():
    assert only(CHECK, dataset=dataset(val=5000, leaked_images={"val": 1})).severity is INFO


def test_without_splits_there_is_nothing_to_compare():
    assert "no train and val" in why_skipped(CHECK, dataset=dataset(val=None))


def test_near_same_pictures_count_too():
    leaky = dataset(leaked_images={"val": 1}, near_leaked_images={"val": 3}, near_leaks=(("train/a.jpg", "val/b.jpg"),))
    finding = only(CHECK, dataset=leaky)
    assert finding.measured == {"split": "val", "equal": 1, "near_same": 3, "share": 0.02}
    assert finding.files == ("train/a.jpg ~ val/b.jpg",)
    assert "3 of them re-encoded" in finding.summary


def test_few_near_same_pictures_alone_are_worth_knowing():
    near = dataset(near_leaked_images={"val": 1}, near_leaks=(("train/a.jpg", "val/b.jpg"),))
    assert only(CHECK, dataset=near).severity is INFO


def test_before_the_search_has_ended_nothing_is_said():
    assert "still being looked for" in why_skipped(CHECK, dataset=dataset(searched=False))
