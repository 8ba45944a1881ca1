from builders import ERROR, WARNING, only, ran, silent
from diagnose.checks.r632_framework_rule_broken import CHECK

from diagnose.model import Mistake


def test_no_mistake_is_silent():
    assert silent(CHECK, ran=ran())


def test_a_frozen_layer_after_compile_is_an_error():
    finding = only(CHECK, ran=ran(mistakes=(Mistake("trainable after compile"),)))
    assert (finding.severity, finding.subject) == (ERROR, "trainable after compile")


def test_a_missing_monitor_is_a_warning_with_its_detail():
    finding = only(CHECK, ran=ran(mistakes=(Mistake("monitor missing", "EarlyStopping monitors val_f1"),)))
    assert finding.severity is WARNING
    assert "val_f1" in finding.summary


def test_what_other_checks_judge_is_left_to_them():
    assert silent(CHECK, ran=ran(mistakes=(Mistake("each with each"), Mistake("workers alike"))))
