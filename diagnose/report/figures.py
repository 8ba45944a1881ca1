"""The charts of a page: losses and accuracy of the probes, the range test, accuracy by images, a network by depth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diagnose.model import LearningCurve, Measured, OwnNetwork, Probes
from diagnose.report.chart import Chart, chart
from diagnose.report.curves import loss_bands, loss_curves, within_sight
from diagnose.report.probes import by_step_title, glanced


def probe_charts(probes: Probes) -> list[Chart]:
    """Losses of the probes between their seeds' lowest and highest, the range test, and accuracy by images."""
    losses = [
        (name, arm, list(zip(steps, values, strict=True)))
        for name, (arm, steps, values) in loss_curves(probes.runs).items()
    ]
    bands = [(name, arm, band) for name, (arm, band) in loss_bands(probes.runs).items()]
    title = f"Training loss of the probes, mean over seeds{' in the band of their lowest and highest' if bands else ''}"
    made = [chart(title, "step", "loss", losses, bands=bands)]
    if tested := probes.learning_rate:
        named = (("configured", tested.configured), ("suggested", tested.suggested))
        marks = [(rate, name) for name, rate in named if rate]
        curve = [("smoothed loss", "configured", within_sight(tested))]
        made.append(chart("Learning-rate range test", "learning rate", "loss", curve, logarithmic=True, marks=marks))
    made.append(images_chart(probes.curves))
    return [one for one in made if one]


def images_chart(curves: Sequence[LearningCurve]) -> Chart | None:
    """Validation accuracy by images per class, with what twice as many would give."""
    measured, bands = [], []
    for one in curves:
        measured.append((one.start, one.start, [(images, 100 * reached) for images, reached in one.points]))
        if one.points and one.doubled_interval:
            images, reached = one.points[-1]
            ends = one.doubled_interval
            band = [(images, 100 * reached, 100 * reached), (2 * images, 100 * ends.low, 100 * ends.high)]
            bands.append((one.start, one.start, band))
    title = f"Validation accuracy by images per class{', and the 80% interval for twice as many' if bands else ''}"
    return chart(title, "images per class", "accuracy in %", measured, logarithmic=True, bands=bands)


def accuracy_chart(probes: Probes) -> Chart | None:
    """Validation accuracy by step of the arms that were looked at while they trained, over the majority class's."""
    curves = [(run.arm, run.arm, [(step, 100 * reached) for step, reached in run.glances]) for run in glanced(probes)]
    baseline = [(100 * probes.prior, "majority-class baseline")]
    return chart(by_step_title(probes), "step", "accuracy in %", curves, levels=baseline)


def network_charts(network: OwnNetwork | None) -> list[Chart]:
    """A person's own network by depth, beside ResNet50."""
    pair = beside_reference(network)
    if pair is None:
        return []
    made = []
    for title, name in (("Activations by depth", "activation"), ("Gradients by depth", "gradient")):
        sides = (("yours", "configured", pair[0]), ("ResNet50", "pretrained", pair[1]))
        curves = [
            (label, kind, _by_depth([getattr(layer, name) for layer in side.layers])) for label, kind, side in sides
        ]
        made.append(chart(title, "share of the depth", "log10", curves))
    return [one for one in made if one]


def beside_reference(network: OwnNetwork | None) -> tuple[Measured, Measured] | None:
    """The network and ResNet50 as measured; None where one of them was not."""
    return (network.own, network.reference) if network and network.own and network.reference else None


def _by_depth(values: Sequence[float]) -> list[tuple[float, float]]:
    """Logarithms over 0 (first layer) to 1 (last); what is zero or no number is left out."""
    last = max(1, len(values) - 1)
    return [(n / last, math.log10(value)) for n, value in enumerate(values) if math.isfinite(value) and value > 0]
