"""What is written about the tool is what the tool does."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from check_docs import DOCS, rendered

import diagnose
from diagnose.registry import load_checks
from diagnose.settings import KEYS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PARTS = sorted(
    part.name
    for part in (ROOT / "diagnose").iterdir()
    if part.suffix == ".py" or (part.is_dir() and any(part.rglob("*.py")))
)


def undocumented(node: ast.AST, place: str) -> Iterator[str]:
    """Public functions, classes and methods below a module or class that have no docstring; not those in functions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from undocumented(child, place)
        elif not child.name.startswith("_"):
            name = f"{place} {child.name}" if isinstance(node, ast.Module) else f"{place}.{child.name}"
            if not ast.get_docstring(child):
                yield f"{name} (line {child.lineno})"
            if isinstance(child, ast.ClassDef):
                yield from undocumented(child, name)


@pytest.mark.parametrize("part", PARTS)
def test_every_public_function_class_and_method_has_a_docstring(part):
    path = ROOT / "diagnose" / part
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert files
    assert [
        found
        for file in files
        for found in undocumented(ast.parse(file.read_text("utf-8")), str(file.relative_to(ROOT)))
    ] == []


def test_the_checks_own_documentation_is_the_page_beside_them():
    page = rendered()
    assert DOCS.read_text() == page, "python tests/check_docs.py writes it anew"
    assert all(f"### {code} {check.name}" in page for code, check in load_checks().items())


def test_every_option_and_setting_is_in_the_help_and_every_public_name_in_the_readme():
    help_text = (ROOT / "diagnose" / "help.txt").read_text()
    options = set(re.findall(r"`(--[a-z][a-z-]*)", README)) - {"--speed", "--listed", "--lr", "--snapshot-update"}
    assert options
    assert [option for option in options if f"{option}" not in help_text] == []
    assert [key for key in KEYS if f"--{key}" not in help_text and key != "data"] == []
    assert [name for name in ("inspect", "probe", "diagnose", "render") if f"diagnose.{name}(" not in README] == []
    assert all(hasattr(diagnose, name) for name in re.findall(r"diagnose\.([a-z]+)\(", README))


def test_every_file_that_the_readme_names_is_there():
    named = set(re.findall(r"\b((?:tests|sample_data|checks|diagnose)/[\w./]+\.\w+)", README))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.slow
def test_the_example_in_python_runs(tmp_path):
    (block,) = re.findall(r"```python\n(.*?)```", README, re.S)
    code = block.replace('"photos"', f'"{ROOT}/sample_data/few"').replace(
        '"train.py"', f'"{ROOT}/sample_data/five_images.yaml"'
    )
    code = code.replace('budget="5m"', "probes=False")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "D108" in done.stdout


def test_the_pre_commit_hook_is_one():
    clientlib = pytest.importorskip("pre_commit.clientlib")
    (hook,) = clientlib.load_manifest(ROOT / ".pre-commit-hooks.yaml")
    assert hook["entry"].split()[0] == "diagnose"
