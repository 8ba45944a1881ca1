from builders import ERROR, only, ran, silent
from diagnose.checks.r624_graphs_kept import CHECK

from diagnose.model import SeenLoss


def test_sums_of_numbers_and_of_two_losses_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(loss=SeenLoss("cross_entropy", 0.7, graph_kept=1)))


def test_a_sum_over_batches_is_an_error():
    assert only(CHECK, ran=ran(loss=SeenLoss("cross_entropy", 0.7, graph_kept=5))).severity is ERROR


def test_three_losses_in_one_sum_are_the_least():
    assert silent(CHECK, ran=ran(loss=SeenLoss("cross_entropy", 0.7, graph_kept=2)))
