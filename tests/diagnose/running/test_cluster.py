"""A program on a real cluster: what is seen of it there, and that it leaves nothing, however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from two_nodes import QUIET, TwoNodes

from diagnose.running.cluster import Lost, Node

sys.path.insert(0, str(Path(__file__).parent))
from programs import SOUND, changed

WHERE = "import os\nprint('raylet', os.environ.get('RAY_RAYLET_PID'), 'gpu', os.environ.get('CUDA_VISIBLE_DEVICES'))\n"
ENDLESS = changed(("range(3)", "range(10**9)"), ("optimizer.step()", "optimizer.step(); import time; time.sleep(3)"))


def everything(node):
    answers, ended = [], False
    while not ended:
        some, ended = node.more(False)
        answers += some
    return answers


def test_a_node_hands_out_all_answers_and_then_ends():
    assert everything(Node(lambda stop: iter(range(5)))) == [0, 1, 2, 3, 4]


def test_a_node_can_be_asked_to_stop():
    node = Node(lambda stop: iter([1]) if stop.wait(60) else iter([2]))
    assert node.more(False) == ([], False)
    answers, _ = node.more(True)
    assert answers == [1]


def test_work_that_fails_on_a_node_says_how():
    def work(stop):
        yield 1
        raise OSError("no space left")

    one, fault = everything(Node(work))
    assert one == 1
    assert isinstance(fault, Lost)
    assert str(fault) == "it failed on the node (OSError: no space left)"


@pytest.fixture(scope="module")
def cluster():
    """All work is done by the second node, which says that it has a GPU."""
    pytest.importorskip("ray", reason="needs the extra `ray`")
    with TwoNodes(cores=0, gpus=1) as nodes:
        yield nodes


@pytest.fixture
def started(tmp_path):
    """A function that starts the command on a program, on a cluster."""

    def started(text, nodes, name="train.py"):
        (tmp_path / name).write_text(text)
        words = ["--config", name, "--run", "--no-probes", "--report", "--format", "json"]
        return subprocess.Popen(
            [sys.executable, "-m", "diagnose", *words, *(["--ray", nodes.address] if nodes else [])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=QUIET, cwd=tmp_path,
        )  # fmt: skip

    return started


def observed(process):
    out, log = process.communicate(timeout=180)
    assert "Traceback" not in log
    return json.loads(out)["observed"]


def until_it_trains(process):
    for line in process.stderr:
        if "training steps" in line:
            return


def left(mark):
    """Processes whose command line holds a word, once they have had time to end."""
    for _ in range(40):
        lines = {path.parent.name: path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)}
        found = [number for number, line in lines.items() if mark.encode() in line and int(number) != os.getpid()]
        if not found:
            return []
        time.sleep(0.25)
    return found


def readable(path):
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


@pytest.mark.slow
def test_a_program_is_seen_there_as_here(cluster, started):
    there, here = observed(started(WHERE + SOUND, cluster)), observed(started(WHERE + SOUND, None))
    assert "raylet None" not in there["output"]
    assert "gpu 0" in there["output"]
    assert "raylet None" in here["output"]
    for part in ("network", "optimizers", "seed"):  # how far it comes in its time is the machine's
        assert there[part] == here[part], part


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_command_and_leaves_no_process(cluster, started, number):
    name = f"endless_{number.name}.py"
    process = started(ENDLESS, cluster, name)
    until_it_trains(process)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    if number != signal.SIGKILL:
        assert process.returncode == 130
        seen = json.loads(out)["observed"]
        assert (seen["ended"], seen["why"]) == ("stopped", "the run was interrupted")
        assert seen["steps"] > 0
    assert left(name) == []


@pytest.mark.slow
def test_a_node_that_dies_is_one_sentence_and_what_was_seen(started):
    pytest.importorskip("ray", reason="needs the extra `ray`")
    with TwoNodes(cores=0) as nodes:
        process = started(ENDLESS, nodes, "endless_node.py")
        until_it_trains(process)
        nodes.kill_one()
        out, log = process.communicate(timeout=120)
        assert process.returncode in (0, 1, 3)
        assert "Traceback" not in log
        seen = json.loads(out)["observed"]
        assert (seen["ended"], seen["why"]) == (
            "crashed",
            "the node of the cluster that ran it was lost, or its process there",
        )
        assert seen["steps"] > 0
        assert left("endless_node.py") == []


TIMED = """\
import sys, threading
from pathlib import Path
import diagnose.running.cluster as module
from diagnose.running.child import Asked
module.STARTING = float(sys.argv[3])
*_, last = module.run_there(sys.argv[1], Asked(Path(sys.argv[2]), (), "it", 8.0), threading.Event())
print(last.ended, last.why)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "says"), [(60, "time 8 s were over"), (0, "had a free GPU for it within 0 s")])
def test_its_time_limit_and_that_of_waiting_are_kept(cluster, tmp_path, patience, says):
    program = tmp_path / "forever.py"
    program.write_text("import time\nwhile True:\n    time.sleep(1)\n")
    words = [sys.executable, "-c", TIMED, cluster.address, str(program), str(patience)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120, env=QUIET)
    assert says in done.stdout
    assert left(str(program)) == []
