"""The command line, from the options. It imports little; all else waits until it is known what is wanted."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from diagnose.options import OPTIONS, Options
from diagnose.request import TEXTS, TUNE_BUDGET, Option, seconds, words_of

app = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
TYPED: dict[Any, Any] = {Any: str | None, float: str, TEXTS: list[str] | None}  # types that typer knows by others


def one_of(*words: str) -> Callable[[str], list[str]]:
    """What the shell offers for a value."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def codes(incomplete: str) -> list[tuple[str, str]]:
    """The checks that the shell offers, with their names."""
    from diagnose.registry import load_checks

    return [(code, check.name) for code, check in load_checks().items() if code.startswith(incomplete.upper())]


def _parameter(option: Option) -> Parameter:
    flags = option.flags or ((f"--{option.key}",) if option.type is bool else ())
    offered = codes if option.codes else one_of(*option.words) if option.words else None
    shown = (
        typer.Argument(help=option.help)
        if option.bare
        else typer.Option(*flags, help=option.help, autocompletion=offered)
    )
    return Parameter(
        option.name,
        Parameter.KEYWORD_ONLY,
        default=option.typed or (None if option.type == TEXTS else option.default),
        annotation=Annotated[TYPED.get(option.type, option.type), shown],
    )


def command(context: typer.Context, **given: Any) -> None:
    """Run what the options ask for. Raises typer.Exit with the exit code of a run."""
    from diagnose import about

    if given["version"]:
        about.show_version()
    elif given["list_checks"]:
        about.list_all_checks()
    elif given["explain"] is not None:
        about.explain_check(given["explain"])
    elif given["schema"]:
        about.show_schema()
    elif given["samples"] is not None:
        about.copy_samples(given["samples"])
    elif given["skill"] is not None:
        about.write_skill(given["skill"])
    elif given["mcp"]:
        from diagnose.mcp.server import serve

        serve(given["data"])
    else:
        from diagnose import headless

        raise typer.Exit(headless.run(_options(context, given)))


def _options(context: typer.Context, given: dict[str, Any]) -> Options:
    """The options as typed, over the project's settings. Raises InputError for a value that can't be read."""
    from diagnose.meant import meant

    def source(name: str) -> str:
        found = context.get_parameter_source(name)
        return found.name if found is not None else ""

    typed = frozenset(name for name in given if source(name) == "COMMANDLINE")
    words = meant((given["data"], given["program"]), given["config"] if "config" in typed else None, given["config"])
    budget = TUNE_BUDGET if given["tune"] and source("budget") == "DEFAULT" else given["budget"]
    different = {
        "data": words.data,
        "config": words.config,
        "own_code": words.typed,
        "settings": tuple(given["settings"] or ()),
        "select": words_of(given["select"] or ()),
        "ignore": words_of(given["ignore"] or ()),
        "report": given["report"] or "format" in typed,
        "budget": seconds(budget),
        "checkpoint_arch": given["arch"] if "arch" in typed else None,
    }
    return Options(settings_file=context.obj, typed=typed, **{**given, **different})


command.__signature__ = Signature(  # type: ignore[attr-defined]
    [
        Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *map(_parameter, OPTIONS.values()),
    ]
)
app.command(help="Why does my image classifier train badly? Ask before you pay for the full training run.")(command)
