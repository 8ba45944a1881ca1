"""The options of the command line. It imports little; all else waits until it is known what is wanted."""

from collections.abc import Callable
from typing import Annotated

import typer

from diagnose.report import FORMATS
from diagnose.settings import BUDGET, DEVICES, FAIL_ON, TUNE_BUDGET

app = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)


def one_of(*words: str) -> Callable[[str], list[str]]:
    """What the shell offers for a value."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def codes(incomplete: str) -> list[tuple[str, str]]:
    """The checks that the shell offers, with their names."""
    from diagnose.registry import load_checks

    return [(code, check.name) for code, check in load_checks().items() if code.startswith(incomplete.upper())]


@app.command(help="Why does my image classifier train badly? Ask before you pay for the full training run.")
def command(
    context: typer.Context,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Labelled images: folder, manifest, archive, shards, tables, URL or package.module:factory."
        ),
    ] = None,
    program: Annotated[
        str | None, typer.Argument(help="Training program or configuration, as --config takes it; also without DATA.")
    ] = None,
    config: Annotated[
        str | None,
        typer.Option("--config", "-c", help="Training program or configuration: .py, .ipynb, .yaml, .toml or .json."),
    ] = None,
    set: Annotated[list[str] | None, typer.Option(help="A field that --config leaves open: key=value.")] = None,
    snippet: Annotated[
        bool, typer.Option("--snippet", help="--config is a piece of a program, as from a forum; - is standard input.")
    ] = False,
    report: Annotated[bool, typer.Option("--report", help="Print the report and exit, in place of the TUI.")] = False,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="text, json (json1: version 1), markdown, html, sarif, junit, gitlab or comment; also by the ending "
            "of --output.",
            autocompletion=one_of(*FORMATS),
        ),
    ] = None,
    output: Annotated[str | None, typer.Option("--output", "-o", help="Write the report to a file as well.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress on stderr.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="In a terminal: also the classes, and what was not examined.")
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(help="Exit 1 from this severity on: error, warning or never.", autocompletion=one_of(*FAIL_ON)),
    ] = "error",
    baseline: Annotated[
        str | None, typer.Option(help="An earlier JSON report: what it found does not fail this run.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Print a patch of what can be fixed, in place of the report.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="With --fix: measure by paired probes what the patch gains.")
    ] = False,
    tune: Annotated[
        bool,
        typer.Option(
            "--tune/--no-tune",
            help="Search for a better recipe within the budget (10m if not given), and print it as a patch.",
        ),
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="With --fix or --tune: write it, and keep the old files.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Read the program again each time that it is saved, and print findings as JSON lines."
        ),
    ] = False,
    lsp: Annotated[
        bool,
        typer.Option("--lsp", help="Serve an editor on standard input and output: findings and fixes at the lines."),
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Only these checks: codes, beginnings or names.", autocompletion=codes),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="All checks but these.", autocompletion=codes)] = None,
    probes: Annotated[
        bool, typer.Option("--probes/--no-probes", help="Train briefly to measure, or inspect only.")
    ] = True,
    budget: Annotated[str, typer.Option(help="Time for the whole run, such as 90s, 5m or 2h.")] = BUDGET,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.", autocompletion=one_of(*DEVICES))] = "auto",
    arch: Annotated[str, typer.Option(help="Architecture of the probes, of torchvision or timm.")] = "resnet50",
    weights: Annotated[
        str, typer.Option(help="Pretrained weights: auto, none, a file, or a name of torchvision or timm.")
    ] = "auto",
    offline: Annotated[bool, typer.Option("--offline/--online", help="Make no connection, or do.")] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Your own network, package.module:factory; its code is run in a process of its own."),
    ] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Run the program of --config in miniature, and watch what it does.")
    ] = False,
    checkpoint: Annotated[
        str | None,
        typer.Option(help="Trained weights to examine: what they score on DATA as written and under other input."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A second program or configuration: why does --config do worse?")
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="What an earlier run logged: a file, or a folder of logs; also without DATA.")
    ] = None,
    label_pattern: Annotated[
        str | None,
        typer.Option(
            help="Where the class stands in the paths of DATA, such as '{label}.*.jpg' or '{split}/*/{label}/*'."
        ),
    ] = None,
    ray: Annotated[
        str | None, typer.Option(help="A Ray cluster that scans and trains: auto, host:port or ray://host:port.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume/--fresh", help="Reuse earlier probe runs, or none.")] = True,
    seed: Annotated[int, typer.Option(help="Seed of the first probe run.")] = 0,
    explain: Annotated[
        str | None, typer.Option(help="Explain a check, given by its code, and exit.", autocompletion=codes)
    ] = None,
    list_checks: Annotated[bool, typer.Option("--list-checks", help="List the checks and exit.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of --format json and exit.")] = False,
    samples: Annotated[
        str | None, typer.Option(help="Copy the sample images and configurations into this folder and exit.")
    ] = None,
    skill: Annotated[
        str | None, typer.Option(help="Write a SKILL.md for coding agents into this folder and exit.")
    ] = None,
    mcp: Annotated[
        bool,
        typer.Option("--mcp", help="Serve the Model Context Protocol on stdin and stdout, in this folder and DATA."),
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Run what the options ask for. Raises typer.Exit with the exit code of a run."""
    from diagnose.about import (
        copy_samples,
        explain_check,
        list_all_checks,
        show_schema,
        show_version,
        write_skill,
    )

    if version:
        show_version()
    elif list_checks:
        list_all_checks()
    elif explain is not None:
        explain_check(explain)
    elif schema:
        show_schema()
    elif samples is not None:
        copy_samples(samples)
    elif skill is not None:
        write_skill(skill)
    elif mcp:
        from diagnose.mcp.server import serve

        serve(data)
    else:
        from dataclasses import fields

        from diagnose import headless
        from diagnose.meant import meant
        from diagnose.options import Options

        def source(name: str) -> str:
            found = context.get_parameter_source(name)
            return found.name if found is not None else ""

        typed = frozenset(name for name in context.params if source(name) == "COMMANDLINE")
        words = meant((data, program), config if "config" in typed else None, config)
        same = {item.name: context.params[item.name] for item in fields(Options) if item.name in context.params}
        different = {
            "data": words.data,
            "config": words.config,
            "settings": tuple(set or ()),
            "report": report or "format" in typed,
            "select": tuple(select or ()),
            "ignore": tuple(ignore or ()),
            "budget": TUNE_BUDGET if tune and source("budget") == "DEFAULT" else budget,
        }
        options = Options(settings_file=context.obj, typed=typed, config_typed=words.typed, **{**same, **different})
        raise typer.Exit(headless.run(options))
