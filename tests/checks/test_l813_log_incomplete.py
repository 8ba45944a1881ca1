from builders import INFO, WARNING, findings, history, logged, only, silent
from diagnose.checks.l813_log_incomplete import CHECK

from diagnose.model import Mark, Unread

RUN = logged(train_loss=[2.0, 1.5, 1.2])


def test_nothing_was_read():
    finding = only(CHECK, past=history(unread=(Unread("log.bin", "it isn't text"),)))
    assert finding.severity is WARNING
    assert "log.bin was not read: it isn't text" in finding.summary


def test_lines_and_missing_epochs():
    run = logged(train_loss=[2.0, 1.5], missing=(2, 3))
    found = findings(CHECK, past=history(run, unread=(Unread("log.txt", "of no form", 7),), more_unread=3))
    assert [one.severity for one in found] == [INFO, INFO]
    assert "4 lines were" in found[0].summary
    assert "2 without a row: 2, 3" in found[1].summary


def test_a_log_that_ends_before_its_time():
    run = logged(train_loss=[2.0, 1.5], planned=90, marks=(Mark("crash", 2, "CUDA out of memory", 9),))
    assert "epoch 2 of 90 (CUDA out of memory)" in only(CHECK, past=history(run)).summary


def test_an_early_stop_is_its_end():
    run = logged(train_loss=[2.0, 1.5], planned=90, marks=(Mark("early stop", 2, "early stopping"),))
    assert silent(CHECK, past=history(run))
    assert silent(CHECK, past=history(logged(train_loss=[2.0, 1.5], planned=90)))
    assert silent(CHECK, past=history(RUN))


def test_epochs_that_were_done_again():
    run = logged(train_loss=[2.0, 1.5], marks=(Mark("resume", 2, "the log goes back to it", 9),))
    assert "goes back to epoch 2" in only(CHECK, past=history(run)).summary
