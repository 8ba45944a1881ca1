from builders import ERROR, WARNING, only, ran, seen_network, silent
from diagnose.checks.r618_weights_did_not_arrive import CHECK

from diagnose.model import Arrival


def loaded(filled, used=True, strict=False, pretrained=0.0):
    arrival = Arrival(62, filled, used, strict, sample="module.conv1.weight", wanted="conv1.weight")
    return ran(arrivals=(arrival,), network=seen_network(pretrained=pretrained))


def test_weights_that_arrive_are_silent():
    assert silent(CHECK, ran=loaded(0.98, pretrained=0.98))
    assert silent(CHECK, ran=ran())


def test_names_that_match_nothing_are_an_error():
    finding = only(CHECK, ran=loaded(0.0))
    assert finding.severity is ERROR
    assert "module.conv1.weight" in finding.summary


def test_weights_of_another_network_are_an_error_unless_the_trained_one_has_its_own():
    assert only(CHECK, ran=loaded(1.0, used=False)).severity is ERROR
    assert silent(CHECK, ran=loaded(1.0, used=False, pretrained=0.9))


def test_weights_that_are_overwritten_before_the_first_step_are_an_error():
    arrivals = Arrival(62, 1.0, True, True, kept=0.1), Arrival(62, 1.0, True, True, kept=0.98)
    finding = only(CHECK, ran=ran(arrivals=arrivals, network=seen_network(pretrained=0.1)))
    assert finding.severity is ERROR
    assert "overwritten" in finding.summary


def test_weights_beside_the_configuration_that_are_not_read_are_a_warning():
    finding = only(CHECK, ran=ran(arrivals=(Arrival(0, 0.0, True, False, unread="vit_mini"),)))
    assert finding.severity is WARNING
    assert "vit_mini" in finding.summary
