"""An optimizer that does not hold the parameters that should train.

What it looks for: parameters of the network as it trains that require gradients and were not given to the optimizer:
because it was built before the head was replaced, or on another network; or, as a warning, because they were frozen
then and have been unfrozen since. An optimizer that is given the head alone on purpose is left alone. With several
networks (GAN, distillation, mutual learning): a step of an optimizer that none of the losses before it reaches, such as
the other network's; an average of the weights (EMA) that is kept up and neither evaluated, saved nor copied back.

Why it matters: what the optimizer does not hold never changes. A head replaced later stays random for the whole run.

Example: optimizer = SGD(model.parameters(), ...) above model.fc = nn.Linear(2048, 10).

Fix: build the optimizer after the network is complete; after each loss step the optimizer of the network it trains.

Source: torch.optim, "Constructing it": the parameters must be those of the model when it is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import AverageUnused, Check, Evidence, Finding, OptimizerMisses, Severity, WrongOptimizer


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.saw_all_held:
        return
    for seen in evidence.program.facts(OptimizerMisses):
        names = ", ".join(seen.examples)
        if seen.unfrozen:
            yield Finding(
                Severity.WARNING,
                summary=f"{seen.parameters} parameters were unfrozen ({names}), and the optimizer does not hold them: "
                "they stay as they are.",
                fix="Give them to the optimizer: build it after they are unfrozen, or add a parameter group.",
                measured={"missing": seen.parameters, "of": seen.all, "examples": list(seen.examples)},
                location=seen.location,
                subject="unfrozen",
            )
        if not (seen.head or seen.foreign):
            continue
        yield Finding(
            Severity.ERROR,
            summary="The optimizer holds no parameter of the network that trains."
            if seen.foreign
            else f"The optimizer does not hold {seen.parameters} parameters that should train ({names}).",
            fix="Build the optimizer after the head is replaced, on the network that trains.",
            measured={"missing": seen.parameters, "of": seen.all, "examples": list(seen.examples)},
            location=seen.location,
        )
    foreign = any(seen.foreign for seen in evidence.program.facts(OptimizerMisses))
    for wrong in evidence.program.facts(WrongOptimizer) if not foreign else ():
        line = f" (line {wrong.backward.line})" if wrong.backward.line else ""
        yield Finding(
            Severity.ERROR,
            summary=f"This steps another network's optimizer than that of the loss before it{line}.",
            fix="Step the optimizer that holds the parameters which the loss trains.",
            measured={"backward": wrong.backward.line},
            location=wrong.location,
            subject="step",
        )
    for average in evidence.program.facts(AverageUnused):
        yield Finding(
            Severity.WARNING,
            summary=f"The averaged weights of {average.name} are kept up, and nothing evaluates or saves them.",
            fix="Validate and save the average in place of the network, or drop it.",
            measured={"average": average.name},
            location=average.location,
            subject="average",
        )


CHECK = Check("C313", "optimizer-misses-parameters", needs=("program",), judge=judge)
