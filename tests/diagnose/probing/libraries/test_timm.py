import pytest
import torch

from diagnose.model import InputError
from diagnose.probing.libraries.timm import Timm

timm = pytest.importorskip("timm", reason="timm isn't installed")
TIMM = Timm()


def test_tags_are_part_of_a_name():
    assert TIMM.knows("test_vit")
    assert TIMM.knows("timm/test_vit.r160_in1k")
    assert not TIMM.knows("test_vit.no_such_tag")
    assert not TIMM.knows("no_such_net")
    assert "test_vit" in TIMM.names()


@pytest.mark.parametrize("arch", ["test_vit", "test_convnext", "test_efficientnet", "test_resnet"])
def test_small_images_go_through(arch):
    model = TIMM.model(arch, 5, 64).train()
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 5)
    assert TIMM.native(arch) == 160


def test_the_default_weights_come_first_with_their_own_normalisation():
    first, *others = TIMM.published("vit_tiny_patch16_224", "auto")
    assert first.name == "vit_tiny_patch16_224.augreg_in21k_ft_in1k"
    assert first.hub == "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k"
    assert first.files == ("model.safetensors", "pytorch_model.bin")
    assert first.url == ""  # its file of numpy arrays isn't read
    assert (first.mean, first.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert [entry.name for entry in others] == ["vit_tiny_patch16_224.augreg_in21k"]


def test_a_tag_names_its_weights_alone():
    assert [entry.name for entry in TIMM.published("timm/resnet50.a1_in1k", "imagenet")] == ["resnet50.a1_in1k"]
    for option in ("a2_in1k", "resnet50.a2_in1k", "timm/resnet50.a2_in1k"):
        assert [entry.name for entry in TIMM.published("timm/resnet50", option)] == ["resnet50.a2_in1k"]
    with pytest.raises(InputError, match="no weights v9 of test_vit: choose auto, none, a file, or one of r160"):
        TIMM.published("test_vit", "v9")


def test_position_embeddings_are_resampled():
    whole, small = TIMM.model("test_vit", 5, 160), TIMM.model("test_vit", 5, 64)
    fitted = TIMM.fitted("test_vit", small, whole.state_dict())
    assert whole.pos_embed.shape[1] > fitted["pos_embed"].shape[1] == small.pos_embed.shape[1]


def test_a_model_without_a_converter_takes_the_state_as_it_is():
    state = {"fc.weight": torch.rand(2, 2)}
    assert TIMM.fitted("test_resnet", TIMM.model("test_resnet", 2, None), state) == state


@pytest.mark.parametrize(("arch", "tokens"), [("cait_xxs24_224", 16), ("convit_tiny", 16)])
def test_embeddings_that_timm_has_no_converter_for_are_resampled_too(arch, tokens):
    with torch.device("meta"):
        model = TIMM.model(arch, 2, 64)
    fitted = TIMM.fitted(arch, model, {"pos_embed": torch.rand(1, 196, model.embed_dim)})
    assert fitted["pos_embed"].shape == (1, tokens, model.embed_dim)
