from builders import INFO, checkpoint, only, program, restored
from diagnose.checks.k708_averaged_weights import CHECK


def test_it_stands_at_the_file_and_names_both_weights():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("averaged weights", "the averaged weights")))
    assert str(found.location) == "best.pth"
    assert found.fix == "Load the averaged weights of the file in place of the raw ones."


def test_beside_a_program_it_is_a_hint_since_what_that_loads_is_not_read():
    better = checkpoint(0.31, restored=restored("averaged weights", "the averaged weights"))
    found = only(CHECK, autopsy=better, code=program())
    assert found.severity is INFO
    assert found.fix.endswith("was not read.")
