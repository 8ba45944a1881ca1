"""A against B: what differs, in the order of what it is known to do."""

from builders import config, program

from diagnose.against import contrast
from diagnose.model import FACTORS, Config
from diagnose.probing.recipe import FACTORS as MEASURABLE
from diagnose.registry import load_checks

CHECKS = load_checks()
BASE = {
    "weights": "none",
    "model": "resnet50",
    "optimizer": "adam",
    "learning_rate": 1e-4,
    "epochs": 50,
    "batch_size": 32,
    "scaling": ("1/255",),
    "mean": (),
    "std": (),
    "seed": 1,
    "train_augmentations": ("random_crop",),
}


def compared(this=None, other=None, one=None, two=None):
    return contrast(
        "a.py", "b.py", (config(**{**BASE, **(this or {})}), one), (config(**{**BASE, **(other or {})}), two), CHECKS
    )


def test_equal_configurations_do_not_differ():
    assert compared().verdict.startswith("They do not differ")
    assert compared().differences == ()


def test_the_sentence_names_all_that_differs_and_the_shared_myth():
    one = compared({"seed": 2}, {"epochs": 10, "train_augmentations": (), "method": "transfer"})
    assert one.verdict == (
        "They differ in nothing but epochs, augmentation and chance. Both start from random weights: what is called "
        "transfer learning here is training from scratch too."
    )


def test_the_weightiest_comes_first_with_its_lines():
    one = compared(other={"weights": "imagenet", "batch_size": 64})
    assert [d.factor for d in one.differences] == ["weights", "batch size"]
    assert "43%" in one.differences[0].effect
    assert one.differences[0].this_at.line == 1


def test_two_names_of_imagenet_weights_are_one():
    assert compared({"weights": "imagenet"}, {"weights": "IMAGENET1K_V2"}).differences == ()
    assert compared({"weights": "imagenet"}, {"weights": "mine.pth"}).differences != ()


def test_a_rate_is_judged_by_its_factor():
    assert "seldom matters" in compared(other={"learning_rate": 1.2e-4}).differences[0].effect
    assert "can decide" in compared(other={"learning_rate": 1e-2}).differences[0].effect


def test_what_one_side_leaves_unknown_is_not_compared():
    this = config(**{k: v for k, v in BASE.items() if k != "epochs"})
    one = contrast("a", "b", (this, None), (config(**BASE), None), CHECKS)
    assert dict(one.not_compared)["epochs"] == "the config does not say `epochs`"


def test_faults_of_one_side_alone_are_told():
    one = compared({"weights": "imagenet", "mean": ()}, {"weights": "imagenet", "mean": (0.485, 0.456, 0.406)})
    assert [f.code for f in one.faults_here] == ["N203"]
    assert one.faults_there == ()


def test_frameworks_bring_their_conventions():
    assert compared(one=program(), two=program()).conventions == ()
    assert len(compared(one=program(), two=program(framework="keras")).conventions) >= 5


def test_nothing_known_is_nothing_compared():
    one = contrast("a", "b", (Config(), None), (Config(), None), CHECKS)
    assert (one.differences, one.not_compared, one.alike) == ((), (), ())


def test_what_a_probe_can_measure_goes_by_the_same_names():
    named = {factor.name for factor in FACTORS}
    assert set(MEASURABLE) <= named
    assert named - set(MEASURABLE) == {"batch size", "momentum"}
