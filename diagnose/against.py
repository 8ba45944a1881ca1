"""Why does A do worse than B? Sets two configurations side by side and ranks what differs by its known effect."""

from __future__ import annotations

from typing import Any

from diagnose.model import (
    FACTORS,
    Check,
    Config,
    Contrast,
    Difference,
    Evidence,
    Factor,
    Finding,
    Program,
    Setting,
    Severity,
)

# What a framework's own layers do by default; the same network trains otherwise in the other.
CONVENTIONS = (
    (
        "batch norm's momentum",
        "0.99: 100 updates leave 37% of the initial statistics",
        "0.1, which Keras would call 0.9",
    ),
    ("batch norm's epsilon in ResNet50", "1.001e-5", "1e-5"),
    ("initial weights of convolutions", "Glorot uniform", "He normal by fan-out in torchvision's ResNet50"),
    (
        "stride of a ResNet50 stage",
        "in the first 1×1 convolution (v1)",
        "in the 3×3 convolution (v1.5, about half a point better)",
    ),
    ("bias of ResNet50's convolutions", "yes (25,636,712 parameters)", "no (25,557,032 parameters)"),
    ("ResNet50's input", "BGR, mean subtracted, not scaled", "RGB, 0..1, normalised by ImageNet's mean and deviation"),
    ("default rate of Adam and SGD", "0.001 and 0.01", "0.001 and 0.001"),
)


def contrast(
    this: str,
    other: str,
    one: tuple[Config, Program | None],
    two: tuple[Config, Program | None],
    checks: dict[str, Check],
) -> Contrast:
    """Sets `one` against `two`; `this` and `other` are what they are called."""
    a, b = one[0], two[0]
    differences, alike, unknown = [], [], []
    for factor in FACTORS:
        compared = _compared(factor, a, b)
        if isinstance(compared, Difference):
            differences.append(compared)
        elif compared is None:
            alike.append(factor.name)
        elif compared:
            unknown.append((factor.name, compared))
    here, there = _findings(one, checks), _findings(two, checks)
    frameworks = {program.framework for _, program in (one, two) if program}
    return Contrast(
        this=this,
        other=other,
        differences=tuple(differences),
        chance=not (a.seed.known and b.seed.known and a.seed.value == b.seed.value),
        alike=tuple(alike),
        not_compared=tuple(unknown),
        faults_here=tuple(f for f in here if f.code not in {g.code for g in there}),
        faults_there=tuple(f for f in there if f.code not in {g.code for g in here}),
        shared_myth=_myth(a, b),
        conventions=CONVENTIONS if len(frameworks) == 2 else (),
    )


def _compared(factor: Factor, a: Config, b: Config) -> Difference | str | None:
    """The difference, None where they are alike, or why it is unknown ("" where neither mentions it)."""
    pairs = [(getattr(a, name), getattr(b, name)) for name in factor.fields]
    known = [(x, y) for x, y in pairs if x.known and y.known]
    differing = [(x, y) for x, y in known if not factor.alike(x.value, y.value)]
    if differing:
        x, y = differing[0]
        this, other = (", ".join(_shown(s[side]) for s in differing) for side in (0, 1))
        return Difference(factor.name, this, other, factor.effect(a, b), x.location, y.location)
    # What a side does not say of its options is their default, or not to be read: no reason to compare nothing.
    main = [pair for name, pair in zip(factor.fields, pairs, strict=True) if not name.endswith("_options")]
    halves = [x if not x.known else y for x, y in main if x.known != y.known]
    if factor.name == "preprocessing":
        halves = [] if known and all(s.why.endswith("`preprocessing`") for s in halves) else halves
    if known and not halves:
        return None
    return halves[0].why if halves else ""


def _shown(setting: Setting[Any]) -> str:
    value = setting.value
    if value == ():
        return "none"
    if isinstance(value, tuple) and isinstance(value[0], tuple):  # options
        return ", ".join(f"{name} {_shown(Setting(entry))}" for name, entry in value)
    if isinstance(value, tuple):
        return "[" + ", ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _myth(a: Config, b: Config) -> str:
    """The sentence on transfer learning without weights, which transfers nothing."""
    if a.weights.value != "none" or b.weights.value != "none":
        return ""
    claims = "transfer" in (a.method.value, b.method.value)
    return "Both start from random weights" + (
        ": what is called transfer learning here is training from scratch too." if claims else "."
    )


def _findings(side: tuple[Config, Program | None], checks: dict[str, Check]) -> list[Finding]:
    absent = {"data": "compared by their programs alone", "probes": "compared by their programs alone"}
    evidence = Evidence(configuration=side[0], code=side[1], absent=absent)
    found = [finding for check in checks.values() for finding in check.run(evidence)[2]]
    return [finding for finding in found if finding.severity is not Severity.INFO]
