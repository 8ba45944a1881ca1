from builders import ERROR, WARNING, config, only, program, silent, why_skipped
from diagnose.checks.n203_missing_normalisation import CHECK


def test_normalised_input_is_silent():
    assert silent(CHECK, configuration=config(weights="imagenet", mean=(0.485, 0.456, 0.406)))


def test_pretrained_without_normalisation_is_an_error():
    assert only(CHECK, configuration=config(weights="imagenet", mean=())).severity is ERROR


def test_one_half_everywhere_may_be_how_the_weights_were_trained():
    assert silent(CHECK, configuration=config(weights="IMAGENET1K_V1", mean=(0.5, 0.5, 0.5)))


def test_scratch_may_go_without():
    assert silent(CHECK, configuration=config(weights="none", mean=()))


def test_unknown_weights_are_not_examined():
    assert "`weights`" in why_skipped(CHECK, configuration=config(mean=()))


def test_raw_pixels_are_the_greater_fault():
    assert "N201" in why_skipped(CHECK, configuration=config(weights="imagenet", scaling=(), mean=()))


def test_minus_one_to_one_is_a_normalisation():
    assert "-1..1" in why_skipped(CHECK, configuration=config(weights="imagenet", scaling=("-1..1",), mean=()))


def in_keras(fed, want, **said):
    base = {"weights": "imagenet", "model": "resnet50", "scaling": ("1/255",), "mean": (), **said}
    return {"configuration": config(**base), "code": program(framework="keras", fed=fed, weights_want=want)}


def test_keras_networks_want_their_own_preprocessing():
    assert only(CHECK, **in_keras("unit", "caffe")).severity is ERROR
    assert silent(CHECK, **in_keras("tf", "tf"))
    assert silent(CHECK, **in_keras("raw", "built in"))


def test_zero_to_one_before_a_network_of_minus_one_to_one_is_a_warning():
    assert only(CHECK, **in_keras("unit", "tf")).severity is WARNING


def test_another_familys_preprocessing_is_told_elsewhere():
    assert silent(CHECK, **in_keras("tf", "caffe", preprocessing="keras.mobilenet_v2"))
