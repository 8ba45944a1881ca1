"""Whole probe sessions on a few tiny images: real training of a tiny network, by a clock that counts steps."""

import dataclasses
import math

import pytest
import torch
from steps import Steps
from tiny_networks import OTHER, TINY
from torchvision import models

from diagnose.events import Note, ProbesMeasured, ProbesPlanned, ProbeStarted, Working
from diagnose.model import InputError
from diagnose.probing import scale
from diagnose.probing import session as module
from diagnose.probing.job import Failed, FullRun, Goal
from diagnose.probing.recipe import Recipe
from diagnose.probing.session import ProbeSession, find_device

pytestmark = pytest.mark.usefixtures("few_steps")


def run(job, **changes):
    """Every event of the session, and the last Probes."""
    events = []
    ProbeSession(dataclasses.replace(job, **changes), torch.device("cpu"), events.append, Steps()).run()
    measured = [event.probes for event in events if isinstance(event, ProbesMeasured)]
    return events, (measured[-1] if measured else None)


@pytest.fixture
def weights(weights_file):
    return weights_file


def check_pairs(events, probes):
    runs = [r for r in probes.runs if r.arm in ("scratch", "pretrained")]
    assert {(r.arm, r.seed) for r in runs} >= {(a, s) for a in ("scratch", "pretrained") for s in (0, 1)}
    assert len({r.steps for r in runs}) == 1
    assert (probes.comparison.gap.seeds, probes.comparison.gap.images) == (2, 20)
    assert probes.comparison.gap.difference == pytest.approx(probes.comparison.pretrained - probes.comparison.scratch)
    assert probes.comparison.features.seeds == 2
    whole = [e for e in events if not isinstance(e, Note | Working)]
    assert whole[0].arm.startswith("frozen features")  # the first answer, before anything is planned
    assert isinstance(whole[1], ProbesMeasured)
    assert (whole[2].arm, whole[2].steps) == ("pretrained", runs[0].steps)  # the reference has to learn first
    assert sum(isinstance(e, ProbesPlanned) for e in events) == 1


def test_scratch_and_pretrained_are_paired_over_seeds(job, weights):
    check_pairs(*run(job, weights=weights))


@pytest.mark.slow
def test_a_network_of_torchvisions_own_is_probed_by_the_real_clock(job, tmp_path):
    torch.save(models.shufflenet_v2_x0_5().state_dict(), tmp_path / "real.pth")
    asked = {"arch": "shufflenet_v2_x0_5", "configured_arch": "shufflenet_v2_x0_5", "configured": Recipe(batch_size=8)}
    events = []
    whole = dataclasses.replace(job, weights=str(tmp_path / "real.pth"), **asked)
    ProbeSession(whole, torch.device("cpu"), events.append).run()
    check_pairs(events, [event.probes for event in events if isinstance(event, ProbesMeasured)][-1])


def test_features_are_asked_about_labels_splits_and_data(job, weights):
    _, probes = run(job, weights=weights, root="/data", target=0.99)
    assert (probes.suspects.examined, probes.labels.images) == (40, 40)
    assert probes.shift.images == 40
    assert [curve.start for curve in probes.curves] == ["pretrained", "scratch"]
    assert run(job, weights=weights, split=False)[1].shift is None


def test_a_wild_configured_rate_diverges_and_another_is_looked_for(job):
    _, probes = run(job, configured=Recipe("sgd", 1e4, batch_size=8, augmentations=()))
    whole = probes.learning_rate
    assert whole.configured == 1e4
    assert whole.curve
    assert probes.of("configured")[0].diverged
    if whole.suggested:
        assert whole.suggested < 100
        assert whole.confirmed.seeds == 2
        assert whole.configured_diverged


def test_the_rate_is_scaled_to_the_probes_batch_and_back(job):
    _, probes = run(job, configured=Recipe("sgd", 0.1, batch_size=32, augmentations=()))
    assert probes.of("configured")[0].learning_rate == pytest.approx(0.025)
    assert probes.learning_rate.configured == 0.1
    _, probes = run(job, configured=Recipe("adamw", 0.001, batch_size=32, augmentations=()))
    assert probes.of("configured")[0].learning_rate == pytest.approx(0.0005)


