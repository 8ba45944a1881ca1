from builders import ERROR, only, ran, seen_network, silent, why_skipped
from diagnose.checks.r609_random_layers_frozen import CHECK

from diagnose.model import Layers


def frozen(substitutes=(), **more):
    values = {"names": ("classifier.1",), "layers": 1, "parameters": 20, "share": 0.02}
    return ran(network=seen_network(frozen_random=Layers(**{**values, **more})), substitutes=substitutes)


def test_frozen_layers_that_were_loaded_are_silent():
    assert silent(CHECK, ran=ran())


def test_a_random_last_layer_and_random_features_are_errors():
    assert "last layer" in only(CHECK, ran=frozen(head=True)).summary
    assert only(CHECK, ran=frozen(layers=50, share=0.8)).severity is ERROR


def test_a_few_constants_are_silent():
    assert silent(CHECK, ran=frozen(share=0.001))


def test_weights_that_could_not_be_downloaded_are_not_judged():
    assert "downloaded" in why_skipped(CHECK, ran=frozen(("published weights could not be downloaded",), head=True))
