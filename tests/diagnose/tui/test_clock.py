from diagnose.tui.clock import Clock


def test_time_that_was_held_does_not_count(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("diagnose.tui.clock.time.monotonic", lambda: now[0])
    clock = Clock(180.0)
    now[0] += 10
    assert str(clock) == "0:10 of about 3:00, 2:50 left"
    clock.hold(True)
    now[0] += 60
    assert clock.seconds == 10
    clock.hold(False)
    now[0] += 5
    clock.expect(20)
    assert str(clock) == "0:15 of about 0:35, 0:20 left"
    now[0] += 100
    assert str(clock) == "1:55 of about 1:55, 0:00 left"


def test_an_end_that_is_unknown_is_not_shown(monkeypatch):
    monkeypatch.setattr("diagnose.tui.clock.time.monotonic", lambda: 5.0)
    assert str(Clock()) == "0:00"
