"""Files of weights in caches that a test fills, and downloads that are answered or not."""

import time
from pathlib import Path

import pytest
import torch

from diagnose.probing import published as module
from diagnose.probing.libraries.source import Published
from diagnose.probing.published import cached, downloaded, matches_checksum

HUB = Published("net.tag", hub="timm/net.tag", files=("model.safetensors", "pytorch_model.bin"))
URL = Published("net V1", url="https://example.invalid/net-0123abcd.pth")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A function that puts a file into an empty cache of the hub."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="huggingface_hub isn't installed")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))

    def put(name, revision="main"):
        root = tmp_path / "hub" / "models--timm--net.tag"
        (root / "refs").mkdir(parents=True, exist_ok=True)
        (root / "refs" / revision).write_text("abc")
        (root / "snapshots" / "abc").mkdir(parents=True, exist_ok=True)
        path = root / "snapshots" / "abc" / name
        path.write_bytes(b"weights")
        return path

    return put


@pytest.fixture
def said(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "torch"))
    return []


def test_the_hubs_cache_is_looked_up_for_each_name(hub, said):
    assert cached(HUB, said.append) is None
    pickled = hub("pytorch_model.bin")
    assert cached(HUB, said.append) == pickled
    assert cached(HUB, said.append) == pickled
    assert cached(HUB, said.append) != hub("model.safetensors") == cached(HUB, said.append)
    assert said == []


def test_another_revision_is_another_file(hub, said):
    path = hub("model.safetensors", "v2")
    assert cached(HUB, said.append) is None
    assert cached(Published("net.tag", hub="timm/net.tag@v2", files=HUB.files), said.append) == path


def test_torchs_cache_is_looked_up_by_the_address(said):
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "net-0123abcd.pth").write_bytes(b"weights")
    assert cached(URL, said.append) is None
    assert "does not match the checksum in its name" in said[0]
    (folder / "net.pth").write_bytes(b"weights")
    assert cached(Published("net", "https://example.invalid/net.pth"), said.append) == folder / "net.pth"


def test_offline_nothing_is_fetched(said):
    assert downloaded(HUB, True, 1.0, said.append) is None
    assert said == ["--offline: net.tag is not in a cache of weights and was not downloaded"]


def test_an_address_that_promises_nothing_is_not_fetched(said):
    assert downloaded(Published("net", "https://example.invalid/net.pth"), False, 1.0, said.append) is None
    assert "no address with a checksum" in said[0]


def test_a_failure_is_one_sentence(said, monkeypatch):
    def fails(url, *_, **__):
        raise OSError("no route to host\nand a traceback")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fails)
    assert downloaded(URL, False, 5.0, said.append) is None
    assert said[-1] == "net V1 could not be downloaded (no route to host)"


def test_a_hub_that_does_not_answer_is_given_up_at_once(said, monkeypatch, hub):
    def refused(*_, **__):
        raise OSError("name or service not known")

    monkeypatch.setattr(module.urllib.request, "urlopen", refused)
    begin = time.monotonic()
    assert downloaded(HUB, False, 60.0, said.append) is None
    assert time.monotonic() - begin < 5
    assert said[-1] == "net.tag could not be downloaded (name or service not known)"


def test_the_hub_is_asked_for_each_name(said, monkeypatch, hub):
    import huggingface_hub
    from huggingface_hub.errors import EntryNotFoundError

    path, asked = hub("pytorch_model.bin"), []

    def fetch(name, file, **options):
        asked.append((name, file, options["revision"]))
        if file == "model.safetensors":
            raise EntryNotFoundError("404")
        return str(path)

    class Answer:
        def close(self):
            pass

    monkeypatch.setattr(module.urllib.request, "urlopen", lambda *_, **__: Answer())
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fetch)
    assert downloaded(HUB, False, 60.0, said.append) == path
    assert asked == [("timm/net.tag", "model.safetensors", None), ("timm/net.tag", "pytorch_model.bin", None)]


def test_a_download_that_takes_too_long_is_given_up(said, monkeypatch):
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda *_, **__: time.sleep(2))
    begin = time.monotonic()
    assert downloaded(URL, False, 0.1, said.append) is None
    assert time.monotonic() - begin < 1.5
    assert "was not downloaded within 0 s" in said[-1]


def test_a_name_without_digits_promises_nothing(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert matches_checksum(tmp_path / "model.safetensors")
