"""A program read again as it is edited, in real files."""

import pytest
from editing import NETS, PROGRAM, reading, save

from diagnose.model import InputError


def codes(program):
    return {finding.code for finding in program.read()}


def test_what_is_found_is_what_the_files_hold_now(edited):
    program = reading()
    assert "C302" in codes(program)
    assert not program.changed
    save(edited / "train.py", PROGRAM.replace("100.0", "0.1"))
    assert program.changed
    assert "C302" not in codes(program)
    assert not program.changed


def test_a_file_that_the_program_imports_counts_and_others_do_not(edited):
    program = reading()
    program.read()
    save(edited / "other.py", "x = 1\n")
    assert not program.changed
    save(edited / "nets.py", f"{NETS}# more\n")
    assert program.changed


def test_settings_and_chosen_checks_are_those_of_the_request(edited):
    assert codes(reading(settings=("learning_rate=0.1",), select=("C302", "C320"))) == {"C320"}


@pytest.mark.parametrize("name", ["train.py", "nets.py"])
def test_a_half_written_file_says_so_and_is_waited_for(edited, name):
    program = reading()
    program.read()
    whole = (edited / name).read_text()
    save(edited / name, f"{whole}def more(\n")
    with pytest.raises(InputError, match=name):
        program.read()
    assert not program.changed
    save(edited / name, whole)
    assert program.changed
    assert "C302" in codes(program)


def test_a_file_that_could_not_be_read_from_the_beginning_is_left_out_as_ever(edited):
    save(edited / "nets.py", "print 'of another time\n")
    program = reading()
    assert "C302" in codes(program)
    save(edited / "train.py", PROGRAM.replace("100.0", "0.1"))
    assert "C302" not in codes(program)


def test_a_program_that_is_not_there_yet_is_waited_for(edited):
    (edited / "train.py").unlink()
    program = reading("train.py --lr 0.1")
    with pytest.raises(InputError):
        program.read()
    assert not program.changed
    save(edited / "train.py", PROGRAM)
    assert program.changed


def test_a_configuration_and_a_notebook(edited):
    save(edited / "c.yaml", "optimizer: sgd\nlearning_rate: 1000\n")
    program = reading("c.yaml")
    assert "C302" in codes(program)
    save(edited / "c.yaml", "optimizer: sgd\nlearning_rate: 0.1\n")
    assert program.changed
    assert "C302" not in codes(program)


def test_no_secret_comes_along(edited):
    save(edited / "train.py", PROGRAM.replace('"photos"', '"s3://user:pass1234@bucket/photos"'))
    assert "pass1234" not in repr(reading().read())
