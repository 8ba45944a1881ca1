from dataclasses import dataclass

import pytest

from diagnose.catalogue.names import index, key


@dataclass(frozen=True)
class One:
    name: str
    names: tuple[str, ...] = ()


def test_a_name_is_its_letters_and_digits():
    assert key("Adam-W_8bit") == "adamw8bit"


def test_entries_are_found_by_every_name():
    first = One("sgd", ("SGD", "Momentum"))
    assert index([first]) == {"sgd": first, "momentum": first}


def test_a_name_that_two_claim_is_refused():
    with pytest.raises(ValueError, match="Momentum is both sgd and other"):
        index([One("sgd", ("momentum",)), One("other", ("Momentum",))])
