import threading

import pytest

from diagnose.controls import CAN_HOLD, Controls


def test_more_time_is_taken_once():
    controls = Controls()
    for seconds in (10.0, 5.0):
        controls.extend(seconds)
    assert controls.take_more() == 15.0
    assert controls.take_more() == 0.0


@pytest.mark.skipif(not CAN_HOLD, reason="this system cannot hold a process")
def test_held_until_it_goes_on():
    controls = Controls()
    controls.hold()
    assert controls.held
    controls.go_on()
    assert not controls.held


def test_stop_may_be_given():
    stop = threading.Event()
    assert Controls(stop).stop is stop
