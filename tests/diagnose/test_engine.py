import itertools
import threading
from pathlib import Path

import pytest
from builders import ERROR, tuning
from PIL import Image

from diagnose import asking, engine, own_network
from diagnose.controls import Controls
from diagnose.dataset import near
from diagnose.engine import Request, diagnose
from diagnose.events import (
    ConfigRead,
    Finished,
    Found,
    NetworkMeasured,
    ProbesMeasured,
    ScanDone,
    ScanProgress,
    Tuned,
)
from diagnose.model import InputError
from diagnose.probing.job import Failed, Tune

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.fixture
def root(image_folder):
    return image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 10, "val/dog": 10})


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("weights: none\nmethod: transfer\nbatch_size: 32\n")
    return path


def events_of(*args, stop=None, **more):
    return list(diagnose(Request(*args, **more), Controls(stop)))


def test_the_sequence_without_probes(root, config):
    events = events_of(root, config, probes=False)
    kinds = list(dict.fromkeys(type(event) for event in events))
    assert kinds == [ConfigRead, ScanProgress, ScanDone, Found, Finished]
    diagnosis = events[-1].diagnosis
    assert "C301" in [finding.code for finding in diagnosis.findings]
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "P501"} == {"--no-probes was given"}
    assert not diagnosis.incomplete


@pytest.fixture
def slow_search(root, monkeypatch):
    """A val image that looks like one of train, and a search for near copies that ends when this event is set."""
    with Image.open(next((root / "train/cat").iterdir())) as image:
        image.resize((image.width * 2, image.height * 2)).save(root / "val/cat/again.png")
    gate = threading.Event()
    copies = near.copies
    monkeypatch.setattr(near, "copies", lambda *given: gate.wait(30) and copies(*given))
    monkeypatch.setattr(engine, "SOON", 0.01)
    yield gate
    gate.set()


@pytest.mark.parametrize("probes", [True, False])
def test_a_long_search_for_near_copies_keeps_nobody_waiting(root, child, slow_search, probes):
    from builders import comparison, probe_run
    from builders import probes as measured

    child.messages = (ProbesMeasured(measured(probe_run(), comparison=comparison(0.1, 0.3))),)
    events = []
    for event in diagnose(Request(root, probes=probes), Controls()):
        events.append(event)
        if isinstance(event, ProbesMeasured if probes else ScanDone):
            slow_search.set()
    searched = [event.dataset.searched for event in events if isinstance(event, ScanDone)]
    assert searched == [False, True]
    assert [type(event) for event in events].index(ScanDone) < len(events) - 2
    results = {result.code: result.state for result in events[-1].diagnosis.results}
    assert results["D105"] == "passed"


def test_a_search_that_is_interrupted_claims_no_absence(root, slow_search):
    stop = threading.Event()
    for event in diagnose(Request(root, probes=False), Controls(stop)):
        if isinstance(event, ScanDone):
            stop.set()
    gaps = {gap.code: gap.why for gap in event.diagnosis.not_examined}
    assert gaps["D105"] == gaps["D106"] == gaps["D107"] == "the search for near copies was interrupted"
    assert "D104" not in gaps


def test_a_search_without_room_for_its_files_claims_no_absence(root, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(near, "copies", full)
    diagnosis = [event for event in diagnose(Request(root, probes=False), Controls())][-1].diagnosis
    gaps = {gap.code: gap.why for gap in diagnosis.not_examined}
    assert gaps["D105"] == gaps["D106"] == gaps["near copies"]
    assert "has no room for its files" in gaps["near copies"]
    assert diagnosis.incomplete


def test_the_job_holds_the_users_own_recipe(root, config, child):
    events_of(root, config, seed=7, weights="none")
    job = child.job
    assert job.classes == ("cat", "dog")
    assert (len(job.train), len(job.val), job.seed) == (40, 20, 7)
    assert (job.configured.batch_size, job.configured_weights) == (32, "none")
    assert 0 < job.seconds <= 180


def test_what_the_probes_measure_reaches_the_checks(root, child):
    from builders import comparison, probe_run, probes

    child.messages = (ProbesMeasured(probes(probe_run(), comparison=comparison(0.1, 0.3))),)
    diagnosis = events_of(root)[-1].diagnosis
    assert [finding.code for finding in diagnosis.findings if finding.code.startswith("P")] == ["P501"]


def test_a_probe_process_that_dies_leaves_a_whole_report(root, child):
    child.messages = (Failed("killed by SIGKILL"),)
    diagnosis = events_of(root)[-1].diagnosis
    assert diagnosis.incomplete
    assert ("probes", "killed by SIGKILL") in [(gap.code, gap.why) for gap in diagnosis.not_examined]
    assert any(result.state == "passed" for result in diagnosis.results)


def test_missing_weights_are_the_reason_that_p501_gives(root, child):
    from builders import probe_run, probes

    child.messages = (Failed("no weights", part="pretrained"), ProbesMeasured(probes(probe_run("scratch"))))
    diagnosis = events_of(root)[-1].diagnosis
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "P501"} == {"no weights"}


