from builders import ERROR, WARNING, config, observed, only, program, silent, why_skipped

from checks.c312_no_shuffle import CHECK


def test_shuffled_is_silent():
    assert silent(CHECK, configuration=config(shuffle=True))


def test_unshuffled_is_an_error():
    assert only(CHECK, configuration=config(shuffle=False)).severity is ERROR


def test_unknown_is_not_examined():
    assert "`shuffle`" in why_skipped(CHECK, configuration=config(epochs=1))


def keras(*seen):
    return program(framework="keras", managed_by="Keras", observations=seen)


def test_a_folder_that_keras_reads_in_order_is_an_error():
    by_class = observed("order", by_class=True)
    assert only(CHECK, configuration=config(shuffle=False), code=keras(by_class)).severity is ERROR


def test_arrays_whose_order_is_not_known_are_a_warning():
    finding = only(CHECK, configuration=config(shuffle=False), code=keras())
    assert finding.severity is WARNING
    assert "same order" in finding.summary
