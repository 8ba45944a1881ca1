from builders import ERROR, WARNING, only, ran, seen_network, silent
from diagnose.checks.r611_parameters_without_gradient import CHECK

from diagnose.model import Layers


def lost(**more):
    values = {"names": ("bn1",), "layers": 1, "parameters": 20, "share": 0.02}
    return ran(network=seen_network(without_gradient=Layers(**{**values, **more})))


def test_a_network_that_trains_whole_is_silent():
    assert silent(CHECK, ran=ran())


def test_layers_that_are_never_called_are_a_warning():
    finding = only(CHECK, ran=lost(called=False))
    assert finding.severity is WARNING
    assert "no part in the forward pass" in finding.summary


def test_a_head_or_most_of_the_network_is_an_error():
    assert only(CHECK, ran=lost(head=True)).severity is ERROR
    assert only(CHECK, ran=lost(share=0.9)).severity is ERROR
