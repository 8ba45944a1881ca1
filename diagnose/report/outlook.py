"""What pretrained features bring, how much data is enough, and what the long run takes and reaches, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Forecast, LearningCurve, Paired, Probes
from diagnose.report.waterfall import points


def outlook(probes: Probes) -> Iterator[str]:
    """A line for each thing that can be told, and for each that cannot, why."""
    if probes.comparison and probes.comparison.features:
        yield features_line(probes.comparison.features)
    for curve in probes.curves:
        yield curve_line(curve)
    if probes.forecast:
        yield from forecast_lines(probes.forecast)


def features_line(gain: Paired) -> str:
    """Whether it is the features of pretrained weights that help, or their scale alone."""
    told = f"{points(gain)} points over random weights of the same scale"
    if not gain.interval.excludes_zero:
        return f"Pretrained features: {told}, so whether they or their scale alone help is not decided."
    return f"Pretrained features: {told} (mean-variance initialisation), {gain.seeds} seeds."


def curve_line(curve: LearningCurve) -> str:
    """How much data is enough, from one start."""
    start = "with pretrained weights (frozen, linear probe)" if curve.start == "pretrained" else "from scratch"
    here = ""
    if curve.points:
        images, accuracy = curve.points[-1]
        here = f"{accuracy:.1%} at {images:.0f} images a class; "
    if curve.needed is not None and curve.needed_interval is not None:
        low, high = curve.needed_interval.low, curve.needed_interval.high
        return (
            f"Data {start}: {here}{curve.target:.0%} takes about {_count(curve.needed)} images a class "
            f"[{_count(low)}, {_count(high)}; 80%]."
        )
    if curve.doubled is not None and curve.doubled_interval is not None:
        low, high = curve.doubled_interval.low, curve.doubled_interval.high
        more = f"; {curve.why}" if curve.why else ""
        return f"Data {start}: {here}twice as many would give {curve.doubled:.1%} [{low:.1%}, {high:.1%}; 80%]{more}."
    return f"Data {start}: {here}what more images would do cannot be told: {curve.why}."


def forecast_lines(told: Forecast) -> Iterator[str]:
    """Time, pace, memory and accuracy of the long run."""
    low, high = told.seconds_range.low, told.seconds_range.high
    price = f", {told.price:.2f} at the configured price" if told.price is not None else ""
    yield (
        f"Long run on this machine ({told.device}): about {_duration(told.seconds)} [{_duration(low)}, "
        f"{_duration(high)}]{price} for {told.epochs} epochs of {told.input_size} px; {told.bottleneck} sets the pace "
        f"(compute {told.compute:.1f} images/s, loading {told.loading:.0f} with {told.workers} workers)."
    )
    if told.memory is not None:
        yield f"Memory at its peak: about {told.memory / 2**30:.1f} GiB in 32-bit floats at batch {told.batch}."
    if told.accuracy_low is not None:
        upper = f" to {told.accuracy_high:.0%}" if told.accuracy_high is not None else " or more"
        why = f" ({told.accuracy_why})" if told.accuracy_why else ""
        yield f"Accuracy of the long run: {told.accuracy_low:.0%}{upper}{why}."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def _count(images: float) -> str:
    return f"{images:,.0f}" if images < 1000 else f"{float(f'{images:.2g}'):,.0f}"
