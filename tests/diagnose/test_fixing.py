import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from diagnose.config.edit import CannotEdit, edits
from diagnose.config.read import read_configuration
from diagnose.controls import Controls
from diagnose.engine import Request, diagnose
from diagnose.events import Finished
from diagnose.fixing import is_gone, patches, whole_patch
from diagnose.model import Evidence, InputError
from diagnose.registry import load_checks

CORPUS = Path(__file__).parents[1] / "corpus"
SICK = "method: transfer\nweights: none\nlearning_rate: 1000\noptimizer: sgd\nbatch_size: 2\n"


def diagnosis_of(path):
    events = diagnose(Request(None, str(path), probes=False), Controls(threading.Event()))
    (last,) = [event for event in events if isinstance(event, Finished)]
    return last.diagnosis


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


def offered():
    """Every finding of the corpus for whose program a patch is offered."""
    checks = load_checks()
    for path in sorted(CORPUS.rglob("*.py")):
        try:
            reading = read_configuration(str(path))
        except InputError:
            continue
        evidence = Evidence(configuration=reading.config, code=reading.program)
        for check in checks.values():
            for finding in check.run(evidence)[2]:
                try:
                    if finding.changes and edits(str(path), finding.changes):
                        yield path, finding
                except CannotEdit:
                    continue


def test_every_patch_of_the_corpus_mends_its_fault_and_brings_no_other(tmp_path):
    checks = load_checks()

    def found(path):
        reading = read_configuration(str(path))
        evidence = Evidence(configuration=reading.config, code=reading.program)
        return {one.fingerprint: one.code for check in checks.values() for one in check.run(evidence)[2]}

    mended = set()
    for number, (path, finding) in enumerate(offered()):
        folder = tmp_path / str(number)
        shutil.copytree(path.parent, folder)
        copy = folder / path.name
        before = found(copy)
        for edit in edits(str(copy), finding.changes):
            edit.write()
        after = found(copy)
        assert finding.fingerprint not in after, (path, finding.code)
        new = {code for mark, code in after.items() if mark not in before}
        # Pretrained weights want their own preprocessing, which random ones did not.
        assert new <= ({"N203"} if finding.code == "C301" else set()), (path, finding.code)
        mended.add(finding.code)
    assert mended >= {"C301", "C302", "C312"}
