"""The GitHub Action: valid by its published schema, and its shell steps, run with an environment as GitHub gives it.

`gh` is a program of the test's own, which answers and writes down what it was asked for.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ACTION = ROOT / ".github" / "actions" / "diagnose" / "action.yml"
WRITTEN = YAML(typ="safe").load(ACTION)
STEPS = {step.get("name", step.get("uses")): step for step in WRITTEN["runs"]["steps"]}
MARKER = "<!-- diagnose -->"

GH = f"""#!{sys.executable}
import json, os, subprocess, sys
args = sys.argv[1:]
fields = [word for word in args if word.startswith("body=@")]
body = open(fields[0].removeprefix("body=@")).read() if fields else None
with open(os.environ["ASKED"], "a") as log:
    log.write(json.dumps([args, body]) + "\\n")
if os.environ.get("REFUSED"):
    sys.exit("HTTP 403: Resource not accessible by integration")
if "--paginate" in args:
    subprocess.run(["jq", "-r", args[args.index("--jq") + 1]], input=os.environ["COMMENTS"], text=True, check=True)
"""


@pytest.fixture
def work(tmp_path):
    """A checked-out repository, and beside it the runner's files and programs."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "my train.yaml").write_text("optimizer: sgd\nlearning_rate: 1000\nbatch_size: 32\n")
    (tmp_path / "bin").mkdir()
    python = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m diagnose "$@"\n'
    for name, text in (("diagnose", python), ("gh", GH)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def filled(value, inputs, code):
    """The value of an environment variable with its expressions, of the few kinds that the action has, evaluated."""
    known = {"github.token": "secret", "github.event.pull_request.number": "7", "steps.run.outputs.code": code}
    known |= {f"inputs.{name}": inputs.get(name, one["default"]) for name, one in WRITTEN["inputs"].items()}
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: known[found[1]], str(value))


def run(work, name, code="", more=(), **inputs):
    """Runs one step as GitHub does: the script in a file, `bash -eo pipefail`, inputs with - written as _."""
    step, script = STEPS[name], work / "step.sh"
    script.write_text(step["run"])
    given = {key.replace("_", "-"): value for key, value in inputs.items()}
    environment = {
        "PATH": f"{work / 'bin'}:{os.environ['PATH']}", "HOME": str(work),
        "RUNNER_TEMP": str(work), "GITHUB_OUTPUT": str(work / "output"),
        "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
        "GITHUB_REPOSITORY": "owner/name", "GITHUB_ACTION_PATH": str(ACTION.parent), "ASKED": str(work / "asked"),
        **{key: value for key, value in os.environ.items() if key.startswith("XDG_")},
        **{key: filled(value, given, code) for key, value in step.get("env", {}).items()}, **dict(more),
    }  # fmt: skip
    assert step["shell"] == "bash"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
        cwd=work / "repository", env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def asked(work):
    return [json.loads(line) for line in (work / "asked").read_text().splitlines()]


def test_it_is_valid_by_the_published_schema():
    pytest.importorskip("check_jsonschema")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", ACTION],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_no_input_becomes_a_part_of_a_script():
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert len(scripts) == 5
    assert not [script for script in scripts if "${{" in script]
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_what_is_left_to_other_actions():
    used = {step["uses"].partition("@")[0]: step for step in STEPS.values() if "uses" in step}
    assert set(used) == {"actions/setup-python", "github/codeql-action/upload-sarif"}
    assert used["github/codeql-action/upload-sarif"]["with"]["sarif_file"] == "${{ inputs.sarif }}"


def test_every_input_is_used_and_optional():
    rest = ACTION.read_text().partition("\nruns:")[2]
    assert [name for name in WRITTEN["inputs"] if f"inputs.{name}" not in rest] == []
    assert [name for name, one in WRITTEN["inputs"].items() if one.get("required")] == []


