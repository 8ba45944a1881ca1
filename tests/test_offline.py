"""`--offline` makes no connection: every process of a whole run starts with sockets that write down who opens one."""

import json
import os
import subprocess
import sys

import pytest

# Python runs a module of this name at its start, in the children too.
FORBIDDEN = """\
import os, socket, traceback

class Forbidden(socket.socket):
    def connect(self, address):
        if self.family != socket.AF_UNIX:
            with open(os.environ["SEEN"], "a") as file:
                file.write(repr(address) + "".join(traceback.format_stack()[-6:]))
            raise OSError("no connection was to be made")
        return super().connect(address)
    connect_ex = connect

socket.socket = Forbidden

def lookup(*args, **more):
    with open(os.environ["SEEN"], "a") as file:
        file.write(f"lookup of {args}" + "".join(traceback.format_stack()[-6:]))
    raise OSError("no name was to be looked up")

socket.getaddrinfo = socket.gethostbyname = lookup
"""


@pytest.fixture
def run(tmp_path, image_folder):
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(FORBIDDEN)
    seen = tmp_path / "seen"
    root = image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 20, "val/dog": 20})
    paths = os.pathsep.join([str(hook), *filter(None, [os.environ.get("PYTHONPATH")])])
    variables = {**os.environ, "PYTHONPATH": paths, "SEEN": str(seen), "TORCH_HOME": str(tmp_path / "torch")}

    def start(*words, program=("-m", "diagnose")):
        done = subprocess.run(
            [sys.executable, *program, *(word.format(root=root) for word in words)],
            capture_output=True, text=True, check=False, timeout=180, env=variables, cwd=tmp_path,
        )  # fmt: skip
        return done, seen.read_text() if seen.exists() else ""

    return start


def test_a_scan_makes_none(run):
    done, seen = run("{root}", "--offline", "--format", "json", "--no-probes")
    assert seen == ""
    assert json.loads(done.stdout)["data"]["images"] == 80


@pytest.mark.slow
def test_a_whole_run_with_probes_makes_none(run):
    done, seen = run("{root}", "--offline", "--format", "json", "--budget", "12s", "--device", "cpu")
    assert seen == ""
    assert json.loads(done.stdout)["data"]["images"] == 80
    assert "--offline: resnet50" in done.stderr


def test_an_address_is_refused(run):
    done, seen = run("https://example.org/images", "--offline", "--report", "--no-probes")
    assert (done.returncode, seen) == (2, "")


def test_the_hook_sees_what_is_not_offline(run):
    code = "import urllib.request; urllib.request.urlopen('http://example.org')"
    done, seen = run("-c", code, program=())
    assert done.returncode == 1
    assert "example.org" in seen
