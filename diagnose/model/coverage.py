"""What was looked at and what was not: what the silence of the checks is worth.

The one list of what can go wrong with a training, whether or not a check for it exists. A topic counts as looked at
where one of its checks could judge; one whose checks all lacked their evidence says which, and one without a check
cannot be judged by this tool at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diagnose.model.check import CheckResult

# By topic the codes of its checks; a letter stands for every code that begins with it. A check that is written for a
# topic takes it off the list of what is not looked at by itself.
TOPICS: dict[str, tuple[str, ...]] = {
    "the image files": ("D101", "D102", "D103", "D113", "D114", "D115", "D116", "D120", "D128"),
    "duplicate images": ("D104", "D105", "D106", "D107"),
    "how the images and classes were read": ("D122", "D125", "D126"),
    "class sizes": ("D108", "D109", "D110", "D111", "D121"),
    "label errors": ("D119", "P505"),
    "normalisation": ("N201", "N202", "N203", "N204", "N205", "N206", "N207", "N208", "N210", "N212"),
    "augmentation": ("N209", "N211", "C305"),
    "the initial weights": ("C301", "C306", "C324", "C339"),
    "the learning rate": ("C302", "C303", "C316"),
    "the outputs and their loss": ("C307", "C308", "C309"),
    "the training loop": ("C310", "C311", "C313", "C314", "C323", "C327"),
    "short training runs": ("P501", "P502", "P503", "P504", "P506", "P507", "P508"),
    "memory and loading": ("P509", "P510"),
    "your own network": ("M401", "M402", "M403", "M404", "M405", "M406", "M408", "M409", "M412", "M413", "M414"),
    "how images and labels are paired": ("C329",),
    "how the program splits the images": ("C330", "C331"),
    "what the program does when it runs": ("R",),
    "how metrics are computed": ("C336",),
    "what a resumed run restores": ("C333",),
    "a finished checkpoint": (
        "K701",
        "K702",
        "K703",
        "K704",
        "K705",
        "K706",
        "K707",
        "K708",
        "K709",
        "K710",
        "K711",
        "K712",
        "K713",
        "K714",
    ),
    "earlier logs": ("L",),
}


@dataclass(frozen=True)
class Coverage:
    """examined: topics. lacking: by reason the topics whose checks all lacked evidence. uncovered: topics that no
    check of this run is about."""

    examined: tuple[str, ...]
    lacking: tuple[tuple[str, tuple[str, ...]], ...]
    uncovered: tuple[str, ...]


def coverage(results: Sequence[CheckResult]) -> Coverage:
    """Which topics the checks of a run looked at, which lacked evidence, and which no check is about."""
    examined, uncovered = [], []
    lacking: dict[str, list[str]] = {}
    for topic, codes in TOPICS.items():
        own = [result for result in results if result.code in codes or result.code[:1] in codes]
        if not own:
            uncovered.append(topic)
        elif any(result.state in ("passed", "failed") for result in own):
            examined.append(topic)
        else:
            lacking.setdefault(_commonest(result.why for result in own), []).append(topic)
    return Coverage(tuple(examined), tuple((why, tuple(topics)) for why, topics in lacking.items()), tuple(uncovered))


def _commonest(whys: Iterable[str]) -> str:
    given = list(whys)
    return max(given, key=given.count)


def listed(parts: Sequence[str], word: str = "and") -> str:
    """The parts as a list in a sentence: a, b and c. word: what joins the last two."""
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)
