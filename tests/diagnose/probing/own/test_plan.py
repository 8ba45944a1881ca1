"""How long trainings are: long enough to learn first, then as many arms as fit."""

from diagnose.probing.bench import Arm
from diagnose.probing.own.plan import in_turn, planned
from diagnose.probing.recipe import Recipe

OWN, FIX, CHOICE, SIZE, SLOW = (Arm(name, name, False, Recipe()) for name in ("own", "fix", "choice", "size", "slow"))
ALL = (OWN, FIX, CHOICE, SIZE, SLOW)
DROPPABLE = (SLOW, CHOICE)


def seconds(arm, steps):
    return steps * (10.0 if arm is SLOW else 1.0)


def test_everything_runs_where_there_is_time():
    steps, kept = planned(ALL, DROPPABLE, SLOW, seconds, 1e6)
    assert (steps, kept) == (2000, ALL)


def test_what_can_be_left_out_goes_before_trainings_become_short():
    assert planned(ALL, DROPPABLE, SLOW, seconds, 2000)[1] == (OWN, FIX, CHOICE, SIZE)
    assert planned(ALL, DROPPABLE, SLOW, seconds, 1250) == (120, (OWN, FIX, SIZE))


def test_the_needed_ones_become_shorter_at_last_and_then_do_not_fit():
    assert planned(ALL, DROPPABLE, SLOW, seconds, 500) == (60, (OWN, FIX, SIZE))
    assert planned(ALL, DROPPABLE, SLOW, seconds, 50)[0] == 0


def test_what_is_needed_runs_twice_before_the_rest():
    turns = [(arm.name, number) for arm, number in in_turn(ALL, DROPPABLE, SLOW)]
    assert turns[:6] == [("own", 0), ("fix", 0), ("size", 0), ("own", 1), ("fix", 1), ("size", 1)]
    assert turns[6:10] == [("choice", 0), ("slow", 0), ("choice", 1), ("slow", 1)]
    assert [turn for turn in turns if turn[0] == "slow"] == [("slow", 0), ("slow", 1)]
    assert len(turns) == len(set(turns)) == 4 * 6 + 2
