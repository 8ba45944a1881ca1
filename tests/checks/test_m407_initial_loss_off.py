import math

import pytest
from builders import ERROR, WARNING, config, dataset, findings, network, only, probe_run, probes, silent, why_skipped
from diagnose.checks.m407_initial_loss_off import CHECK


@pytest.mark.parametrize("loss", [2.3, 3.0, 1.5])
def test_losses_near_that_of_guessing_are_silent(loss):
    assert silent(CHECK, own=network(initial_loss=loss))


@pytest.mark.parametrize(("loss", "severity"), [(9.0, WARNING), (0.2, WARNING), (math.nan, ERROR)])
def test_losses_far_from_it_are_found(loss, severity):
    assert only(CHECK, own=network(initial_loss=loss)).severity is severity


def test_too_few_outputs_are_another_matter():
    assert "2 outputs" in why_skipped(CHECK, own=network(output_count=2))


def configured(first):
    run = probe_run(curve=((0, first), (1, 1.0)))
    return {"measured": probes(run, run), "dataset": dataset({f"class {n}": 9 for n in range(8)})}


def test_without_a_network_the_configuration_is_judged_by_its_first_batch():
    assert silent(CHECK, **configured(2.1))
    assert only(CHECK, **configured(9.0)).severity is WARNING


def test_with_neither_it_is_not_examined():
    assert "no probe of the configuration" in why_skipped(CHECK, measured=probes(), dataset=dataset())


@pytest.mark.parametrize(
    ("loss", "first", "reported"),
    [
        ("bce_with_logits", 0.7, False),
        ("binary_crossentropy", 0.7, False),
        ("bce", 9.0, True),
        ("cross_entropy", 0.7, True),
        ("cross_entropy", 2.1, False),
    ],
)
def test_guessing_costs_what_the_loss_says(loss, first, reported):
    found = findings(CHECK, configuration=config(loss=loss), **configured(first))
    assert bool(found) is reported


def test_a_loss_without_a_known_price_of_guessing_is_not_examined():
    assert "by focal is not known" in why_skipped(CHECK, configuration=config(loss="focal"), **configured(0.7))
