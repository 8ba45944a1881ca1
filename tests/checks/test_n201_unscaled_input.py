from builders import ERROR, FILE, WARNING, config, only, program, silent, why_skipped
from diagnose.checks.n201_unscaled_input import CHECK

from diagnose.model import Confidence, Location


def test_scaled_input_is_silent():
    assert silent(CHECK, configuration=config(scaling=("1/255",), mean=(), std=()))


def test_raw_pixels_are_an_error_at_their_line():
    finding = only(CHECK, configuration=config(scaling=(), mean=(), std=()))
    assert finding.severity is ERROR
    assert finding.location == Location(FILE, 1)
    assert finding.confidence is Confidence.CERTAIN


def test_statistics_of_raw_pixels_do_the_scaling():
    assert silent(CHECK, configuration=config(scaling=(), mean=(124.0, 116.0, 104.0), std=(58.0, 57.0, 57.0)))


def test_without_word_on_statistics_it_is_likely():
    finding = only(CHECK, configuration=config(scaling=()))
    assert (finding.severity, finding.confidence) == (WARNING, Confidence.LIKELY)


def test_unknown_scaling_is_not_examined():
    assert "`scaling`" in why_skipped(CHECK, configuration=config())


def test_a_network_that_takes_raw_pixels_may_have_them():
    code = program(framework="keras", weights_want="built in")
    assert silent(CHECK, configuration=config(weights="imagenet", scaling=(), mean=(), std=()), code=code)
