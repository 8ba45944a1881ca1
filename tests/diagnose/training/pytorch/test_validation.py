"""Where a program validates, and where it might: an absence is claimed only if nothing could hold it."""

import pytest
from small_programs import found, judged, reading, said, training

LOOP = "with torch.no_grad():\n    for x, y in val_loader:\n        {call}"


def read(tmp_path, validate, top="", before="", **files):
    return reading(tmp_path, training(validate=validate, top="torch.manual_seed(0)\n" + top, before=before), **files)


def validations(read_):
    return [act for act in read_.program.acts if act.what == "forward" and act.phase == "validation"]


def test_a_program_without_any_is_said_to_have_none(tmp_path):
    read_ = read(tmp_path, "")
    assert not read_.program.validates
    assert found(read_, "C319")


@pytest.mark.parametrize(
    ("validate", "top", "before"),
    [
        ("evaluate(model, val_loader)", "from elsewhere import evaluate", ""),
        ("checker.run(val_loader)", "from elsewhere import Checker", "checker = Checker(model)"),
        ("evaluator.run(val_loader)", "from ignite.engine import create_supervised_evaluator",
         "evaluator = create_supervised_evaluator(model)"),
        ("hooks.run(locals())", "from elsewhere import hooks", ""),
        ("test(val_loader)", "from functools import partial\nfrom elsewhere import evaluate",
         "test = partial(evaluate, model)"),
    ],
    ids=["another file", "an object made with it", "a library", "all names", "partial"],
)  # fmt: skip
def test_a_call_that_was_not_followed_may_validate(tmp_path, validate, top, before):
    read_ = read(tmp_path, validate, top, before)
    assert judged(read_, "C319") == ("skipped", ()) or read_.program.validates
    assert not found(read_, "C311")


def test_validation_in_a_file_beside_the_program_is_followed(tmp_path):
    beside = "import torch\ndef evaluate(net, loader):\n    net.eval()\n" + (
        "    with torch.no_grad():\n        for x, y in loader:\n            net(x)\n"
    )
    read_ = read(tmp_path, "evaluate(model, val_loader)", "from scoring import evaluate", scoring=beside)
    (forward,) = validations(read_)
    assert (forward.mode, forward.location.line) == ("eval", 6)


@pytest.mark.parametrize(
    ("validate", "before"),
    [
        ("ema = copy.deepcopy(model).eval()\n" + LOOP.format(call="ema(x.cuda())"), ""),
        ("ema.update_parameters(model)\nema.eval()\n" + LOOP.format(call="ema(x.cuda())"),
         "ema = torch.optim.swa_utils.AveragedModel(model)"),
        ("frozen = torch.jit.script(model.eval())\n" + LOOP.format(call="frozen(x.cuda())"), ""),
    ],
    ids=["deepcopy", "averaged", "scripted"],
)  # fmt: skip
def test_a_copy_of_the_network_validates_as_well(tmp_path, validate, before):
    read_ = read(tmp_path, validate, "import copy", before)
    assert read_.program.validates
    assert not found(read_, "C319")
    assert not found(read_, "C311")


def test_a_single_batch_of_a_loader_is_a_validation(tmp_path):
    read_ = read(tmp_path, "model.eval()\nwith torch.no_grad():\n    model(next(iter(val_loader))[0])")
    assert len(validations(read_)) == 1


def test_a_loop_over_another_loader_within_the_batches_validates(tmp_path):
    after = "if epoch % 2:\n    model.eval()\n    for u, v in val_loader:\n        model(u)\n    model.train()"
    read_ = reading(tmp_path, training(validate="", after=after))
    assert len(validations(read_)) == 1


def test_a_second_call_on_the_training_batch_is_no_validation(tmp_path):
    read_ = reading(
        tmp_path, training(validate="", after="with torch.no_grad():\n    correct = model(x).argmax(1) == y")
    )
    assert validations(read_) == []


def test_a_method_that_measures_counts_as_one(tmp_path):
    own = "class Scores:\n    def evaluate(self):\n        pass"
    read_ = read(tmp_path, "torch.hub.load('a', 'b').evaluate(val_loader)", own)
    assert read_.program.validates


def test_each_training_has_the_validation_that_began_after_it(tmp_path):
    again = "for epoch in range(2):\n    for x, y in train_loader:\n        optimizer.zero_grad()\n" + (
        "        criterion(model(x), y).backward()\n        optimizer.step()\n"
        "model.eval()\nfor x, y in val_loader:\n    model(x)\n"
    )
    read_ = reading(tmp_path, training(end=again))
    assert [act.training for act in validations(read_)] == [0, 1]


def test_a_pass_over_training_images_is_not_the_held_out_one_where_there_is_another(tmp_path):
    before = "again = DataLoader(torch.utils.data.Subset(train_data, range(9)), batch_size=8)"
    first = LOOP.format(call="model(x.cuda())").replace("val_loader", "again")
    second = LOOP.format(call="model(x.cuda())")
    result = read(tmp_path, f"model.eval()\n{first}\n{second}", before=before)
    assert said(result, "val_augmentations") == ()
    alone = read(tmp_path, f"model.eval()\n{first}", before=before)
    assert said(alone, "val_augmentations") == ("random_resized_crop", "random_horizontal_flip")
