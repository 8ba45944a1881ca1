from builders import INFO, WARNING, history, logged, only, program, scheduler, silent, wobble
from diagnose.checks.l808_curve_breaks import CHECK

from diagnose.model import Mark

SMOOTH = wobble([1.0 + 0.2 * 0.9**n for n in range(20)], 0.002)
DROPS = [*SMOOTH, *wobble([0.6 - 0.002 * n for n in range(10)], 0.002)]
JUMPS = [*SMOOTH, *wobble([1.6 - 0.02 * n for n in range(10)], 0.002)]


def test_a_step_at_a_milestone_names_its_line():
    code = program(schedulers=(scheduler("multistep", milestones=(20,)),))
    finding = only(CHECK, past=history(logged(train_loss=DROPS)), code=code)
    assert finding.severity is INFO
    assert "multistep schedule" in finding.summary
    assert finding.location.line == 9


def test_a_step_down_with_the_logged_rate():
    run = logged(train_loss=DROPS, rate=[0.1] * 20 + [0.01] * 10)
    assert "from 0.1 to 0.01" in only(CHECK, past=history(run)).summary


def test_a_step_up_at_a_resume():
    run = logged(train_loss=JUMPS, marks=(Mark("resume", 20, "=> loaded checkpoint", 44),))
    finding = only(CHECK, past=history(run))
    assert finding.severity is WARNING
    assert "line 44" in finding.summary


def test_a_step_up_without_a_cause_is_worth_knowing():
    assert only(CHECK, past=history(logged(train_loss=JUMPS))).severity is INFO


def test_a_step_of_accuracy_alone():
    lifts = wobble([*[0.89] * 30, *[0.92] * 30], 0.001)
    assert "steps up" in only(CHECK, past=history(logged(val_accuracy=lifts))).summary


def test_a_smooth_curve_and_a_single_bad_value_are_silent():
    assert silent(CHECK, past=history(logged(train_loss=[2 * 0.9**n for n in range(30)])))
    assert silent(CHECK, past=history(logged(train_loss=[*SMOOTH, 3.0, *SMOOTH[-9:]])))
