"""Every program of the corpus is read right: its facts, its faults at their lines, and no error where it is healthy."""

import pytest
from corpus_reading import agrees, findings, grave, read, samples

SAMPLES = samples()


def test_the_corpus_is_as_large_and_as_faulty_as_it_should_be():
    torch = [sample for sample in SAMPLES if sample.name.startswith("pytorch")]
    assert len(torch) >= 40
    assert len([sample for sample in SAMPLES if sample.name.startswith("keras")]) >= 20
    assert sum(sample.healthy for sample in SAMPLES) >= 30


@pytest.fixture(scope="module")
def readings():
    return {sample.name: read(sample) for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_its_facts_are_right(sample, readings):
    config = readings[sample.name].config
    for name, true in sample.facts.items():
        setting = getattr(config, name)
        assert setting.known, f"{name}: {setting.why}"
        assert agrees(true, setting.value), f"{name}: {setting.value}, not {true}"
        assert setting.file
    for name in sample.unknown:
        assert not getattr(config, name).known, name
        assert getattr(config, name).why


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_its_faults_are_found_at_their_lines(sample, readings):
    found = findings(readings[sample.name])
    places = {(one.code, one.location.line) for one in found if one.location}
    assert sample.faults <= places
    marked = {code for code, _ in sample.faults}
    assert [one for one in grave(found) if one.code not in marked] == []
