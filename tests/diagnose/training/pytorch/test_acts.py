"""The acts of the loops in their order; a gradient may be cleared in many ways."""

import pytest
from small_programs import found, judged, reading, training

PARAMETERS = "for p in model.parameters():\n    {}"


def acts(read_, what):
    return [act for act in read_.program.acts if act.what == what]


def test_a_step_of_the_batch_is_its_acts_in_order(tmp_path):
    read_ = reading(tmp_path, training())
    inside = [act.what for act in read_.program.acts if (act.phase, act.level) == ("train", "batch")]
    assert inside == ["forward", "zero_grad", "backward", "step"]


@pytest.mark.parametrize(
    ("clear", "before"),
    [
        ("optimizer.zero_grad()", ""),
        ("model.zero_grad(set_to_none=True)", ""),
        ("clear(optimizer)", "def clear(one):\n    one.zero_grad()"),
        (PARAMETERS.format("p.grad = None"), ""),
        (PARAMETERS.format("p.grad.zero_()"), ""),
        (PARAMETERS.format("if p.grad is not None:\n        p.grad.data.zero_()"), ""),
        (PARAMETERS.format("p.grad.fill_(0)"), ""),
        (PARAMETERS.format("p.grad *= 0"), ""),
        (PARAMETERS.format("setattr(p, 'grad', None)"), ""),
        ("for group in optimizer.param_groups:\n    for p in group['params']:\n        p.grad = None", ""),
        ("torch._foreach_zero_([p.grad for p in model.parameters()])", ""),
        ("if epoch % 4 == 0:\n    optimizer.zero_grad()", ""),
    ],
)
def test_every_way_of_clearing_gradients_is_seen(tmp_path, clear, before):
    read_ = reading(tmp_path, training(clear=clear, before=before))
    assert any(act.phase == "train" for act in acts(read_, "zero_grad"))
    assert not found(read_, "C310")


def test_gradients_may_be_cleared_in_a_call_that_was_not_followed(tmp_path):
    read_ = reading(tmp_path, training(clear="clear(optimizer)", before="from elsewhere import clear"))
    assert judged(read_, "C310") == ("skipped", ())


def test_gradients_are_cleared_in_a_closure(tmp_path):
    closure = "def closure():\n    optimizer.zero_grad()\n    loss = criterion(model(x), y)\n" + (
        "    loss.backward()\n    return loss"
    )
    read_ = reading(tmp_path, training(loss="", clear=closure, backward="", step="optimizer.step(closure)"))
    assert len(acts(read_, "zero_grad")) == 1
    assert not found(read_, "C310")


def test_gradients_are_cleared_by_an_own_optimizer_that_wraps_one(tmp_path):
    wrapper = "class Stepper:\n    def step(self):\n        optimizer.step()\n        optimizer.zero_grad()\n" + (
        "stepper = Stepper()"
    )
    assert not found(reading(tmp_path, training(before=wrapper, clear="", step="stepper.step()")), "C310")


@pytest.mark.parametrize("clear", ["", PARAMETERS.format("p.grad *= 0.5"), PARAMETERS.format("p.zero_()")])
def test_gradients_that_nothing_clears_are_found(tmp_path, clear):
    assert found(reading(tmp_path, training(clear=clear)), "C310")


def test_two_optimizers_are_distinguished(tmp_path):
    two = (
        "optimizer = torch.optim.SGD(model.fc.parameters(), 0.01)\nother = torch.optim.Adam(model.layer4.parameters())"
    )
    read_ = reading(tmp_path, training(optimizer=two, step="optimizer.step()\nother.step()"))
    assert len({act.subject for act in acts(read_, "step")}) == 2


def test_a_schedule_is_no_step_of_the_optimizer(tmp_path):
    made = "schedule = torch.optim.lr_scheduler.StepLR(optimizer, 10)"
    read_ = reading(tmp_path, training(before=made, end="", validate="schedule.step()"))
    (step,) = acts(read_, "schedule")
    assert (step.phase, step.level) == ("between", "epoch")
    assert len(acts(read_, "step")) == 1


def test_a_scalers_step_and_a_timm_scaler_step_the_optimizer(tmp_path):
    scaler = "scaler = torch.amp.GradScaler()"
    read_ = reading(tmp_path, training(before=scaler, backward="scaler.scale(loss).backward()",
                                       step="scaler.step(optimizer)\nscaler.update()"))  # fmt: skip
    assert len(acts(read_, "step")) == 1
    native = "from timm.utils import NativeScaler\nscaler = NativeScaler()"
    read_ = reading(tmp_path, training(before=native, backward="scaler(loss, optimizer)", step=""))
    assert len(acts(read_, "step")) == 1


@pytest.mark.parametrize(
    ("context", "off"),
    [("torch.no_grad()", True), ("torch.inference_mode()", True), ("torch.set_grad_enabled(False)", True),
     ("torch.autocast('cuda')", False), ("quiet()", True)],
)  # fmt: skip
def test_gradients_may_be_off_by_the_context(tmp_path, context, off):
    validate = f"model.eval()\nwith {context}:\n    for x, y in val_loader:\n        model(x)"
    own = "class quiet:\n    def __enter__(self):\n        torch.set_grad_enabled(False)"
    read_ = reading(tmp_path, training(validate=validate, top=own))
    (forward,) = [act for act in acts(read_, "forward") if act.phase == "validation"]
    assert forward.no_grad is off


def test_what_hangs_on_a_condition_says_so(tmp_path):
    read_ = reading(tmp_path, training(step="if torch.rand(1) > 0.5:\n    optimizer.step()"))
    (step,) = acts(read_, "step")
    assert len(step.when) == 1
