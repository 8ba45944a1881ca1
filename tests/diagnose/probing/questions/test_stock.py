import dataclasses

from tiny_networks import TINY

from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.stock import Stock


def test_only_a_stand_in_leaves_the_architecture_itself_open(setting, bench):
    compared = CompareArms(setting(), bench)
    compared.done = 2
    assert Stock(setting(), bench, compared).information(0) == 0
    question = Stock(dataclasses.replace(setting(), arch=SUBSTITUTE), bench, compared)
    assert question.information(0) > 0
    question.run()
    assert bench.runs[0].arch == TINY
    assert question.information(1) == 0


def test_it_waits_until_the_substitute_was_trained(setting, bench):
    compared = CompareArms(setting(), bench)
    assert Stock(dataclasses.replace(setting(), arch=SUBSTITUTE), bench, compared).information(0) == 0
