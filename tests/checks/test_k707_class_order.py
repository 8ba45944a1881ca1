from builders import ERROR, WARNING, checkpoint, only, restored
from diagnose.checks.k707_class_order import CHECK


def test_it_stands_at_the_file_and_says_what_it_is_compared_with():
    words = "the order of the class names in the checkpoint"
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("order of classes", words)))
    assert str(found.location) == "best.pth"
    assert "as the program numbers the classes" in found.summary
    assert found.measured["order"] == words
    assert found.severity is ERROR


def test_without_a_program_it_is_compared_with_the_order_by_name():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("order of classes", "another order", read=False)))
    assert "with classes sorted by name" in found.summary
    assert found.severity is WARNING
