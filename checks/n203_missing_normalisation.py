"""Pretrained weights fed without the normalisation they were trained with.

What it looks for: pretrained weights together with a configuration that says it does not normalise; in Keras, weights
whose network has a preprocess_input of its own that is not used. Other statistics than ImageNet's are not reported:
some weights were trained with .5/.5.

Why it matters: the features were learned on inputs of mean 0 and deviation 1; shifted inputs make them worse, and
frozen ones cannot adapt.

Example: ImageNet weights with `mean: none`.

Fix: normalise with the weights' own statistics, for torchvision's (0.485, 0.456, 0.406) and
(0.229, 0.224, 0.225).

Source: torchvision weights' `transforms()`; a frozen Keras ResNet50 fed x/255 in place of its preprocessing
reached 50% against 98% on a user's 2,000 images.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    SYMMETRIC_STEP,
    Check,
    Evidence,
    Finding,
    NotExamined,
    Program,
    Severity,
)

# What a network of Keras's own wants, in words.
OWN = {
    "caffe": "its preprocess_input (BGR, ImageNet's mean subtracted, 0..255)",
    "tf": "its preprocess_input (-1..1)",
    "torch": "its preprocess_input (0..1, then ImageNet's statistics)",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if config.from_scratch:
        return
    if not config.published_weights:
        raise NotExamined(f"the input that the weights of {config.weights.get()} want is unknown")
    program = evidence.code
    if program and program.weights_want:
        yield from _by_the_networks_own(evidence, program)
        return
    if config.mean.get():
        return
    if config.scaling.known and config.raw_pixels:
        raise NotExamined("pixels are not even scaled, which N201 says")
    if config.scaling.known and SYMMETRIC_STEP in config.scaling.get():
        raise NotExamined("pixels are scaled to -1..1, which is a normalisation of its own")
    yield Finding(
        Severity.ERROR,
        summary=f"Pretrained weights ({config.weights.get()}) are fed images that are not normalised.",
        fix="Normalise as the weights were trained: mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225] "
        "for torchvision's.",
        measured={"weights": config.weights.get(), "mean": []},
        location=config.mean.location,
        changes=config.also_held_out(mean=IMAGENET_MEAN, std=IMAGENET_STD),
        rewrites=("normalise",),
    )


def _by_the_networks_own(evidence: Evidence, program: Program) -> Iterator[Finding]:
    """Keras's networks come with their own preprocess_input; another family's is N207's."""
    config = evidence.config
    want, fed = program.weights_want, program.fed
    if fed is None or want == fed or want not in OWN or config.preprocessing.known:
        return
    # Networks of -1..1 bear 0..1 far better than those of "caffe" or ImageNet's statistics do.
    near = want == "tf" and fed == "unit"
    yield Finding(
        Severity.WARNING if near else Severity.ERROR,
        summary=f"Pretrained weights ({config.weights.get()}) of {config.model.value} are fed "
        f"{'pixels of 0..255' if fed == 'raw' else 'pixels of 0..1'}, not what {OWN[want]} gives.",
        fix=f"Use preprocess_input from keras.applications, of the module of {config.model.value}, in place of "
        "the rescaling.",
        measured={"expected": want, "fed": fed},
        location=config.scaling.location,
    )


CHECK = Check("N203", "missing-normalisation", needs=("config.weights", "config.mean"), judge=judge)
