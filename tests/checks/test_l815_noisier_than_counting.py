from builders import INFO, dataset, history, logged, only, silent, wobble
from diagnose.checks.l815_noisier_than_counting import CHECK

NOISY = wobble([0.65] * 24, 0.09)


def test_noise_beyond_counting():
    finding = only(CHECK, past=history(logged(val_accuracy=NOISY, val_images=5000)))
    assert finding.severity is INFO
    assert "5,000 images" in finding.summary


def test_few_images_explain_it():
    assert silent(CHECK, past=history(logged(val_accuracy=NOISY)), dataset=dataset(100, 25))


def test_without_the_number_of_images():
    assert only(CHECK, past=history(logged(val_accuracy=NOISY))).severity is INFO


def test_a_course_that_rises_steadily_is_silent():
    assert silent(CHECK, past=history(logged(val_accuracy=wobble([0.3 + 0.02 * n for n in range(24)], 0.003))))
