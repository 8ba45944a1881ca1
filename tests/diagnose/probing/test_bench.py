import pytest
from steps import Steps
from tiny_networks import TINY

from diagnose.events import ProbeStarted
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine
from diagnose.probing.recipe import Recipe

SCRATCH = Arm("scratch", TINY, False, Recipe(augmentations=()))


@pytest.fixture
def bench(images, weights, tmp_path):
    def make(fingerprint="pictures"):
        events = []
        bench = Bench(images, 2, weights, 8, fingerprint, Cache(tmp_path), events.append, Machine(Steps()))
        bench.steps, bench.events = 3, events
        return bench

    return make


def started(bench):
    return [event.arm for event in bench.events if isinstance(event, ProbeStarted)]


def test_a_run_is_kept_and_not_run_again(bench):
    one = bench()
    first = one.run(SCRATCH, 0)
    assert one.run(SCRATCH, 0) is first
    assert started(one) == ["scratch"]
    assert one.cost(SCRATCH, 0) == 0 < one.cost(SCRATCH, 1)


def test_another_session_takes_it_from_the_cache(bench):
    first = bench().run(SCRATCH, 0)
    later = bench()
    assert later.cost(SCRATCH, 0) == 0
    again = later.run(SCRATCH, 0)
    assert started(later) == []
    assert (again.curve, again.hits.tolist(), again.losses.tolist()) == (
        first.curve, first.hits.tolist(), first.losses.tolist())  # fmt: skip
    assert later.runs[0].cached
    assert bench("other pictures").cost(SCRATCH, 0) != 0


@pytest.mark.parametrize(
    "other",
    [
        Arm("x", TINY, True, Recipe(augmentations=())),
        Arm("x", TINY, True, Recipe(augmentations=()), features=False),
        Arm("x", TINY, False, Recipe(augmentations=(), learning_rate=0.5)),
        Arm("x", TINY, False, Recipe(augmentations=()), share=0.5),
    ],
)
def test_whatever_makes_another_training_is_another_result(bench, other):
    one = bench()
    one.run(SCRATCH, 0)
    assert one.cost(other, 0) > 0
    assert one.run(other, 0).curve != one.run(SCRATCH, 0).curve


def test_arms_are_the_same_by_what_they_train(bench):
    one = bench()
    one.run(SCRATCH, 0)
    one.run(Arm("another name", TINY, False, Recipe(augmentations=())), 1)
    one.run(Arm("another name", TINY, False, Recipe(augmentations=())), 0)
    assert started(one) == ["scratch", "another name"]
    assert [(run.arm, run.seed) for run in one.runs] == [("scratch", 0), ("another name", 1), ("another name", 0)]
    assert one.runs[2].cached


def test_gaps_are_over_the_seeds_that_both_ran(bench):
    one = bench()
    pretrained = Arm("pretrained", TINY, True, Recipe(augmentations=()))
    for seed in range(3):
        one.run(SCRATCH, seed)
    one.run(pretrained, 1)
    assert one.gap(pretrained, SCRATCH) is None
    one.run(pretrained, 2)
    assert one.gap(pretrained, SCRATCH).seeds == 2
    assert one.seeds(pretrained, SCRATCH) == [1, 2]


def test_a_run_shorter_than_the_probe_is_run_whole(bench):
    one = bench()
    short = Arm("short", TINY, False, Recipe(augmentations=(), steps=2))
    assert len(one.run(short, 0).curve) == 2
    assert one.seconds(TINY, 2) < one.seconds(TINY, 3)


def test_costs_follow_what_runs_took(bench):
    one = bench()
    one.steps = 12
    assert one.cost(SCRATCH, 1) > 0  # a guess, from a few steps
    one.machine.clock.each *= 10  # the machine became slower
    begin = one.machine.clock.now
    one.run(SCRATCH, 0)
    assert one.cost(SCRATCH, 1) == pytest.approx(one.machine.clock.now - begin, rel=0.2)


def test_the_prior_is_the_share_of_the_largest_class(bench):
    assert bench().prior() == 0.5


def test_what_ran_on_a_cluster_is_what_would_have_run_here(bench, elsewhere):
    here, there = bench(), bench("the same pictures under another name")
    there.cluster = elsewhere()
    there.begin_elsewhere(SCRATCH, range(2))
    assert there.cluster.begun == [("scratch", 0), ("scratch", 1)]
    assert there.cost(SCRATCH, 0) == 0
    one, other = here.run(SCRATCH, 1), there.run(SCRATCH, 1)
    assert (one.curve, one.hits.tolist(), one.losses.tolist()) == (
        other.curve, other.hits.tolist(), other.losses.tolist())  # fmt: skip
    assert started(there) == ["scratch"]
    assert not there.runs[0].cached
    again = bench("the same pictures under another name")
    again.cluster = elsewhere()
    again.begin_elsewhere(SCRATCH, range(2))
    assert again.cluster.begun == [("scratch", 0)]  # the other one is in the cache


def test_what_the_cluster_lost_runs_here(bench, elsewhere):
    one = bench()
    one.cluster = elsewhere(lost=True)
    one.begin_elsewhere(SCRATCH, range(1))
    assert len(one.run(SCRATCH, 0).curve) == 3


@pytest.mark.parametrize(("arch", "again"), [("test_resnet", 32), ("test_vit", 0)])
def test_an_evaluation_costs_batch_norms_images_where_there_is_any(bench, arch, again):
    pytest.importorskip("timm", reason="timm isn't installed")
    one = bench()
    speed = one.speeds.of(arch)
    assert speed.batch_norm == bool(again)
    extra = one.seconds(arch, 1, 2) - one.seconds(arch, 1, 1)
    assert extra == pytest.approx((16 + again) * speed.evaluate)


def test_a_network_is_built_for_the_size_that_it_is_fed(bench):
    pytest.importorskip("timm", reason="timm isn't installed")
    recipe = Recipe(augmentations=(), input_size=16)
    assert len(bench().run(Arm("configured", "test_vit", False, recipe), 0).hits) == 16
