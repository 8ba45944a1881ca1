"""What a person asks for: name, type, default, allowed words and help of each option, in this one place.

The command's parameters, the keys of a project's settings and the engine's request are built from it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, get_origin

from diagnose.model import InputError

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
SHORTEST_BUDGET = 1.0  # seconds
BUDGET, TUNE_BUDGET = "3m", "10m"  # where none is given, and with --tune
TEXTS = tuple[str, ...]  # the type of what may be given several times
DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Option:
    """A field as an option of the command line. flags: such as "--config", where the name alone doesn't make them;
    words: the values that are allowed, any if empty; codes: whether it names checks; kept: whether a project's settings
    may hold it; path: whether it is then meant from their folder; bare: whether it stands without a flag; typed: the
    default as a person types it; after: the option that it follows in --help, the one before it if empty.
    """

    help: str
    flags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    codes: bool = False
    kept: bool = False
    path: bool = False
    bare: bool = False
    typed: str = ""
    after: str = ""
    name: str = ""  # name, type and default are the field's own
    type: Any = str
    default: Any = None

    @property
    def key(self) -> str:
        """The name without dashes before it, as in a file of settings: "fail-on"."""
        return self.flags[0].split("/")[0].lstrip("-") if self.flags else self.name.replace("_", "-")


def seconds(budget: str) -> float:
    """Seconds in "90s", "5m", "2h" or "90"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", budget.strip().lower())
    if not match or float(match[1]) * UNITS[match[2]] < SHORTEST_BUDGET:
        raise InputError(f"--budget {budget}: give a time such as 90s, 5m or 2h.")
    return float(match[1]) * UNITS[match[2]]


@dataclass(frozen=True)
class Request:
    """What the engine is asked. A dataclass, not a pydantic model: `data` may be any object, each wrong value has a
    sentence of its own where it is typed, and the start doesn't wait for a model to be built."""

    data: Annotated[  # or a Dataset itself; None: the configuration alone is examined
        Any,
        Option(
            "Labelled images: folder, manifest, archive, shards, tables, URL or package.module:factory.",
            kept=True,
            path=True,
            bare=True,
        ),
    ] = None
    config: Annotated[  # also a program with its command line
        str | None,
        Option(
            "Training program or configuration: .py, .ipynb, .yaml, .toml or .json.",
            ("--config", "-c"),
            kept=True,
            path=True,
        ),
    ] = None
    settings: Annotated[TEXTS, Option("A field that --config leaves open: key=value.", ("--set",), kept=True)] = ()
    snippet: Annotated[bool, Option("--config is a piece of a program, as from a forum; - is standard input.")] = False
    tune: Annotated[
        bool,
        Option(
            "Search for a better recipe within the budget (10m if not given), and print it as a patch.",
            ("--tune/--no-tune",),
            kept=True,
        ),
    ] = False
    select: Annotated[TEXTS, Option("Only these checks: codes, beginnings or names.", codes=True, kept=True)] = ()
    ignore: Annotated[TEXTS, Option("All checks but these.", codes=True, kept=True)] = ()
    probes: Annotated[
        bool, Option("Train briefly to measure, or inspect only.", ("--probes/--no-probes",), kept=True)
    ] = True
    budget: Annotated[  # seconds
        float, Option("Time for the whole run, such as 90s, 5m or 2h.", kept=True, typed=BUDGET)
    ] = seconds(BUDGET)
    device: Annotated[str, Option("auto, cpu, cuda or mps.", words=DEVICES, kept=True)] = "auto"
    arch: Annotated[str, Option("Architecture of the probes, of torchvision or timm.", kept=True)] = "resnet50"
    weights: Annotated[
        str, Option("Pretrained weights: auto, none, a file, or a name of torchvision or timm.", kept=True, path=True)
    ] = "auto"
    offline: Annotated[bool, Option("Make no connection, or do.", ("--offline/--online",), kept=True)] = False
    model: Annotated[
        str | None, Option("Your own network, package.module:factory; its code is run in a process of its own.")
    ] = None
    run: Annotated[bool, Option("Run the program of --config in miniature, and watch what it does.")] = False
    checkpoint: Annotated[
        str | None, Option("Trained weights to examine: what they score on DATA as written and under other input.")
    ] = None
    against: Annotated[str | None, Option("A second program or configuration: why does --config do worse?")] = None
    log: Annotated[
        str | None, Option("What an earlier run logged: a file, or a folder of logs; also without DATA.")
    ] = None
    label_pattern: Annotated[
        str | None,
        Option(
            "Where the class stands in the paths of DATA, such as '{label}.*.jpg' or '{split}/*/{label}/*'.", kept=True
        ),
    ] = None
    ray: Annotated[str | None, Option("A Ray cluster that does the work: auto, host:port or ray://host:port.")] = None
    cache: Annotated[bool, Option("Reuse earlier probe runs, or none.", ("--resume/--fresh",), kept=True)] = True
    seed: Annotated[int, Option("Seed of the first probe run.", kept=True)] = 0
    checkpoint_arch: str | None = None  # the architecture, where the person typed one
    own_code: bool = True  # whether a network that the configuration names may be run
    against_settings: tuple[str, ...] = ()  # key=value, over what `against` says


def options_of(model: type[Request]) -> dict[str, Option]:
    """Its options by the names of the fields, as --help lists them."""
    listed: list[Option] = []
    place = 0
    for one in fields(model):
        if get_origin(one.type) is Annotated:
            kind: Any = one.type
            option = replace(kind.__metadata__[0], name=one.name, type=kind.__origin__, default=one.default)
            if option.after:
                place = next(number for number, before in enumerate(listed, 1) if before.name == option.after)
            listed.insert(place, option)
            place += 1
    return {option.name: option for option in listed}


def words_of(parts: Iterable[str]) -> tuple[str, ...]:
    """The words of "C301,D1" and "C301 D1"."""
    return tuple(word for part in parts for word in re.split(r"[,\s]+", part) if word)