def test_random_weights_are_what_explains_the_gap(job, weights):
    _, probes = run(job, weights=weights, configured=Recipe(batch_size=8))
    whole = probes.attribution
    assert [part.factor for part in whole.parts] == ["weights"]
    parts = sum(part.gain.difference for part in whole.parts)
    assert parts + whole.remainder.difference == pytest.approx(whole.whole.difference)
    assert len(probes.of("best known")) == 2


def test_parts_that_cannot_run_are_named_and_the_rest_runs(job):
    events, probes = run(job, weights="auto", configured=Recipe(batch_size=8), configured_arch="my_net")
    assert {event.part for event in events if isinstance(event, Failed)} == {"pretrained"}
    note = next(note for note in probes.notes if note.startswith("my_net is"))
    assert note.endswith(f"so {TINY} was trained in its place")
    assert {r.arch for r in probes.runs} == {TINY}
    assert probes.of("scratch")
    assert probes.comparison is None
    assert probes.suspects is None


def test_a_configuration_whose_weights_cannot_be_had_is_not_trained(job):
    events, probes = run(job, weights="auto", configured=Recipe(), configured_weights="imagenet")
    assert {event.part for event in events if isinstance(event, Failed)} == {"pretrained", "configured"}
    assert not probes.of("configured")


def test_a_head_that_is_too_small_cannot_be_trained(job):
    events, _ = run(job, configured=Recipe(outputs=1))
    assert any(isinstance(e, Failed) and "1 outputs for 2 classes" in e.why for e in events)


def test_too_short_a_budget_is_said(job):
    events, probes = run(job, seconds=0.01)
    assert probes is None
    assert any(isinstance(e, Failed) and "too short" in e.why for e in events)


def test_more_time_makes_a_longer_plan(job):
    plans = []

    def hear(event):
        if isinstance(event, ProbesPlanned):
            plans.append(event.seconds)
            if len(plans) == 1:
                session.prolong(60.0)

    short = dataclasses.replace(job, configured=Recipe(batch_size=8), seconds=2.5)
    session = ProbeSession(short, torch.device("cpu"), hear, Steps())
    session.run()
    first, second = plans
    assert first < second


def test_strange_augmentations_and_layers_are_remarked_on(job):
    recipe = Recipe(augmentations=("mosaic",), frozen=("layer9",))
    _, probes = run(job, configured=recipe)
    assert any("mosaic" in note for note in probes.notes)
    assert any("layer9" in note for note in probes.notes)


def test_the_full_run_is_foreseen(job):
    full_run = FullRun(epochs=4, batch_size=8, input_size=48, train_images=20, val_images=20)
    _, probes = run(job, configured=Recipe(batch_size=8), full_run=full_run, target=0.9)
    assert probes.forecast.steps == 12
    assert probes.forecast.seconds > 0
    assert probes.forecast.accuracy_low is not None
    assert probes.forecast.accuracy_high is None
    short = dataclasses.replace(full_run, epochs=1)
    _, probes = run(job, configured=Recipe(batch_size=8, steps=3), full_run=short)
    assert probes.forecast.accuracy_high is not None
    assert probes.of("configured")[0].steps == 3


def test_a_second_session_runs_nothing_again(job, weights, tmp_path):
    asked = {"weights": weights, "configured": Recipe(batch_size=8), "fingerprint": "these", "cache": str(tmp_path)}
    first, whole = run(job, **asked)
    second, again = run(job, **asked)
    assert [e for e in first if isinstance(e, ProbeStarted)]
    assert not [e for e in second if isinstance(e, ProbeStarted)]
    assert all(r.cached for r in again.runs)
    assert (again.comparison, again.attribution, again.curves) == (
        whole.comparison,
        whole.attribution,
        whole.curves,
    )


def length(job, seconds):
    """The steps of a run that a session chooses with so many seconds left."""
    session = ProbeSession(job, torch.device("cpu"), lambda event: None)
    setting = module.Preparation(session.job, 32, print, print).setting()
    pictures = session._pictures(32)
    features = session._features(setting, pictures)
    answers = module.Answers(setting, features, session.machine, [], session.device)
    answers.ask(session._bench(setting, pictures)[0], features)
    session.machine.deadline = session.machine.clock() + seconds
    return session._length(answers)


