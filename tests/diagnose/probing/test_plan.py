import dataclasses

from diagnose.model import Interval, Paired
from diagnose.probing.plan import choose, foresee, information_of_seed


@dataclasses.dataclass
class Fake:
    """A probe that always tells as much and costs as much, for so many rounds."""

    name: str
    worth: float
    seconds: float
    rounds: int = 1
    done: int = 0

    def information(self, done):
        return self.worth if done < self.rounds else 0.0

    def cost(self, done):
        return self.seconds

    def run(self):
        self.done += 1


def test_the_most_telling_a_second_comes_first():
    cheap, dear = Fake("cheap", 1, 2), Fake("dear", 3, 10)
    assert choose([dear, cheap], 100) is cheap
    assert choose([dear, cheap], 1) is None


def test_what_does_not_fit_gives_way_to_what_does():
    assert choose([Fake("best", 9, 10), Fake("fits", 1, 3)], 5).name == "fits"


def test_what_an_earlier_session_ran_costs_nothing_and_comes_first():
    assert choose([Fake("new", 1, 1), Fake("kept", 0.1, 0)], 5).name == "kept"


def test_equals_keep_their_order():
    assert choose([Fake("first", 1, 1), Fake("second", 1, 1)], 5).name == "first"


def test_the_plan_that_is_told_is_the_one_that_runs():
    def probes():
        return [Fake("a", 1, 3, rounds=2), Fake("b", 5, 4), Fake("c", 0.1, 9)]

    planned = foresee(probes(), 12)
    assert planned == [("b", 1, 4), ("a", 2, 6)]
    run, left, order = probes(), 12.0, []
    while (probe := choose(run, left)) is not None:
        probe.run()
        left -= probe.seconds
        order.append(probe.name)
    assert order == ["b", "a", "a"]


def test_foreseeing_runs_nothing():
    probe = Fake("a", 1, 1)
    foresee([probe], 10)
    assert probe.done == 0


def test_each_seed_tells_less_than_the_one_before_and_the_seventh_nothing():
    worth = [information_of_seed(done, None) for done in range(7)]
    assert worth == sorted(worth, reverse=True)
    assert worth[6] == 0


def test_a_settled_question_is_worth_less():
    settled, open_ = (Paired(0.2, Interval(low, 0.4), 4, 100) for low in (0.1, -0.1))
    assert information_of_seed(4, settled) < information_of_seed(4, open_)