def test_a_run_leaves_the_sarif_file_the_summary_and_its_exit_code(work):
    done = run(work, "Diagnose", config="my train.yaml")
    assert done.returncode == 0, done.stderr
    assert (work / "output").read_text() == "code=1\n"
    sarif = json.loads((work / "repository" / "diagnose.sarif").read_text())
    (result,) = [one for one in sarif["runs"][0]["results"] if one["ruleId"] == "C302"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20train.yaml"
    assert run(work, "Write the summary").returncode == 0
    assert (work / "summary.md").read_text().startswith(f"{MARKER}\n### diagnose: Do not start")
    assert run(work, "Pass on the exit code", code="1").returncode == 1


def test_images_and_more_options_reach_the_command_as_they_are_written(work, image_folder):
    image_folder({"train/cat": 3, "train/dog": 3}, root=work / "repository" / "a b")
    args = """--select 'C302 D108' --set "epochs=5" --ignore=D999$(touch${IFS}hacked)"""
    assert run(work, "Diagnose", data="a b", config="my train.yaml", args=args).returncode == 0
    assert (work / "output").read_text() == "code=2\n"  # no check is called so
    assert not list(work.rglob("hacked"))
    args = """--select 'C302 D108' --set "epochs=5" --fail-on never"""
    assert run(work, "Diagnose", data="a b", config="my train.yaml", args=args, sarif="").returncode == 0
    assert (work / "output").read_text() == "code=2\ncode=0\n"
    results = json.loads((work / "diagnose.sarif").read_text())["runs"][0]["results"]
    assert {one["ruleId"] for one in results} == {"C302", "D108"}


@pytest.mark.parametrize("text", ["$(touch hacked)", "`touch hacked`", '"; touch hacked; "', "-rf", "a\ncode=0"])
def test_hostile_inputs_are_data(work, text):
    run(work, "Diagnose", data=text, config=text, fail_on=text, sarif=text)
    assert not list(work.rglob("hacked"))
    assert (work / "output").read_text() == "code=2\n"


def test_wrong_use_is_said_in_the_log_and_is_the_exit_code(work):
    done = run(work, "Diagnose", config="gone.yaml")
    assert "gone.yaml does not exist" in done.stderr
    assert (work / "output").read_text() == "code=2\n"
    assert not (work / "diagnose.md").exists()
    assert run(work, "Pass on the exit code", code="2").returncode == 2
    for name in ("Write the summary", "Comment on the pull request", "Upload to code scanning"):
        assert """contains(fromJSON('["0", "1", "3"]'), steps.run.outputs.code)""" in STEPS[name]["if"]


def test_an_unbalanced_quote_fails_the_step(work):
    assert run(work, "Diagnose", config="my train.yaml", args="--select 'C302").returncode != 0
    assert not (work / "output").exists()


def comment(number, body, kind="Bot"):
    return {"id": number, "body": body, "user": {"type": kind}}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the filter that gh has built in")
@pytest.mark.parametrize(
    ("comments", "words"),
    [
        ([], ["POST", "repos/owner/name/issues/7/comments"]),
        ([comment(1, f"see {MARKER}"), comment(2, MARKER, "User")], ["POST", "repos/owner/name/issues/7/comments"]),
        ([comment(1, "hello"), comment(5, f"{MARKER}\nold"), comment(6, f"{MARKER}\nolder")],
         ["PATCH", "repos/owner/name/issues/comments/5"]),
    ],
)  # fmt: skip
def test_there_is_one_comment_which_is_kept_up_to_date(work, comments, words):
    (work / "diagnose.md").write_text(f"{MARKER}\n@ $(x) `y`\n")
    done = run(work, "Comment on the pull request", more={"COMMENTS": json.dumps(comments)}.items(), comment="true")
    assert (done.returncode, done.stdout) == (0, "")
    (_, (args, body)) = asked(work)
    assert args[:4] == ["api", "--silent", "--method", *words[:1]]
    assert args[4] == words[1]
    assert body == f"{MARKER}\n@ $(x) `y`\n"


def test_a_token_that_may_not_comment_is_a_warning(work):
    (work / "diagnose.md").write_text(MARKER)
    done = run(work, "Comment on the pull request", more={"REFUSED": "1"}.items(), comment="true")
    assert done.returncode == 0
    assert done.stdout.startswith("::warning::diagnose could not comment")
    assert len(asked(work)) == 1  # it does not write one after another


def test_comments_are_asked_for():
    assert WRITTEN["inputs"]["comment"]["default"] == "false"
    assert STEPS["Comment on the pull request"]["if"].startswith(
        "inputs.comment == 'true' && github.event.pull_request"
    )


@pytest.mark.parametrize(
    ("version", "package"), [("", ROOT), ("0.1.0", "diagnose-training==0.1.0"), ("$(id)", "diagnose-training==$(id)")]
)
def test_the_version_is_that_of_the_action_or_the_one_that_is_asked_for(work, version, package):
    pip = work / "bin" / "python"
    pip.write_text('#!/bin/sh\nfor word; do echo "$word"; done\n')
    pip.chmod(0o755)
    done = run(work, "Install diagnose", version=version)
    (*words, last) = done.stdout.splitlines()
    assert words == ["-m", "pip", "install", "--quiet"]
    assert (Path(last).resolve() if not version else last) == package