@pytest.mark.parametrize(("first", "second", "kept"), [(120, 240, True), (300, 160, True), (120, 480, False)])
def test_runs_keep_their_length_where_the_next_start_leaves_more_or_less_time(
    job, tmp_path, monkeypatch, first, second, kept
):
    monkeypatch.setattr(scale, "LENGTHS", (60, 40, 24, 12))
    monkeypatch.setattr(module.Bench, "cost", lambda self, *run, **more: float(self.steps))

    asked = dataclasses.replace(job, fingerprint="these", cache=str(tmp_path), seconds=1e6)
    assert (length(asked, first) == length(asked, second)) == kept


@pytest.mark.parametrize(("seconds", "steps"), [(620, 24), (165, 12), (66, 12), (30, 0)])
def test_two_configurations_are_compared_wherever_two_pairs_fit(job, monkeypatch, seconds, steps):
    """12 steps of two arms in two pairs are 48 s: 0.3 of 160 s, or 0.8 of 60 s where that is all there is."""
    monkeypatch.setattr(scale, "LENGTHS", (24, 12))
    monkeypatch.setattr(module.Bench, "cost", lambda self, *run, **more: float(self.steps))
    goal = Goal(Recipe(batch_size=8, schedule="constant"), "none", ("schedule",))
    asked = dataclasses.replace(job, configured=Recipe(batch_size=8), goal=goal, seconds=1e6)
    assert length(asked, seconds) == steps


def test_every_run_is_announced_and_its_curve_finite(job):
    events, probes = run(job)
    started = [e.arm for e in events if isinstance(e, ProbeStarted)]
    assert len([arm for arm in started if arm == "scratch"]) == len(probes.runs)
    assert all(math.isfinite(loss) for run in probes.runs for _, loss in run.curve)


def test_the_prior_is_the_share_of_the_largest_class(job):
    _, probes = run(job, val=(*job.val, job.val[0]))
    assert probes.prior == pytest.approx(11 / 21)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="--device cuda: this machine has no such device"):
        find_device("cuda")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_session_on_the_gpu(job, monkeypatch):
    events = []
    ProbeSession(job, torch.device("cuda"), events.append).run()
    assert [e for e in events if isinstance(e, ProbesMeasured)][-1].probes.device == "cuda"


def test_a_goal_takes_the_place_of_the_reference_arms(job):
    recipe = Recipe(optimizer="sgd", learning_rate=0.01, batch_size=8)
    goal = Goal(
        dataclasses.replace(recipe, learning_rate=0.02, schedule="constant"), factors=("learning rate", "schedule")
    )
    _, probes = run(job, configured=recipe, goal=goal)
    assert {r.arm for r in probes.runs} == {"configured", "the other", "with learning rate", "with schedule"}
    assert {part.factor for part in probes.attribution.parts} == {"learning rate", "schedule"}
    assert probes.comparison is None
    assert probes.learning_rate is None


def test_two_architectures_from_scratch_are_trained_each_as_itself(job):
    goal = Goal(Recipe(batch_size=8), factors=("architecture",), arch=OTHER)
    _, probes = run(job, configured=Recipe(batch_size=8), goal=goal)
    assert {(r.arm, r.arch) for r in probes.runs} == {("configured", job.arch), ("the other", OTHER)}
    (part,) = probes.attribution.parts
    assert (part.factor, part.before, part.after) == ("architecture", job.arch, OTHER)


def test_with_weights_every_arm_runs_on_one_architecture_and_that_is_said(job, weights):
    goal = Goal(Recipe(batch_size=8), "imagenet", ("weights", "architecture"), arch=OTHER)
    _, probes = run(job, configured=Recipe(batch_size=8), goal=goal, weights=weights)
    assert {r.arch for r in probes.runs} == {job.arch}
    assert {part.factor for part in probes.attribution.parts} == {"weights"}
    assert any("architecture's part is not measured" in note for note in probes.notes)


