"""The options of the command line. It imports typer alone; all else waits until it is known what is wanted."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(help="Why does my image classifier train badly? Asked before the long run is paid for.")
def command(
    data: Annotated[
        str | None,
        typer.Argument(
            help="Labelled images: folder, manifest, archive, shards, tables, URL or package.module:factory."
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option(help="Training program or configuration: .py, .ipynb, .yaml, .toml or .json.")
    ] = None,
    set: Annotated[list[str] | None, typer.Option(help="A field that --config leaves open: key=value.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Print the report and exit, in place of the TUI.")] = False,
    format: Annotated[
        str | None, typer.Option(help="text, json, markdown, html, sarif or junit; also by the ending of --output.")
    ] = None,
    output: Annotated[str | None, typer.Option(help="Write the report to a file as well.")] = None,
    fail_on: Annotated[str, typer.Option(help="Exit 1 from this severity on: error, warning or never.")] = "error",
    baseline: Annotated[
        str | None, typer.Option(help="An earlier JSON report: what it found does not fail this run.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Print a patch of what can be mended, in place of the report.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="With --fix: measure by paired probes what the patch gains.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="With --fix: write it, and keep the old files.")] = False,
    select: Annotated[list[str] | None, typer.Option(help="Only these checks: codes, beginnings or names.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="All checks but these.")] = None,
    no_probes: Annotated[bool, typer.Option("--no-probes", help="Train nothing; inspect only.")] = False,
    budget: Annotated[str, typer.Option(help="Time for the whole run, such as 90s, 5m or 2h.")] = "3m",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    arch: Annotated[str, typer.Option(help="Architecture of the probes.")] = "resnet50",
    weights: Annotated[
        str, typer.Option(help="Pretrained weights: auto, none, a file or a torchvision name.")
    ] = "auto",
    offline: Annotated[bool, typer.Option("--offline", help="Make no connection.")] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Your own network, package.module:factory; its code is run in a process of its own."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A second program or configuration: why does --config do worse?")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume/--fresh", help="Reuse earlier probe runs, or none.")] = True,
    seed: Annotated[int, typer.Option(help="Seed of the first probe run.")] = 0,
    explain: Annotated[str | None, typer.Option(help="Explain a check, given by its code, and exit.")] = None,
    list_checks: Annotated[bool, typer.Option("--list-checks", help="List the checks and exit.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    from diagnose.about import explain_check, list_all_checks, show_version

    if version:
        show_version()
    elif list_checks:
        list_all_checks()
    elif explain is not None:
        explain_check(explain)
    else:
        from diagnose.headless import Options, run

        raise typer.Exit(
            run(
                Options(
                    data=data,
                    config=config,
                    settings=tuple(set or ()),
                    report=report,
                    format=format,
                    output=output,
                    fail_on=fail_on,
                    baseline=baseline,
                    fix=fix,
                    verify=verify,
                    apply=apply,
                    select=tuple(select or ()),
                    ignore=tuple(ignore or ()),
                    probes=not no_probes,
                    budget=budget,
                    device=device,
                    arch=arch,
                    weights=weights,
                    offline=offline,
                    against=against,
                    model=model,
                    resume=resume,
                    seed=seed,
                )
            )
        )
