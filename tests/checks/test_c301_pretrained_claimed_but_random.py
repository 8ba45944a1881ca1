import pytest
from builders import ERROR, FILE, config, only, program, silent, why_skipped
from diagnose.checks.c301_pretrained_claimed_but_random import CHECK

from diagnose.model import Location


def test_transfer_with_weights_is_silent():
    assert silent(CHECK, configuration=config(method="transfer", weights="imagenet"))


def test_transfer_without_weights_is_an_error_at_its_line():
    finding = only(CHECK, configuration=config(method="transfer", weights="none"))
    assert finding.severity is ERROR
    assert finding.location == Location(FILE, 2)


@pytest.mark.parametrize("name", ["Transfer learning on birds", "finetune v3", "pre-trained resnet"])
def test_a_name_is_a_claim_too(name):
    assert only(CHECK, configuration=config(name=name, weights="none")).severity is ERROR


@pytest.mark.parametrize("name", ["from scratch, not pretrained", "no transfer", "baseline", "scratch vs transfer"])
def test_a_name_that_denies_it_is_none(name):
    assert silent(CHECK, configuration=config(name=name, weights="none"))


def test_scratch_that_says_so_is_silent():
    assert silent(CHECK, configuration=config(method="scratch", weights="none"))


def test_unknown_weights_are_not_examined():
    assert "`weights`" in why_skipped(CHECK, configuration=config(method="transfer"))


def test_the_name_of_a_program_was_weighed_where_it_was_read():
    assert silent(CHECK, configuration=config(name="transfer_learning", weights="none"), code=program())
