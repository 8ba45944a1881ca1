from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c322_no_device_transfer import CHECK

from diagnose.model import NotOnDevice


def left(network, inputs):
    return program(seen=(fact(NotOnDevice, network=network, inputs=inputs),))


def test_a_program_that_moves_both_is_silent():
    assert silent(CHECK, code=program())


def test_all_on_the_cpu_costs_time():
    assert only(CHECK, code=left(True, True)).severity is WARNING


def test_half_of_it_stops_the_run():
    assert "network is not" in only(CHECK, code=left(True, False)).summary
    assert only(CHECK, code=left(False, True)).severity is ERROR