def test_a_goal_that_needs_weights_is_not_tried_without_them(job):
    goal = Goal(Recipe(), "imagenet", ("weights",))
    events, probes = run(job, configured=Recipe(), goal=goal, weights="auto")
    assert any(isinstance(event, Failed) for event in events)
    assert probes is None or not probes.runs


@pytest.mark.parametrize(
    "fault",
    [
        torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_a_batch_that_does_not_fit_is_halved_for_every_arm(job, monkeypatch, fault):
    tried = []
    real = module.Bench.run

    def run_where_it_fits(self, *args, **more):
        tried.append(self.batch)
        if self.batch > 4:
            raise fault
        return real(self, *args, **more)

    monkeypatch.setattr(module.Bench, "run", run_where_it_fits)
    events, probes = run(job)
    assert tried[:2] == [8, 4]
    assert set(tried[1:]) == {4}
    assert any("went on with batches of 4" in note for note in probes.notes)
    assert not any(isinstance(event, Failed) for event in events)


def test_another_fault_is_not_taken_for_full_memory(job, monkeypatch):
    def never(self, *args, **more):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(module.Bench, "run", never)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        run(job)


def test_the_batch_that_is_in_use_is_the_one_that_is_halved(job, monkeypatch):
    """Two tries and no more: the largest batch that may be used is larger than the one that did not fit."""
    tried = []

    def never(self, *args, **more):
        tried.append(self.batch)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(scale, "BATCHES", (8, 64))
    monkeypatch.setattr(scale, "ENOUGH", 10**9)
    monkeypatch.setattr(module.Bench, "run", never)
    run(job)
    assert tried == [8, 4]


def test_memory_for_no_batch_is_a_part_that_failed(job, monkeypatch):
    def never(self, *args, **more):
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB")

    monkeypatch.setattr(module.Bench, "run", never)
    events, _ = run(job)
    assert [event.why for event in events if isinstance(event, Failed)] == ["out of memory: CUDA out of memory."]


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        (Recipe().without("optimizer", "the probes cannot train with LAMB"), "cannot train with LAMB"),
        (Recipe().without("loss", "the loss my_loss isn't known"), "my_loss"),
        (Recipe(outputs=1), "1 outputs for 2 classes"),
    ],
)
def test_a_training_that_would_be_another_is_not_run(job, recipe, why):
    events, probes = run(job, configured=recipe)
    assert any(isinstance(e, Failed) and e.part == "configured" and why in e.why for e in events)
    assert not probes.of("configured")
    assert probes.learning_rate.configured is None


def test_a_configuration_that_the_other_cannot_answer_is_not_compared(job):
    goal = Goal(Recipe().without("optimizer", "the probes cannot train with LAMB"), "none", ("optimizer",))
    events, probes = run(job, configured=Recipe(batch_size=8), goal=goal)
    assert any(isinstance(e, Failed) and "the other configuration" in e.why for e in events)
    assert probes is None or probes.attribution is None


def test_a_single_output_learns_two_classes(job):
    recipe = Recipe(batch_size=8, outputs=1, loss="bce_with_logits", augmentations=())
    _, probes = run(job, configured=recipe)
    assert all(r.val_accuracy is not None for r in probes.of("configured"))
    assert not probes.of("configured")[0].diverged


def test_class_weights_for_other_classes_are_left_out_and_said(job):
    recipe = Recipe(batch_size=8, loss_options=(("class_weights", (1.0, 2.0, 3.0)),))
    _, probes = run(job, configured=recipe)
    assert any("3 class weights for 2 classes" in note for note in probes.notes)
    assert probes.of("configured")


@pytest.mark.slow
def test_a_network_of_timm_is_trained_as_itself(job, tmp_path):
    timm = pytest.importorskip("timm", reason="timm isn't installed")
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "vit.pth")
    asked = {
        "arch": "test_vit",
        "configured_arch": "hf_hub:timm/test_vit.r160_in1k",
        "configured": Recipe(batch_size=8),
    }
    events, probes = run(job, weights=str(tmp_path / "vit.pth"), **asked)
    assert {r.arch for r in probes.runs} == {"test_vit.r160_in1k"}
    assert probes.comparison.arch == "test_vit.r160_in1k"
    assert probes.suspects.examined == 40
    assert not [event for event in events if isinstance(event, Failed)]
