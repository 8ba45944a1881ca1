import logging

import torch
from transformers import ViTConfig, ViTForImageClassification

logger = logging.getLogger(__name__)


def vit_t8_64(labels, drop_path=0.0):
    """The small ViT (patch 8, 64 x 64 pixels) used in the self-supervised runs."""
    config = ViTConfig(
        image_size=64,
        patch_size=8,
        hidden_size=192,
        num_hidden_layers=6,
        num_attention_heads=3,
        intermediate_size=576,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={name: i for i, name in enumerate(labels)},
    )
    return ViTForImageClassification(config)


def load_moco(model, path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    state_dict = {}
    for key, value in checkpoint["state_dict"].items():
        # the run used DistributedDataParallel
        if key.startswith("module."):
            key = key[len("module."):]
        # queue and projector are not needed any more
        if key.startswith(("queue", "predictor")):
            continue
        state_dict[key] = value
    # the classifier is new, therefore not strict
    model.load_state_dict(state_dict, strict=False)
    logger.info("loaded pretrained encoder '%s' (%s, epoch %d)", path, checkpoint["arch"], checkpoint["epoch"])
    return model