def test_wrong_use_that_only_the_child_can_see_is_refused(root, child):
    child.ready_message = Failed("--device cuda: no such device", usage=True)
    with pytest.raises(InputError, match="no such device"):
        events_of(root, device="cuda")


def test_one_class_cannot_be_probed(image_folder, child):
    diagnosis = events_of(image_folder({"cat": 10}))[-1].diagnosis
    assert any("a classifier needs two" in gap.why for gap in diagnosis.not_examined)


def test_a_scan_that_uses_up_the_budget_leaves_the_probes_half_of_it(root, child, monkeypatch):
    monkeypatch.setattr(engine.time, "monotonic", itertools.count(0.0, 100.0).__next__)  # each reading 100 s later
    events_of(root, budget=60.0)
    assert child.job.seconds == 30.0


def test_stopped_in_the_scan_it_judges_what_does_not_need_it(root, config):
    stop = threading.Event()
    events = []
    for event in diagnose(Request(root, config, probes=False), Controls(stop)):
        events.append(event)
        if isinstance(event, ScanProgress):
            stop.set()
    diagnosis = events[-1].diagnosis
    assert diagnosis.interrupted
    assert diagnosis.evidence.dataset is None
    assert [finding.code for finding in diagnosis.findings] == ["C301"]


@pytest.mark.parametrize("fault", ["folder", "config", "weights", "select"])
def test_what_cannot_be_carried_out_is_refused_before_any_work(root, config, tmp_path, fault):
    request = {
        "folder": {"data": tmp_path / "gone"},
        "config": {"data": root, "config": tmp_path / "gone.yaml"},
        "weights": {"data": root, "weights": "gone.pth"},
        "select": {"data": root, "select": ("Z999",)},
    }[fault]
    with pytest.raises(InputError):
        events_of(**request)


def test_folders_without_images_are_refused(tmp_path):
    (tmp_path / "data" / "cat").mkdir(parents=True)
    with pytest.raises(InputError, match="no images"):
        events_of(tmp_path / "data", probes=False)


def test_a_folder_of_nothing_but_faulty_images_is_reported(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "a.jpg").write_bytes(b"")
    diagnosis = events_of(tmp_path / "data", probes=False)[-1].diagnosis
    assert [(f.code, f.severity) for f in diagnosis.findings if f.code == "D103"] == [("D103", ERROR)]
    assert not [result for result in diagnosis.results if result.state == "crashed"]


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_child_that_cannot_even_start_leaves_a_whole_report(root, child, device):
    child.ready_message = Failed("torch cannot be imported")
    diagnosis = events_of(root, device=device)[-1].diagnosis
    assert diagnosis.incomplete
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "P503"} == {"torch cannot be imported"}


def test_two_configurations_are_set_side_by_side_and_their_factors_probed(root, config, child, tmp_path):
    from builders import attribution, probe_run, probes

    other = tmp_path / "other.yaml"
    other.write_text("weights: imagenet\nmethod: transfer\nbatch_size: 32\nlearning_rate: 0.01\n")
    config.write_text(config.read_text() + "learning_rate: 0.1\n")
    child.messages = (ProbesMeasured(probes(probe_run(), attribution=attribution(("weights", 0.1, 0.3)))),)
    diagnosis = events_of(root, config, against=str(other))[-1].diagnosis
    difference = diagnosis.contrast
    assert [one.factor for one in difference.differences] == ["weights", "learning rate"]
    assert diagnosis.evidence.measured.attribution.parts[0].factor == "weights"
    goal = child.job.goal
    assert (goal.weights, goal.recipe.learning_rate, goal.factors) == ("imagenet", 0.01, ("weights", "learning rate"))
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "P501"} == {
        "the probes compared the two configurations instead"
    }


