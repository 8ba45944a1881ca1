"""The real command in a process of its own: contracts of exit codes, streams and files."""

import json
import os
import shlex
import signal
import subprocess
import sys

import jsonschema
import pytest
from help_text import HELP, rendered

from diagnose.model import InputError
from diagnose.request import seconds

ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}


def command(*args, **more):
    return subprocess.run(
        [sys.executable, "-m", "diagnose", *map(str, args)],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, env=ENVIRONMENT, **more,
    )  # fmt: skip


@pytest.fixture
def root(image_folder):
    return image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("weights: imagenet\nmethod: transfer\n")
    return path


@pytest.fixture
def sick(tmp_path):
    path = tmp_path / "sick.yaml"
    path.write_text("method: transfer\nweights: none\n")
    return path


def test_a_healthy_project_exits_0_with_the_report_alone_on_stdout(root, config):
    done = command(root, "--config", config, "--report", "--no-probes")
    assert done.returncode == 0
    assert done.stdout.startswith("Verdict: No fault was found")
    assert "\x1b" not in done.stdout
    assert "scanned 160 files" in done.stderr


def test_findings_exit_1_and_the_threshold_is_the_users(root, sick):
    report = (root, "--config", sick, "--report", "--no-probes")
    assert command(*report).returncode == 1
    assert command(*report, "--fail-on", "never").returncode == 0
    assert command(*report, "--ignore", "C301,D108", "--ignore", "C304").returncode == 0
    chosen = command(*report, "--select", "C301", "--format", "json")
    assert [check["code"] for check in json.loads(chosen.stdout)["checks"]] == ["C301"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["gone", "--report"], "gone does not exist"),
        (["{root}", "--config", "gone.yaml", "--report"], "gone.yaml does not exist"),
        (["{root}", "--report", "--budget", "soon"], "--budget soon"),
        (["{root}", "--report", "--format", "pdf"], "--format pdf"),
        (["{root}", "--report", "--fail-on", "all"], "--fail-on all"),
        (["{root}", "--report", "--select", "D10X"], "No check is called 'D10X'; did you mean D1"),
        (["{root}", "--report", "--device", "tpu"], "--device tpu"),
        (["{root}", "--report", "--against", "b.yaml"], "--against compares two configurations"),
        (["{root}", "--report", "--format", "pdf"], "--format pdf: give one of"),
        (["{root}", "--report", "--baseline", "{root}"], "cannot be read"),
        (["{root}", "--fix"], "--fix changes a configuration"),
        (["{root}", "--report", "--apply"], "--apply writes what --fix or --tune prints"),
        (["{root}", "--tune"], "--tune searches for a better recipe than yours"),
        (["--config", "{root}/c.yaml", "--tune"], "give DATA and --config"),
        (["{root}", "--config", "c.yaml", "--tune", "--against", "b.yaml"], "--against compares two"),
        (["{root}", "--config", "c.yaml", "--tune", "--fix"], "--fix and --tune each print a patch"),
        (["{root}", "--config", "c.yaml", "--tune"], "--tune trains, which --no-probes forbids"),
        (["{root}", "--report", "--output", "/gone/report.json"], "/gone/report.json cannot be written"),
        (["{root}", "--report", "--output", "{root}"], "cannot be written (it is a folder)"),
        (["--report"], "Which images?"),
        (["{root}"], "needs a terminal"),
        (["--explain", "nothing"], "No check is called 'nothing'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(root, args, says):
    done = command(*(arg.format(root=root) for arg in args), "--no-probes")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_unknown_option_is_exit_2():
    assert command("--colour").returncode == 2


def test_an_unwritable_folder_is_exit_2(root):
    done = command(root, "--report", "--no-probes", "--output", "/proc/report.txt")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


@pytest.mark.slow
def test_no_gpu_is_exit_2(root):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = command(root, "--report", "--device", "cuda")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "diagnose: --device cuda: this machine has no such device that torch can use; give --device cpu.\n"
    )


def test_the_output_file_equals_stdout_byte_for_byte(root, config, tmp_path):
    target = tmp_path / "report.json"
    done = command(root, "--config", config, "--no-probes", "--output", target)
    assert target.read_text() == done.stdout
    assert json.loads(done.stdout)["schema_version"] == 2
    assert [path.name for path in tmp_path.glob(".report*")] == []


def test_the_schema_is_that_of_the_report(root):
    schema = json.loads(command("--schema").stdout)
    told = json.loads(command(root, "--report", "--no-probes", "--format", "json").stdout)
    jsonschema.validate(told, schema)


@pytest.mark.slow
def test_two_runs_print_the_same_text(root, config):
    first, second = (command(root, "--config", config, "--report", "--no-probes").stdout for _ in range(2))
    assert first == second


