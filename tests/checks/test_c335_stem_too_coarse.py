import pytest
from builders import ERROR, INFO, WARNING, config, only, program, silent
from diagnose.checks.c335_stem_too_coarse import CHECK

from diagnose.model import CoarseStem, Location, PatchMisfit

AT = Location("program.py", 7)


def judged(dataset="CIFAR10", **values):
    words = {"weights": "none", "input_size": 32, **values}
    return {"configuration": config(**words), "code": program(seen=(CoarseStem(AT, "resnet18", dataset),))}


def test_a_stem_for_large_images_on_small_ones_is_a_warning_at_the_network():
    finding = only(CHECK, **judged())
    assert (finding.severity, finding.location) == (WARNING, AT)
    assert "8 px are left before its first stage, 1 px in its last" in finding.summary


def test_digits_are_info():
    assert only(CHECK, **judged("MNIST", input_size=28)).severity is INFO


@pytest.mark.parametrize("values", [{"weights": "imagenet"}, {"input_size": 65}, {"input_size": 224}])
def test_pretrained_weights_and_larger_images_are_silent(values):
    assert silent(CHECK, **judged(**values))


@pytest.mark.parametrize(
    ("side", "patch", "raises", "severity", "words"),
    [
        (224, 15, True, ERROR, "stops"),
        (28, 16, False, ERROR, "67% of each image"),
        (225, 16, False, WARNING, "1 px at two edges"),
        (225, 16, None, WARNING, "or it stops"),
    ],
)
def test_patches_that_do_not_divide_the_image(side, patch, raises, severity, words):
    misfit = PatchMisfit(AT, "patches", "ViT", side, patch, raises)
    finding = only(CHECK, configuration=config(), code=program(seen=(misfit,)))
    assert (finding.severity, words in finding.summary) == (severity, True)


@pytest.mark.parametrize(("raises", "severity"), [(True, ERROR), (None, WARNING)])
def test_a_network_for_images_of_another_size(raises, severity):
    misfit = PatchMisfit(AT, "size", "vit_b_16", 224, 32, raises)
    finding = only(CHECK, configuration=config(), code=program(seen=(misfit,)))
    assert (finding.severity, "224 px and gets 32 px" in finding.summary) == (severity, True)
