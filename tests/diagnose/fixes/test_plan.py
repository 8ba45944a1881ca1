import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from diagnose.controls import Controls
from diagnose.engine import Request, diagnose
from diagnose.events import Finished
from diagnose.fixes.draft import Draft
from diagnose.fixes.plan import fix_all, is_gone, patches
from diagnose.model import InputError

CORPUS = Path(__file__).parents[2] / "corpus"
SICK = "method: transfer\nweights: none\nlearning_rate: 1000\noptimizer: sgd\nbatch_size: 2\n"


def diagnosis_of(path):
    events = diagnose(Request(None, str(path), probes=False), Controls(threading.Event()))
    (last,) = [event for event in events if isinstance(event, Finished)]
    return last.diagnosis


def whole_patch(config, diagnosis):
    """All edits, and what is left with the reason."""
    with Draft(config) as draft:
        left = fix_all(draft, diagnosis)
        return draft.edits, left


@pytest.fixture
def sick(tmp_path):
    path = tmp_path / "sick.yaml"
    path.write_text(SICK)
    return path


def test_all_that_can_be_mended_is_one_patch(sick):
    diagnosis = diagnosis_of(sick)
    ((edit,), left) = whole_patch(str(sick), diagnosis)
    assert edit.after == SICK.replace("none", "imagenet").replace("1000", "0.1")
    assert set(left) == {"C315"}
    assert set(patches(str(sick), diagnosis)) == {one.fingerprint for one in diagnosis.findings if one.changes}


def test_the_patch_is_one_that_git_applies(sick, monkeypatch):
    monkeypatch.chdir(sick.parent)
    ((edit,), _) = whole_patch(str(sick), diagnosis_of(sick))
    subprocess.run(["git", "apply", "-"], input=edit.diff, text=True, check=True, cwd=sick.parent)
    assert sick.read_text() == edit.after
    assert [finding.code for finding in diagnosis_of(sick).findings] == ["C315"]


def test_a_finding_is_gone_only_with_what_mends_it(sick):
    diagnosis = diagnosis_of(sick)
    steep = next(finding for finding in diagnosis.findings if finding.code == "C302")
    assert is_gone(steep, diagnosis.evidence, str(sick), steep.changes)
    assert not is_gone(steep, diagnosis.evidence, str(sick), {"learning_rate": 900.0})


FAULTY = [path for path in sorted(CORPUS.rglob("*.py")) if "# fault:" in path.read_text()]


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_patch_of_a_faulty_program_mends_what_it_says_and_brings_nothing(path, tmp_path, monkeypatch):
    folder = tmp_path / "there"
    shutil.copytree(path.parent, folder)
    copy = folder / path.name
    monkeypatch.chdir(folder)
    try:
        before = diagnosis_of(copy)
    except InputError as fault:  # a part of a program
        pytest.skip(str(fault))
    made, left = whole_patch(copy.name, before)
    if made:
        text = "".join(edit.diff for edit in made)
        subprocess.run(["git", "apply", "-"], input=text, text=True, check=True, cwd=folder)
    assert all(edit.path.read_text() == edit.after for edit in made)
    after = diagnosis_of(copy)
    new = {one.fingerprint for one in after.findings} - {one.fingerprint for one in before.findings}
    assert {one.code for one in after.findings if one.fingerprint in new} <= (
        {"N203", "N207"} if "C301" not in left else set()
    )
    assert {one.code for one in after.findings} == set(left)
    assert {one.code for one in before.findings} - set(left) >= MENDED.get(path.name, set())


MENDED = {
    "c301_transfer_learning.py": {"C301"},
    "c302_rate.py": {"C302"},
    "c307_softmax.py": {"C307"},
    "c307_from_logits.py": {"C307"},
    "c308_nll.py": {"C308"},
    "c308_single_softmax.py": {"C308"},
    "c310_no_clear.py": {"C310"},
    "c311_no_eval.py": {"C311"},
    "c312_unshuffled.py": {"C312"},
    "c312_old_api.py": {"C312", "C320", "C321"},
    "c314_per_batch.py": {"C314"},
    "c322_plain_scratch.py": {"C320", "C321"},
    "c323_kept_loss.py": {"C323"},
    "c327_cleared.py": {"C327"},
    "faulty_binary.py": {"C308", "C327", "N204"},
    "faulty_iterations.py": {"C307", "C311", "N208"},
    "faulty_steps.py": {"C311", "C323", "N206"},
    "n203_not_normalised.py": {"N203"},
    "n210_order.py": {"N210"},
}


def test_pretrained_weights_come_with_their_normalisation(tmp_path):
    path = tmp_path / "train.py"
    healthy = (CORPUS / "pytorch" / "n203_not_normalised.py").read_text()
    path.write_text('"""Transfer learning."""\n' + healthy.replace("models.ResNet50_Weights.DEFAULT", "None"))
    ((edit,), left) = whole_patch(str(path), diagnosis_of(path))
    assert 'weights="DEFAULT"' in edit.after
    assert edit.after.count("Normalize(mean=[0.485, 0.456, 0.406]") == 2
    assert not {"C301", "N203"} & set(left)