def test_a_closed_pipe_is_quiet(root):
    done = subprocess.run(
        f"{sys.executable} -m diagnose --list-checks | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, env=ENVIRONMENT, check=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == "0"


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_interrupted_it_writes_a_valid_partial_report_and_exits_130(root, config, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "diagnose", root, "--config", config, "--report", "--format", "json",
         "--weights", "none", "--arch", "shufflenet_v2_x0_5"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    for line in process.stderr:
        if line.startswith("probe: "):
            break
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)  # the run itself would take three minutes
    assert process.returncode == 130
    assert json.loads(out)["interrupted"] is True
    assert json.loads(out)["data"]["images"] == 160


@pytest.mark.slow
def test_a_whole_run_with_probes_keeps_its_budget(root, sick):
    done = command(
        root, "--config", sick, "--report", "--format", "json", "--budget", "40s",
        "--weights", "none", "--arch", "shufflenet_v2_x0_5",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["seconds"] < 44
    assert {run["arm"] for run in told["probes"]} >= {"scratch"}


def test_help_is_typers_own():
    assert HELP.read_text() == rendered(), "run python tests/help_text.py"
    assert command("--help").stdout == HELP.read_text()


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['diagnose', '--help']\nfrom diagnose.cli import main\n"
        "try: main()\nexcept SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("torch", "numpy", "textual", "rich", "typer", "pydantic", "PIL"):
        assert f"'{heavy}'" not in done.stderr


def test_an_unchanged_folder_is_reported_without_what_measures_it(root):
    code = (
        "import sys; sys.argv = ['diagnose', sys.argv[1], '--report', '--no-probes']\n"
        "from diagnose.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=True)
    heavy = (
        "numpy",
        "scipy",
        "PIL",
        "simplejpeg",
        "fsspec",
        "ruamel.yaml",
        "plotext",
        "jinja2",
        "multiprocessing.pool",
    )
    ours = ("diagnose.config.read", "diagnose.interpreter.reader", "diagnose.dataset.image", "diagnose.dataset.workers")
    assert "'diagnose.dataset.store'" in done.stderr
    assert [name for name in (*heavy, *ours) if f"'{name}'" in done.stderr] == []


def test_inspection_does_not_import_torch(root):
    """Only the probe's child process may."""
    code = (
        "import sys; sys.argv = ['diagnose', sys.argv[1], '--report', '--no-probes']\n"
        "from diagnose.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules and 'textual' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=True)


def test_checks_can_be_listed_and_explained():
    listed = command("--list-checks")
    assert "C301  pretrained-claimed-but-random" in listed.stdout
    explained = command("--explain", "learning-rate-too-high")
    assert explained.stdout.startswith("C302 learning-rate-too-high")
    assert "Why it matters:" in explained.stdout


def test_the_version_is_the_packages():
    from diagnose import __version__

    assert command("--version").stdout == f"diagnose {__version__}\n"


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("5m", 300), ("2h", 7200), ("45", 45), ("1.5m", 90)])
def test_budgets(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "0s", "-5s", "5d", "five", "1e3s", "nan"])
def test_budgets_that_are_none(text):
    with pytest.raises(InputError):
        seconds(text)


def test_an_ascii_terminal_gets_the_report_too(root, sick):
    done = subprocess.run(
        [sys.executable, "-m", "diagnose", root, "--config", sick, "--report", "--no-probes"],
        capture_output=True, stdin=subprocess.DEVNULL, env={**ENVIRONMENT, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith(b"Verdict: Do not start")


def test_a_name_carries_no_escape_to_the_terminal(tmp_path):
    done = command(tmp_path / "gone\x1b[31m\nnew", "--report")
    assert "gone\\x1b[31m\\nnew does not exist" in done.stderr


def limited(kilobytes, *args):
    """The command where no file can grow beyond this, as on a disk that is full."""
    line = f"ulimit -f {kilobytes}; exec {shlex.join([sys.executable, '-m', 'diagnose', *map(str, args)])}"
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120
    )


def test_a_full_disk_is_one_sentence_and_costs_no_report(root, config, tmp_path):
    done = limited(8, root, "--config", config, "--report", "--no-probes")
    assert done.returncode == 2
    assert "the disk may be full" in done.stderr
    assert "Traceback" not in done.stderr
    target = tmp_path / "report.sarif"
    done = limited(64, "--config", config, "--output", target)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert json.loads(done.stdout)["version"] == "2.1.0"
    assert not target.exists()


SNIPPET = """Why does it not learn?
```
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(F.softmax(net(x)), y)
    loss.backward()
```
"""


def test_a_piece_of_a_program_by_file_and_by_standard_input(tmp_path):
    path = tmp_path / "post.txt"
    path.write_text(SNIPPET)
    done = command("--config", path, "--snippet", "--report", "--no-probes")
    piped = subprocess.run(
        [sys.executable, "-m", "diagnose", "--config", "-", "--report", "--no-probes"],
        capture_output=True, text=True, input=SNIPPET, timeout=120, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    for one in (done, piped):
        assert one.returncode == 1
        assert "C307 error" in one.stdout
        assert "assumed, since the snippet does not define them" in one.stdout
    assert "not patched" in command("--config", path, "--snippet", "--fix").stderr
    assert "give it with --config" in command("--snippet", "--report").stderr


def test_a_log_alone_is_examined(tmp_path):
    log = tmp_path / "history.csv"
    log.write_text("epoch,loss,val_loss\n0,2.3,2.3\n1,nan,nan\n2,nan,nan\n")
    done = command("--log", log, "--report", "--format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert [finding["code"] for finding in report["findings"]] == ["L801"]
    assert report["history"]["runs"][0]["curves"][0]["points"][0] == [1.0, 2.3]


def test_a_log_that_does_not_exist():
    done = command("--log", "nowhere.csv", "--report")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--log nowhere.csv does not exist" in done.stderr
