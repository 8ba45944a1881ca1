from builders import config, feed, pixels, ran, seen_network

from diagnose.model import Config, SeenLoss, SeenOptimizer
from diagnose.model.config import OBSERVABLE
from diagnose.running.observed import configured, fields

GRID = {"slope": (1 / 255,) * 3, "offset": (0.0,) * 3, "low": 0.0, "high": 1.0, "mean": 0.45, "std": 0.25}


def test_unknown_fields_are_filled_and_marked_as_observed():
    read, run = configured(ran(feeds=(feed(pixels=pixels(**GRID)), feed("validation"))), None)
    assert (read.optimizer.value, read.learning_rate.value, read.batch_size.value) == ("sgd", 0.1, 16)
    assert (read.scaling.value, read.mean.value) == (("1/255",), ())
    assert read.head.observed
    assert read.optimizer.line == 6
    assert run.contradictions == ()


def test_what_differs_is_overridden_and_said():
    read, run = configured(ran(), config(learning_rate=0.01, batch_size=16))
    assert read.learning_rate.value == 0.1
    assert [(one.field, one.read, one.observed) for one in run.contradictions] == [("learning_rate", "0.01", "0.1")]


def test_what_scales_the_pixels_never_overrides():
    read, run = configured(ran(feeds=(feed(pixels=pixels(**GRID)),)), config(scaling=(), mean=(0.5,), std=(0.5,)))
    assert (read.scaling.value, read.mean.value) == ((), (0.5,))
    assert run.contradictions == ()


def test_several_groups_and_optimizers_leave_the_rate_to_the_text():
    groups = ran(optimizers=(SeenOptimizer("SGD", learning_rate=0.1, groups=2),))
    assert configured(groups, config(learning_rate=0.01))[0].learning_rate.value == 0.01
    two = ran(optimizers=(SeenOptimizer("SGD", learning_rate=0.1), SeenOptimizer("Adam", learning_rate=1e-3)))
    assert not configured(two, None)[0].optimizer.known


def test_outputs_and_loss_in_the_catalogues_words():
    run = ran(loss=SeenLoss("cross_entropy", 1.0, given="probabilities"), network=seen_network(outputs=10))
    read, _ = configured(run, None)
    assert (read.loss.value, read.output_activation.value, read.head.value) == ("cross_entropy", "softmax", 10)


def test_a_run_without_a_step_shows_nothing():
    assert configured(ran(steps=0), None)[0] == Config()


def test_scaling_is_left_open_where_the_text_has_mean_and_std_in_units_of_its_own():
    read, _ = configured(ran(feeds=(feed(pixels=pixels(**GRID)),)), config(mean=(125.0,), std=(63.0,)))
    assert not read.scaling.known


def test_the_fields_that_a_run_shows_are_those_that_it_is_advised_for():
    seen = {name for name, _, _ in fields(ran(seed=3))}
    assert seen <= OBSERVABLE
    assert {"optimizer", "batch_size", "input_size", "seed"} <= seen
