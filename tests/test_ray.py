"""A real cluster of two nodes does the scan and the main arms, with the same result as this machine alone."""

import json
import subprocess
import sys
import threading
import time

import pytest
from PIL import Image
from two_nodes import QUIET, TwoNodes

pytest.importorskip("ray", reason="needs the extra `ray`")

FIXED = ("seconds", "started", "tool_version")
SMALL = ("--device", "cpu", "--arch", "shufflenet_v2_x0_5", "--weights", "none", "--budget", "60s")


@pytest.fixture(scope="module")
def cluster():
    with TwoNodes() as nodes:
        yield nodes


def report(*words, **more):
    command = [sys.executable, "-m", "diagnose", *map(str, words), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=QUIET) as process:
        for action in more.values():
            action(process)
        out, log = process.communicate(timeout=240)
    assert process.returncode in (0, 1, 3), log
    return json.loads(out)


@pytest.mark.slow
def test_the_scan_is_the_same_bit_for_bit(cluster, image_folder, monkeypatch):
    root = image_folder({"train/cat": 150, "train/dog": 150, "val/cat": 60, "val/dog": 60})
    (root / "train/cat/000.png").write_bytes(b"")
    monkeypatch.chdir(root.parent)  # the nodes have another current folder
    alone = report(root.name, "--no-probes", "--fresh")
    there = report(root.name, "--no-probes", "--fresh", "--ray", cluster.address)
    assert there["data"] == alone["data"]
    assert there["findings"] == alone["findings"]


SEARCHED = """\
import sys, threading
from diagnose.dataset import buckets, near
from diagnose.dataset.cluster import ClusterWorkers
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
buckets.EXACT, buckets.CELL, near.PART = 50, 30, 16
stop = threading.Event()
with Store() as store:
    list(scan(find_source(sys.argv[1]), store, stop))
    for cluster in (None, ClusterWorkers(sys.argv[2], stop)):
        search = near.NearSearch(store.db, store.folder, cluster)
        search.begin()
        print(search.pairs(), flush=True)
"""


@pytest.mark.slow
def test_near_copies_are_searched_there_in_pieces_with_the_same_result(cluster, image_folder):
    root = image_folder({"train/cat": 60, "train/dog": 60, "val/cat": 5})
    for number, path in enumerate(sorted((root / "train").rglob("*.png"))[::6]):
        with Image.open(path) as image:
            image.resize((image.width * 2, image.height * 2)).save(root / f"val/cat/again {number}.png")
    words = [sys.executable, "-c", SEARCHED, str(root), cluster.address]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120, env=QUIET)
    alone, there = done.stdout.splitlines()[-2:]
    assert alone == there
    assert alone.count("(") > 3, done.stderr


@pytest.mark.slow
def test_the_main_arms_run_there(cluster, image_folder):
    root = image_folder({"train/cat": 40, "train/dog": 40, "val/cat": 40, "val/dog": 40})
    there = report(root, *SMALL, "--ray", cluster.address)
    arms = [(run["arm"], run["seed"]) for run in there["probes"]]
    assert arms[0] == ("scratch", 0)
    assert all(run["val_accuracy"] is not None for run in there["probes"])


OWN = """\
import os, torch
def net(classes):
    with open({pids!r}, "a") as file:
        file.write(f"{{os.getpid()}}\\n")
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
                               torch.nn.Flatten(), torch.nn.Linear(8, classes))
"""


@pytest.mark.slow
def test_a_persons_own_network_trains_there(cluster, image_folder, tmp_path, monkeypatch):
    root = image_folder({"train/cat": 40, "train/dog": 40, "val/cat": 40, "val/dog": 40})
    pids = tmp_path / "pids"
    (tmp_path / "tiny.py").write_text(OWN.format(pids=str(pids)))
    monkeypatch.chdir(tmp_path)
    words = ("--model", "tiny:net", *SMALL[:-1], "120s")  # time for a slow machine that starts the cluster's workers
    there = report(root, *words, "--ray", cluster.address)
    assert there["network"]["arms"]["steps"] > 0
    assert len(set(pids.read_text().split())) > 2  # the two that measure and train here, and those of the cluster


@pytest.mark.slow
def test_a_search_for_a_recipe_trains_there(cluster, image_folder, tmp_path):
    pytest.importorskip("optuna", reason="needs the extra `tune`")
    root = image_folder({"train/cat": 40, "train/dog": 40, "val/cat": 40, "val/dog": 40})
    config = tmp_path / "steep.yaml"
    config.write_text("method: scratch\nweights: none\noptimizer: sgd\nlearning_rate: 1000\nhead: 2\n")
    told = tmp_path / "told.json"
    command = [sys.executable, "-m", "diagnose", root, *SMALL[:-1], "90s", "--config", config, "--tune",
               "--ray", cluster.address, "--output", told]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, env=QUIET)
    assert "+learning_rate: " in done.stdout, done.stderr
    assert len(json.loads(told.read_text())["tuning"]["tried"]) > 1


def test_no_cluster_is_one_sentence(image_folder):
    root = image_folder({"cat": 3, "dog": 3})
    words = [sys.executable, "-m", "diagnose", str(root), "--report", "--no-probes", "--ray", "127.0.0.1:1"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120, env=QUIET)
    assert done.returncode == 2
    assert "no Ray cluster answers there" in done.stderr
    assert "Traceback" not in done.stderr


KILLED = """\
import sys, threading
from diagnose.dataset.cluster import ClusterWorkers
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise
source, stop = find_source(sys.argv[1]), threading.Event()
with Store() as store:
    for progress in scan(source, store, stop, elsewhere=ClusterWorkers(sys.argv[2], stop)):
        if 100 < progress.done < 400:
            print("half", flush=True)
            sys.stdin.readline()
    data = summarise(store, source)
print(data.images, data.fault_count, data.mean == None, flush=True)
"""


@pytest.mark.slow
def test_a_node_that_is_killed_half_way_costs_nothing(image_folder):
    root = image_folder({"cat": 400, "dog": 400})
    with TwoNodes() as nodes:
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(root), nodes.address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=QUIET,
        ) as scanning:  # fmt: skip
            assert scanning.stdout.readline() == "half\n"
            nodes.kill_one()
            time.sleep(1)
            threading.Thread(target=lambda: scanning.stdin.write("\n" * 99), daemon=True).start()
            out, log = scanning.communicate(timeout=120)
        assert out.splitlines()[-1:] == ["800 0 False"], log
