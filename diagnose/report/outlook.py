"""What pretrained features bring, how much data is enough, and what the full training run takes and reaches."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import BF16, GIB, MIXED, Forecast, LearningCurve, Paired, Probes
from diagnose.report.waterfall import points

OTHERS = {MIXED: "with mixed precision", BF16: "all in bf16"}


def outlook(probes: Probes) -> Iterator[str]:
    """A line for each thing that can be gained, and for each that cannot, why."""
    if probes.comparison and probes.comparison.features:
        yield features_line(probes.comparison.features)
    for curve in probes.curves:
        yield curve_line(curve)
    if probes.forecast:
        yield from forecast_lines(probes.forecast)


def features_line(gain: Paired) -> str:
    """Whether it is the features of pretrained weights that help, or their scale alone."""
    gained = f"{points(gain)} points over random weights of the same scale"
    if not gain.interval.excludes_zero:
        return f"Pretrained features: {gained}, so whether they or their scale alone help is not decided."
    return f"Pretrained features: {gained} (mean-variance initialisation), {gain.seeds} seeds."


def curve_line(curve: LearningCurve) -> str:
    """How much data is enough, from one start."""
    start = "with pretrained weights (frozen, linear probe)" if curve.start == "pretrained" else "from scratch"
    here = ""
    if curve.points:
        images, accuracy = curve.points[-1]
        here = f"{accuracy:.1%} at {images:.0f} images per class; "
    if curve.needed is not None and curve.needed_interval is not None:
        low, high = curve.needed_interval.low, curve.needed_interval.high
        return (
            f"Data {start}: {here}{curve.target:.0%} takes about {_count(curve.needed)} images per class "
            f"[{_count(low)}, {_count(high)}; 80%]."
        )
    if curve.doubled is not None and curve.doubled_interval is not None:
        low, high = curve.doubled_interval.low, curve.doubled_interval.high
        more = f"; {curve.why}" if curve.why else ""
        return f"Data {start}: {here}twice as many would give {curve.doubled:.1%} [{low:.1%}, {high:.1%}; 80%]{more}."
    return f"Data {start}: {here}the effect of more images is unknown: {curve.why}."


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """Time, pace, loading, memory and accuracy of the full training run."""
    low, high = forecast.seconds_range.low, forecast.seconds_range.high
    price = f", {forecast.price:.2f} at the configured price" if forecast.price is not None else ""
    span = f"[{_duration(low)}, {_duration(high)}]"
    yield (
        f"Full training run on this machine ({forecast.device}): about {_duration(forecast.seconds)} {span}{price} for "
        f"{forecast.epochs} epochs of {forecast.input_size} px; {forecast.bottleneck} sets the pace (compute "
        f"{forecast.compute:.1f} images per second, loading {forecast.loading:.0f} with {forecast.workers} workers)."
    )
    yield from loading_lines(forecast)
    yield from memory_lines(forecast)
    if forecast.accuracy_low is not None:
        upper = f" to {forecast.accuracy_high:.0%}" if forecast.accuracy_high is not None else " or more"
        why = f" ({forecast.accuracy_why})" if forecast.accuracy_why else ""
        yield f"Accuracy of the full training run: {forecast.accuracy_low:.0%}{upper}{why}."


def loading_lines(forecast: Forecast) -> Iterator[str]:
    """How many workers keep the device busy, and what resizing the images once would save."""
    if forecast.workers_needed is not None:
        yield f"Workers that keep the device busy: {forecast.workers_needed}; there are cores for {forecast.workers}."
    elif forecast.workers_missing:
        cores = "core" if forecast.workers_missing == 1 else "cores"
        yield f"No number of workers keeps the device busy: {forecast.workers_missing} more {cores} would."
    if forecast.resized and forecast.resized.gain is not None:
        yield (
            f"Resized to {forecast.input_size} px once, before training (JPEG, quality 95), the images load at "
            f"{forecast.resized.loading:.0f} per second, and the full training run takes "
            f"{_duration(forecast.resized.gain)} less."
        )


def memory_lines(forecast: Forecast) -> Iterator[str]:
    """Memory at the peak of a step, whether a card holds it, and what would make it fit."""
    if forecast.memory is None:
        return
    by_precision = dict(forecast.memory_by_precision)
    others = [f"{by_precision[name] / GIB:.1f} {words}" for name, words in OTHERS.items() if name in by_precision]
    more = f" ({', '.join(others)})" if others else ""
    line = f"Memory at its peak: about {forecast.memory / GIB:.1f} GiB in 32-bit floats at batch {forecast.batch}{more}"
    if forecast.card is None:
        yield f"{line}."
        return
    size = f"{forecast.card.memory / GIB:.1f} GiB"
    if forecast.fits:
        yield f"{line}; it fits into the card's {size}."
        return
    usable = f"{forecast.card.usable / GIB:.1f} GiB"
    yield f"{line}; it doesn't fit into the card's {size}, of which about {usable} are free for it."
    for fit in forecast.card.changes:
        yield f"It fits with {fit.change}: about {fit.memory / GIB:.1f} GiB. Cost: {fit.cost}."
    if not forecast.card.changes:
        tried = "nothing that was tried" if forecast.card.tried_all else "nothing that there was time to try"
        yield f"Of smaller batches, precision, gradient checkpointing and smaller images, {tried} makes it fit."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def _count(images: float) -> str:
    return f"{images:,.0f}" if images < 1000 else f"{float(f'{images:.2g}'):,.0f}"