PROGRAM = """
import torch, torchvision
from torch import nn
net = torchvision.models.resnet50(pretrained=False)
opt, loader = torch.optim.SGD(net.parameters(), lr=0.1), torch.utils.data.DataLoader(torchvision.datasets.FakeData())
for epoch in range(3):
    for x, y in loader:
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""


def test_a_program_is_examined_without_images(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    diagnosis = events_of(None, str(path))[-1].diagnosis
    assert ("C310", 8) in [(f.code, f.location.line) for f in diagnosis.findings]
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "D101"} == {"no images were given"}
    assert not diagnosis.incomplete


def test_a_network_of_ones_own_is_measured_for_the_classes_at_hand(root, config, monkeypatch):
    from builders import network

    asked = []

    def measured(*arguments):
        asked.append(arguments)
        return network(joins=0)

    monkeypatch.setattr(own_network, "measure", measured)
    config.write_text(config.read_text() + "model: nets:build\n")
    events = events_of(root, config, probes=False)
    assert "M402" in [f.code for f in events[-1].diagnosis.findings]
    source, classes, _, folders, *_ = asked[0]
    assert (source, classes, config.parent in folders) == ("nets:build", 2, True)
    assert any("runs your own code" in getattr(event, "text", "") for event in events)


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """A module of networks in the current folder."""
    (tmp_path / "nets.py").touch()
    monkeypatch.chdir(tmp_path)


def test_a_network_that_crashes_is_a_finding_and_a_gap(root, monkeypatch, nets):
    from builders import network

    monkeypatch.setattr(own_network, "measure", lambda *_: network(crash="RuntimeError: no"))
    diagnosis = events_of(root, probes=False, model="nets:build")[-1].diagnosis
    assert [f.severity for f in diagnosis.findings if f.code == "M401"] == [ERROR]
    assert diagnosis.incomplete
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "M402"} == {"the network did not run"}


def test_the_job_knows_the_full_run(root, config, child):
    config.write_text(config.read_text() + "epochs: 2\ninput_size: 48\nprice_per_hour: 3\ngpu_memory: 8\n")
    events_of(root, config)
    run = child.job.full_run
    assert (run.epochs, run.batch_size, run.input_size, run.price, run.gpu_memory) == (2, 32, 48, 3.0, 8.0)
    assert child.job.configured.steps == 2 * -(-run.train_images // 32)
    assert child.job.fingerprint


def test_a_run_of_unknown_length_has_no_forecast(root, child):
    events_of(root)
    assert child.job.classes == ("cat", "dog")
    assert child.job.full_run is None


def test_a_search_takes_the_place_of_the_probes_and_reaches_the_diagnosis(root, config, child):
    child.messages = (Tuned(tuning(planned=1)), Tuned(tuning()), Failed("late", late=True))
    diagnosis = events_of(root, config, tune=True)[-1].diagnosis
    assert child.job.tune == Tune()
    assert diagnosis.tuning == tuning()
    assert not diagnosis.incomplete
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "P501"} == {"--tune took the probes' time"}


def test_a_search_that_could_not_begin_is_a_failed_part(root, config, child):
    child.messages = (Failed("too short", part="tuning"),)
    diagnosis = events_of(root, config, tune=True)[-1].diagnosis
    assert diagnosis.tuning is None
    assert diagnosis.incomplete


@pytest.mark.parametrize("tune", [{"against": "b.yaml"}, {"probes": False}])
def test_a_search_refuses_what_contradicts_it(root, config, tune):
    with pytest.raises(InputError, match="--tune"):
        events_of(root, str(config), tune=True, **tune)


def test_without_optuna_a_search_is_refused_before_any_work(root, config, monkeypatch):
    monkeypatch.setattr(asking, "OPTUNA", "a_package_that_is_not_there")
    with pytest.raises(InputError, match=r"pip install 'diagnose-training\[tune\]'"):
        events_of(root, str(config), tune=True)


def test_a_search_leaves_alone_what_a_program_does_not_say(root, child, tmp_path):
    program = tmp_path / "train.py"
    text = (CORPUS / "pytorch" / "c302_rate.py").read_text()
    program.write_text(text.replace("lr=opts.lr", "lr=float(input())"))
    events_of(root, str(program), tune=True)
    assert "learning_rate" in dict(child.job.tune.fixed)
    assert "weight_decay" not in dict(child.job.tune.fixed)


def test_a_network_of_ones_own_is_trained_on_the_images_of_the_probes(root, child, monkeypatch, nets):
    from builders import arms, network, repair

    monkeypatch.setattr(own_network, "ProbeProcess", engine.ProbeProcess)
    monkeypatch.setattr(own_network, "measure", lambda *_: network())
    child.messages = (NetworkMeasured(arms(0.12, 0.06, repair())),)
    diagnosis = events_of(root, model="nets:build")[-1].diagnosis
    (found,) = [finding for finding in diagnosis.findings if finding.code == "M413"]
    assert found.fix == "Use shortcuts."
    assert (child.job.network.source, len(child.job.train)) == ("nets:build", 40)
    assert 0 < child.job.seconds <= 180


def test_without_probes_its_trainings_are_not_examined_for_that_reason(root, monkeypatch, nets):
    from builders import network

    monkeypatch.setattr(own_network, "measure", lambda *_: network())
    diagnosis = events_of(root, probes=False, model="nets:build")[-1].diagnosis
    assert {gap.why for gap in diagnosis.not_examined if gap.code == "M413"} == {"--no-probes was given"}


STEPS = """\
import torch

net = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    loss = torch.nn.functional.cross_entropy(net(torch.rand(4, 4)), torch.tensor([0, 1, 0, 1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def test_a_program_is_run_although_its_data_cannot_be_read(tmp_path):
    program, data = tmp_path / "train.py", tmp_path / "data"
    program.write_text(STEPS)
    data.mkdir()
    (data / "readme.txt").write_text("no images")
    events = events_of(data, str(program), probes=False, run=True, own_code=True)
    evidence = events[-1].diagnosis.evidence
    assert evidence.ran.steps == 3
    assert evidence.dataset is None
    assert any(gap.code == "data" and "holds no" in gap.why for gap in events[-1].diagnosis.not_examined)
    with pytest.raises(InputError, match="does not exist"):
        events_of(tmp_path / "nowhere", str(program), probes=False, run=True, own_code=True)
    with pytest.raises(InputError, match="holds no"):
        events_of(data, str(program), probes=False)
