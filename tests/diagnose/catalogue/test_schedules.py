import inspect

import pytest
from torch.optim import lr_scheduler

from diagnose.catalogue import schedules

TORCH = [form for form in schedules.FORMS if hasattr(lr_scheduler, form)]


@pytest.mark.parametrize("name", TORCH)
def test_arguments_of_torchs_schedules_stand_where_torch_has_them(name):
    _, form = schedules.FORMS[name]
    parameters = list(inspect.signature(getattr(lr_scheduler, name)).parameters.values())
    for argument in form.arguments:
        assert argument.option in schedules.OPTIONS
        parameter = next(one for one in parameters if one.name == argument.name)
        assert argument.place in (-1, parameters.index(parameter))
        if argument.default is not None:
            assert parameter.default == pytest.approx(argument.default)


def test_every_schedule_of_torch_is_known():
    theirs = {name for name in dir(lr_scheduler) if name.endswith(("LR", "Plateau", "Restarts")) and name[0] != "_"}
    assert {name for name in theirs if name not in ("LRScheduler",)} <= set(schedules.FORMS)


def test_what_each_is_told_is_an_option():
    assert all(one.option in schedules.OPTIONS for _, form in schedules.FORMS.values() for one in form.arguments)


@pytest.mark.parametrize(
    ("word", "name"),
    [("StepLR", "step"), ("poly", "polynomial"), ("cosine_with_restarts", "cosine_restarts"), ("none", "constant"),
     ("reduce_lr_on_plateau", "plateau"), ("rsqrt", "inverse_sqrt"), ("mine", "mine")],
)  # fmt: skip
def test_names_of_libraries_are_one(word, name):
    assert schedules.canonical(word) == name
