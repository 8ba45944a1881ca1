from builders import ERROR, WARNING, only, ran, seen_network, silent
from diagnose.checks.r612_parameters_not_held import CHECK

from diagnose.model import Layers, SeenOptimizer


def left(foreign=0.0, **more):
    values = {"names": ("fc",), "layers": 1, "parameters": 20, "share": 0.02}
    network = seen_network(unheld=Layers(**{**values, **more}))
    return ran(network=network, optimizers=(SeenOptimizer("SGD", foreign=foreign),))


def test_an_optimizer_that_holds_all_is_silent():
    assert silent(CHECK, ran=ran())


def test_a_head_that_no_optimizer_holds_is_an_error():
    assert only(CHECK, ran=left(head=True)).severity is ERROR


def test_the_parameters_of_another_network_are_an_error():
    assert "another network" in only(CHECK, ran=left(foreign=1.0)).summary


def test_some_layers_are_a_warning():
    assert only(CHECK, ran=left()).severity is WARNING
