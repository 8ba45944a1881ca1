import pytest
from builders import config, probe_run, probes

from diagnose.events import ProbesMeasured, ProbeStep
from diagnose.probing.job import JOB, Job, Recipe, configured_recipe, decode, encode


@pytest.mark.parametrize("message", [ProbeStep("scratch", 1, 2, 0.5), ProbesMeasured(probes(probe_run()))])
def test_a_message_survives_the_pipe(message):
    assert decode(encode(message)) == message


@pytest.mark.parametrize("line", ["", "hello", "{}", '{"type": "Rubbish", "data": {}}', "[1]", '{"type": "ProbeSt'])
def test_a_stray_line_is_no_message(line):
    with pytest.raises(ValueError, match=r"not a probe message|Expecting|Unterminated"):
        decode(line)


def test_a_job_survives_the_pipe():
    job = Job(("cat", "dog"), (("a.png", 0),), (("b.png", 1),), 10.0, configured=Recipe(optimizer="sgd"))
    assert JOB.validate_json(JOB.dump_json(job)) == job


def test_the_recipe_is_the_configurations():
    recipe, notes = configured_recipe(
        config(
            optimizer="sgd", learning_rate=0.1, momentum=0.8, weight_decay=0.0, schedule="step", scaling=(), mean=(),
            std=(), train_augmentations=(), frozen=("layer1",), head=8, batch_size=64,
        )
    )  # fmt: skip
    assert recipe == Recipe("sgd", 0.1, 0.8, 0.0, "step", (), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (), ("layer1",), 8, 64)
    assert notes == ()


def test_what_the_configuration_leaves_open_is_said():
    recipe, (note,) = configured_recipe(config(optimizer="sgd"))
    assert recipe.learning_rate == 0.01
    assert "learning_rate" in note
    assert "optimizer" not in note
