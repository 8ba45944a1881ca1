from builders import ERROR, WARNING, config, curve, dataset, interval, only, probes, silent
from diagnose.checks.d108_too_little_data import CHECK


def test_fifty_a_class_serve_pretrained_weights():
    assert silent(CHECK, dataset=dataset(50), configuration=config(weights="imagenet"))


def test_five_a_class_are_too_few_for_any():
    finding = only(CHECK, dataset=dataset(5), configuration=config(weights="imagenet"))
    assert finding.severity is WARNING
    assert finding.measured["images_per_class"] == 5


def test_fifty_a_class_from_scratch_are_an_error():
    assert only(CHECK, dataset=dataset(50), configuration=config(weights="none")).severity is ERROR


def test_three_hundred_a_class_from_scratch_are_a_warning():
    assert only(CHECK, dataset=dataset(300), configuration=config(weights="none")).severity is WARNING


def test_a_thousand_a_class_are_enough_for_scratch():
    assert silent(CHECK, dataset=dataset(1000), configuration=config(weights="none"))


def test_unknown_weights_get_the_milder_limit():
    assert silent(CHECK, dataset=dataset(50), configuration=config())
    assert silent(CHECK, dataset=dataset(10))
    assert only(CHECK, dataset=dataset(9)).severity is WARNING


def test_it_says_how_many_images_a_target_takes():
    known = curve(target=0.85, needed=60.0, needed_interval=interval(40, 90))
    unknown = curve("scratch", target=0.85, doubled=None, doubled_interval=None, why="too short")
    found = only(
        CHECK, dataset=dataset(50), configuration=config(weights="none"), measured=probes(curves=(known, unknown))
    )
    assert found.summary.endswith(
        "To reach 85% takes with pretrained weights about 60 a class [40, 90]; from scratch an unknown number."
    )
