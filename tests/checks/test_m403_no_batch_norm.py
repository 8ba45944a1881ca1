from builders import ERROR, RESNET50_STAGES, WARNING, network, only, silent
from diagnose.checks.m403_no_batch_norm import CHECK


def test_pytorchs_numbers_are_silent():
    assert silent(CHECK, own=network())
    assert silent(CHECK, own=network(norms=((0.01, 1e-3),)))


def test_no_normalisation_in_a_deep_network_is_a_warning():
    assert only(CHECK, own=network(norms=())).severity is WARNING
    assert silent(CHECK, own=network(norms=(), other_norms=4))
    assert silent(CHECK, own=network(norms=(), stages=RESNET50_STAGES[:1]))


def test_keras_momentum_is_an_error():
    finding = only(CHECK, own=network(norms=((0.1, 1e-5), (0.99, 1e-3))))
    assert finding.severity is ERROR
    assert "0.01" in finding.fix


def test_a_large_eps_is_a_warning():
    assert only(CHECK, own=network(norms=((0.1, 0.1),))).severity is WARNING


def test_batch_norms_that_nothing_uses_are_named():
    found = only(CHECK, own=network(unused_norms=("bns.0", "bns.1", "bns.2", "bns.3")))
    assert (found.severity, found.measured["unused"]) == (WARNING, 4)
    assert "bns.2 and others" in found.summary
