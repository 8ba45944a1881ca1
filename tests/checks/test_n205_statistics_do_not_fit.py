from builders import WARNING, config, dataset, only, silent, why_skipped
from diagnose.checks.n205_statistics_do_not_fit import CHECK

IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


def test_fitting_statistics_are_silent():
    assert silent(CHECK, dataset=dataset(), configuration=config(scaling=("1/255",), **IMAGENET))


def test_imagenet_statistics_on_dark_grey_images_are_common_and_work():
    fashion = dataset(mean=(0.286,) * 3, std=(0.353,) * 3)
    assert silent(CHECK, dataset=fashion, configuration=config(scaling=("1/255",), **IMAGENET))


def test_inputs_far_off_centre():
    bright = dataset(mean=(0.98,) * 3, std=(0.05,) * 3)
    finding = only(CHECK, dataset=bright, configuration=config(scaling=("1/255",), **IMAGENET))
    assert finding.severity is WARNING
    assert round(finding.measured["fed_mean"][0], 2) == 2.16


def test_deviation_too_small():
    said = config(scaling=("1/255",), mean=(0.45, 0.45, 0.4), std=(2.0, 2.0, 2.0))
    assert only(CHECK, dataset=dataset(), configuration=said).measured["fed_std"][0] < 0.2


def test_symmetric_scaling_moves_the_centre():
    said = config(scaling=("-1..1",), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    assert silent(CHECK, dataset=dataset(), configuration=said)


def test_another_faults_numbers_are_not_judged():
    assert "scaling" in why_skipped(CHECK, dataset=dataset(), configuration=config(scaling=(), **IMAGENET))
    silent_config = config(scaling=("1/255",), mean=(), std=())
    assert "does not normalise" in why_skipped(CHECK, dataset=dataset(), configuration=silent_config)
