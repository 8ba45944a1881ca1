import dataclasses

import torch
from tiny_networks import TINY

from diagnose.model import GIB, PRECISIONS, Card
from diagnose.probing import card
from diagnose.probing.card import card_of, memory_of
from diagnose.probing.job import FullRun
from diagnose.probing.recipe import Recipe

RUN = FullRun(epochs=10, batch_size=16, input_size=64, train_images=1000, val_images=300)
CPU = torch.device("cpu")


def never():
    return False


def test_the_card_is_the_configured_one_without_a_gpu():
    assert card_of(CPU, RUN) is None
    card = card_of(CPU, dataclasses.replace(RUN, gpu_memory=1.5))
    assert (card.memory, card.measured, card.usable) == (3 * GIB // 2, False, GIB)


def test_a_step_in_every_precision():
    peaks, card = memory_of(TINY, Recipe(), 3, RUN, None, never)
    assert card is None
    assert tuple(dict(peaks)) == PRECISIONS
    assert dict(peaks)["bf16"] < dict(peaks)["fp32"]


def test_changes_for_a_card_that_is_too_small():
    peaks, _ = memory_of(TINY, Recipe(), 3, RUN, Card(GIB, measured=False), never)
    needed = dict(peaks)["fp32"]
    _, fitting = memory_of(TINY, Recipe(), 3, RUN, Card(GIB // 2 + needed, measured=False), never)
    assert fitting.changes == ()
    _, small = memory_of(TINY, Recipe(), 3, RUN, Card(GIB // 2 + int(0.8 * needed), measured=True), never)
    assert small.measured
    assert small.tried_all
    assert small.changes
    assert all(fit.memory <= small.usable for fit in small.changes)


def test_once_the_time_is_up_what_was_found_is_kept():
    peaks, card = memory_of(TINY, Recipe(), 3, RUN, Card(GIB // 2, measured=False), lambda: True)
    assert tuple(dict(peaks)) == ("fp32",)
    assert not card.tried_all


def test_a_step_that_cannot_be_followed_is_unknown(monkeypatch):
    def refused(*step, **more):
        raise RuntimeError("fake tensors do not know this operation")

    monkeypatch.setattr(card, "peak_bytes", refused)
    assert memory_of(TINY, Recipe(), 3, RUN, None, never) == ((), None)
