from dataclasses import replace

import pytest
from builders import probe_run, probes, tuning

from diagnose.events import ProbesMeasured, ProbeStep, Tuned
from diagnose.model import TunedChange
from diagnose.probing.job import JOB, Job, Tune, decode, encode
from diagnose.probing.recipe import Recipe

TUNED = tuning(
    TunedChange("learning rate", "0.1", "0.012", (("learning_rate", 0.012),)),
    TunedChange("schedule", "constant", "step", (("schedule", "step"), ("schedule_options.period", 1 / 3))),
    TunedChange("augmentation", "none", "flip", (("train_augmentations", ("random_horizontal_flip",)),)),
    TunedChange("frozen layers", "backbone", "none", (("frozen", ()),)),
)


@pytest.mark.parametrize(
    "message", [ProbeStep("scratch", 1, 2, 0.5), ProbesMeasured(probes(probe_run())), Tuned(TUNED)]
)
def test_a_message_survives_the_pipe(message):
    assert decode(encode(message)) == message


@pytest.mark.parametrize("line", ["", "hello", "{}", '{"type": "Rubbish", "data": {}}', "[1]", '{"type": "ProbeSt'])
def test_a_stray_line_is_no_message(line):
    with pytest.raises(ValueError, match=r"not a probe message|Expecting|Unterminated"):
        decode(line)


OPTIONS = {
    "optimizer_options": (("betas", (0.9, 0.95)), ("nesterov", True)),
    "schedule_options": (("milestones", (0.5, 0.75)),),
    "loss_options": (("class_weights", (1.0, 2.0)),), "unsupported": ("a",), "unlike": ("schedule",),
}  # fmt: skip


def test_a_job_survives_the_pipe():
    job = Job(("cat", "dog"), (("a.png", 0),), (("b.png", 1),), 10.0, configured=Recipe(optimizer="sgd", **OPTIONS))
    tune = Tune("keras", (("loss_options", "it takes none"),))
    for each in (job, replace(job, tune=tune)):
        assert JOB.validate_json(JOB.dump_json(each)) == each
