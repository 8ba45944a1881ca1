from builders import ERROR, INFO, WARNING, config, dataset, only, silent, why_skipped
from diagnose.checks.c315_batch_too_small import CHECK


def test_a_usual_batch_is_silent():
    assert silent(CHECK, dataset=dataset(), configuration=config(batch_size=32))


def test_four_is_a_warning():
    assert only(CHECK, configuration=config(batch_size=4)).severity is WARNING


def test_one_is_an_error():
    assert only(CHECK, configuration=config(batch_size=1)).severity is ERROR


ODD = dataset({"cat": 32, "dog": 33})


def test_a_last_batch_of_one():
    assert only(CHECK, dataset=ODD, configuration=config(batch_size=32, drop_last=False)).severity is WARNING


def test_a_last_batch_of_one_that_may_be_dropped():
    assert only(CHECK, dataset=ODD, configuration=config(batch_size=32)).severity is INFO
    assert silent(CHECK, dataset=ODD, configuration=config(batch_size=32, drop_last=True))


def test_a_settings_file_for_a_network_of_layer_norms_is_not_examined():
    assert "no batch norm" in why_skipped(CHECK, configuration=config(batch_size=2, model="vit_b_16"))
    assert only(CHECK, configuration=config(batch_size=2, model="resnet50")).severity is WARNING
