import numpy as np

from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning.dimensions import RATE, Around
from diagnose.probing.tuning.search import Candidate
from diagnose.probing.tuning.simplify import simplified
from diagnose.probing.tuning.space import Space

SPACE = Space(Around(Recipe("sgd", 10.0, weight_decay=1e-4, batch_size=32), short=False, pretrained=True))
BEST = {**SPACE.own, RATE: 0.01, "schedule": "step", "dropout": 0.2, "label smoothing": 0.1}
NOISE = np.linspace(-0.1, 0.1, 50)


def simplest(costs, time=100):
    """The best recipe simplified, where taking a change back costs so much; and what was asked for."""
    asked = []

    def losses(params):
        asked.append(SPACE.changed(params))
        if len(asked) > time:
            return None
        lost = sum(cost for name, cost in costs.items() if params[name] == SPACE.own[name])
        return np.full(50, 1.0) + NOISE[::-1] + lost

    best = Candidate(BEST, np.full(50, 1.0) + NOISE)
    return SPACE.changed(simplified(SPACE, best, losses)), asked


def test_all_but_the_rate_is_taken_back_with_one_training_where_the_rate_is_all_that_matters():
    assert simplest({RATE: 2.0}) == ([RATE], [[RATE]])


def test_what_matters_stays():
    kept, asked = simplest({RATE: 2.0, "label smoothing": 1.0})
    assert kept == [RATE, "label smoothing"]
    assert len(asked) == 5


def test_a_rate_that_does_not_matter_goes_too():
    assert simplest({"label smoothing": 1.0})[0] == ["label smoothing"]


def test_one_change_is_left_for_the_confirmation_to_judge():
    assert len(simplest({})[0]) == 1


def test_small_losses_do_not_add_up():
    kept, _ = simplest({"schedule": 0.02, "dropout": 0.02, "label smoothing": 0.02})
    assert len(kept) > 1


def test_without_time_the_measured_recipe_stays():
    assert simplest({RATE: 2.0}, time=0)[0] == SPACE.changed(BEST)
