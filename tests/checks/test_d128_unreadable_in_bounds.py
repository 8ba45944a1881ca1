from builders import ERROR, WARNING, dataset, only, silent
from diagnose.checks.d128_unreadable_in_bounds import CHECK

from diagnose.model import Files


def test_ordinary_images_are_silent():
    assert silent(CHECK, dataset=dataset())
    assert silent(CHECK, dataset=dataset(faults={"truncated": Files(1, ("cat/a.png",))}))


def test_what_cannot_be_read_within_bounds_is_an_error():
    too_large = Files(2, ("cat/a.jpg", "cat/b.jpg"), ("it is a named pipe, not a regular file", "it has 4.3 GB"))
    finding = only(CHECK, dataset=dataset(faults={"out-of-bounds": too_large}))
    assert finding.severity is ERROR
    assert finding.files == too_large.examples
    assert finding.measured["reasons"] == list(too_large.details)


def test_what_takes_too_much_memory_is_a_warning():
    too_large = Files(1, ("cat/a.webp",), ("decoding its 9000 x 9000 pixels takes 1,296 MB of memory",))
    finding = only(CHECK, dataset=dataset(faults={"too-large": too_large}))
    assert (finding.severity, finding.files) == (WARNING, too_large.examples)
