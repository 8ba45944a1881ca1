import pytest
import torch
from torchvision import models

from diagnose.model import InputError
from diagnose.probing.libraries.torchvision import NOT_CLASSIFIERS, Torchvision

TORCHVISION = Torchvision()


def test_it_knows_classifiers_alone():
    assert set(models.list_models(module=models)) <= set(TORCHVISION.names())
    others = [name for name in models.list_models() if not TORCHVISION.knows(name)]
    assert {models.get_model_builder(name).__module__.split(".")[2] for name in others} <= set(NOT_CLASSIFIERS)
    assert {"fasterrcnn_resnet50_fpn", "r3d_18", "quantized_resnet18"} <= set(others)


@pytest.mark.parametrize("arch", ["googlenet", "inception_v3"])
def test_networks_with_auxiliary_outputs_return_logits_alone_while_they_train(arch):
    with torch.device("meta"):
        model = TORCHVISION.model(arch, 5, None).train()
        whole = models.get_model(arch, weights=None, init_weights=False).state_dict()
    assert model(torch.empty(2, 3, 96, 96, device="meta")).shape == (2, 5)
    kept = TORCHVISION.fitted(arch, model, whole)
    assert set(kept) == set(model.state_dict()) < set(whole)


def test_a_vision_transformers_embeddings_are_resampled():
    model = TORCHVISION.model("vit_b_32", 5, 64)
    state = {"encoder.pos_embedding": torch.rand(1, 50, 768)}
    assert TORCHVISION.fitted("vit_b_32", model, state)["encoder.pos_embedding"].shape == (1, 5, 768)


def test_the_default_weights_come_first():
    names = [entry.name for entry in TORCHVISION.published("resnet50", "auto")]
    assert names == ["resnet50 IMAGENET1K_V2", "resnet50 IMAGENET1K_V1"]
    assert [entry.name for entry in TORCHVISION.published("resnet50", "imagenet1k_v1")] == ["resnet50 IMAGENET1K_V1"]
    with pytest.raises(InputError, match="IMAGENET9K aren't weights of resnet50"):
        TORCHVISION.published("resnet50", "IMAGENET9K")
