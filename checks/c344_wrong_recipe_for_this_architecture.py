"""A network without batch norm that is trained by ResNet's recipe.

What it looks for: ViT, DeiT, BEiT, Swin, ConvNeXt, Mixer and their kind with SGD at the rates of a ResNet, with AdamW
at five times the rate that they are trained with or more, or fine-tuned at ten times the usual rate on all layers; a
transformer from random weights on few images; weight decay on norms and biases. A network of the program's own that
attends and has no batch norm is taken for one of them.

Why it matters: these networks have steep, uneven loss surfaces early on: at a ResNet's rate they diverge or stay at
chance, and a high rate destroys pretrained attention. Attention learns from the images what a convolution has built
in, and needs many more of them.

Example: SGD(vit.parameters(), lr=0.1); AdamW at 1e-3 on a pretrained ViT.

Fix: AdamW with warm-up and cosine decay: 1e-3 at batch 1024 from scratch (5e-4 at 512), 2e-5 to 1e-4 for fine-tuning;
weight decay 0.05 on weights alone; pretrained weights where there are fewer than about 100,000 images.

When it is wrong: a linear probe, layer decay and rates by group bear more, and are left alone, as is SGD at low rates,
with which ViT is fine-tuned in its own paper (at most 0.06 at batch 512).

Source: Dosovitskiy et al. 2021; Touvron et al. 2021, table 8: DeiT-B reaches 81.8% with AdamW and 74.5% with SGD; Xiao
et al. 2021, "Early convolutions help transformers see better"; Liu et al. 2021 and 2022. Each family's numbers stand in
the catalogue of architectures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diagnose.model import (
    Architecture,
    Check,
    Confidence,
    Config,
    DecayedNorms,
    Evidence,
    Finding,
    OwnTransformer,
    ParameterGroups,
    Recipe,
    Severity,
    architecture_of,
    optimizer_kind,
    optimizer_label,
)

SGD_FROM_SCRATCH = 0.05  # from which on it is a ResNet's rate
FAR_ABOVE, FAR_ABOVE_FINE = 5.0, 10.0  # times the usual rate of AdamW, from scratch and for fine-tuning
FEW, MANY = 20_000, 100_000  # images for attention from random weights
HIGH_DECAY = 0.03  # from which on it matters what it is on
BATCH, FINE_BATCH = 1024, 512
TRANSFORMER = "vit_base_patch16_224"  # whose recipe a network of attention of the program's own is held to


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    known = architecture_of(config.model.get())
    if known is None and evidence.code and evidence.code.facts(OwnTransformer):
        usual = architecture_of(TRANSFORMER)
        known = replace(usual, family="A transformer") if usual is not None else None
    if known is None or known.recipe is None:
        return
    rate = _rate(evidence, known, known.recipe)
    if rate is not None:
        yield rate
    if evidence.dataset and known.recipe.attention and config.weights.value == "none":
        yield from _few_images(evidence, known)
    for one in evidence.code.facts(DecayedNorms) if evidence.code else ():
        if one.decay >= HIGH_DECAY:
            yield Finding(
                Severity.INFO,
                summary=f"The weight decay of {one.decay:g} is on {known.family}'s norms and biases as well.",
                fix="Give parameters of one axis a group of their own with weight_decay=0.",
                measured={"weight_decay": one.decay},
                location=one.location,
                confidence=Confidence.LIKELY,
                subject="decay",
            )


def _rate(evidence: Evidence, known: Architecture, recipe: Recipe) -> Finding | None:
    """SGD where AdamW is wanted, and rates beyond what these networks take."""
    config = evidence.config
    kind, groups = (
        optimizer_kind(config.optimizer.value),
        evidence.code.facts(ParameterGroups) if evidence.code else (),
    )
    if not kind or not (config.weights.known and config.learning_rate.known and config.frozen.known):
        return None
    if config.frozen.value or any(one.rates_differ for one in groups):
        return None
    rate, scratch, batch = config.learning_rate.get(), config.from_scratch, config.batch_size.value or 0
    if kind == "sgd":
        limit = SGD_FROM_SCRATCH if scratch else recipe.sgd_fine * max(1.0, batch / FINE_BATCH)
        if rate < limit if scratch else rate <= limit:
            return None
        instead, why = _start(recipe, config, scratch), "a ResNet's rate"
    elif kind == "adam":
        usual = recipe.rate if scratch else recipe.fine
        limit = usual * (FAR_ABOVE if scratch else FAR_ABOVE_FINE) * max(1.0, batch / BATCH)
        if rate < limit * 0.999:
            return None
        instead, why = _start(recipe, config, scratch), f"{rate / usual:.0f} times the usual {usual:g}"
    else:
        return None
    doing = "from random weights" if scratch else "with pretrained weights"
    grave = recipe.attention or kind == "sgd" or scratch
    return Finding(
        Severity.WARNING if grave else Severity.INFO,
        summary=f"{known.family} {doing} is trained by {optimizer_label(config.optimizer.value)} at {rate:g}, {why}.",
        fix=f"Use AdamW at about {instead:.1g} with a warm-up and a weight decay of {recipe.decay:g}.",
        measured={"learning_rate": rate, "limit": limit, "optimizer": config.optimizer.value, "family": known.family},
        location=config.learning_rate.location,
        confidence=Confidence.LIKELY,
        subject="rate",
        changes={} if kind == "sgd" else {"learning_rate": float(f"{instead:.1g}")},
    )


def _start(recipe: Recipe, config: Config, scratch: bool) -> float:
    if not scratch:
        return recipe.fine / 2
    return recipe.rate * min(1.0, max(0.1, (config.batch_size.value or BATCH) / BATCH))


def _few_images(evidence: Evidence, known: Architecture) -> Iterator[Finding]:
    images = evidence.training_images
    if images < MANY:
        yield Finding(
            Severity.WARNING if images < FEW else Severity.INFO,
            summary=f"{known.family} learns {images:,} images from random weights: attention needs many more.",
            fix="Start from pretrained weights, or take a convolutional network.",
            measured={"images": images, "limit": MANY},
            location=evidence.config.model.location,
            confidence=Confidence.LIKELY,
            subject="images",
        )


CHECK = Check("C344", "wrong-recipe-for-this-architecture", needs=("config.model",), judge=judge)
