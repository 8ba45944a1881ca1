"""Renders the command's help as diagnose/help.txt keeps it: `python tests/help_text.py` writes the file anew."""

from pathlib import Path

from typer.testing import CliRunner

from diagnose.command import app

HELP = Path(__file__).parents[1] / "diagnose" / "help.txt"


def rendered() -> str:
    """typer's help at 80 columns under the name of the command."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["--help"], prog_name="diagnose").output


if __name__ == "__main__":
    HELP.write_text(rendered(), encoding="utf-8")
