from builders import ERROR, WARNING, observed, only, program, silent
from diagnose.checks.c322_no_device_transfer import CHECK


def left(network, inputs):
    return program(observations=(observed("not_on_device", network=network, inputs=inputs),))


def test_a_program_that_moves_both_is_silent():
    assert silent(CHECK, code=program())


def test_all_on_the_cpu_costs_time():
    assert only(CHECK, code=left(True, True)).severity is WARNING


def test_half_of_it_stops_the_run():
    assert "network is not" in only(CHECK, code=left(True, False)).summary
    assert only(CHECK, code=left(False, True)).severity is ERROR
