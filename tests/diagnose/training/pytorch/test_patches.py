"""Networks of patches: their sizes against each other, and against the images."""

import pytest
from small_programs import judged, reading, training

IMAGES = {"train_tf": "T.Compose([T.Resize((32, 32)), T.RandomHorizontalFlip(), T.ToTensor(), norm])"}
OWN = """
class Patches(nn.Module):
    def __init__(self, image_size, patch_size, dim=64):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=patch_size, stride=patch_size)
    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)
class ViT(nn.Module):
    def __init__(self, image_size=32, patch_size=4, num_classes=10, dim=64):
        super().__init__()
        self.patches = Patches(image_size, patch_size, dim)
        self.pos = nn.Parameter(torch.zeros(1, (image_size // patch_size) ** 2, dim))
        self.head = nn.Linear(dim, num_classes)
    def forward(self, x):
        return self.head((self.patches(x) + self.pos).mean(1))
"""
REARRANGED = """
from einops.layers.torch import Rearrange
class ViT(nn.Module):
    def __init__(self, *, img_size, patch_size, dim=64):
        super().__init__()
        self.cut = nn.Sequential(Rearrange('b c (h p) (w q) -> b (h w) (p q c)', p=patch_size, q=patch_size),
                                 nn.Linear(3 * patch_size ** 2, dim))
        self.head = nn.Linear(dim, 10)
    def forward(self, x):
        return self.head(self.cut(x).mean(1))
"""


def found(tmp_path, model, **parts):
    own = OWN if "ViT(" in model and "class" not in model and "vit_pytorch" not in model else ""
    read = reading(tmp_path, training(**{**IMAGES, **parts, "model": f"{own}{model}"}))
    return [(one.subject, one.severity.value) for one in judged(read, "C335")[1]]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("model = ViT(image_size=32, patch_size=12)", [("patches", "error")]),
        ("model = ViT(33, 8)", [("patches", "warning")]),
        ("model = ViT(patch_size=5)", [("patches", "error")]),
        (f"{REARRANGED}model = ViT(img_size=32, patch_size=7)", [("patches", "error")]),
        ("model = ViT(image_size=64, patch_size=8)", [("size", "warning")]),
        ("model = models.vit_b_16(weights=None)", [("size", "error")]),
        ("model = models.vit_b_16(image_size=64)", [("size", "error")]),
        ("import timm\nmodel = timm.create_model('vit_tiny_patch16_224', pretrained=True)", [("size", "error")]),
        ("import timm\nmodel = timm.create_model('swin_tiny_patch4_window7_224.ms_in1k')", [("size", "error")]),
        ("import timm\nmodel = timm.create_model('vit_tiny_patch16_224', img_size=48)", [("size", "error")]),
    ],
)
def test_sizes_that_do_not_fit(tmp_path, model, expected):
    assert found(tmp_path, model) == expected


@pytest.mark.parametrize(
    "model",
    [
        "model = ViT()",
        "model = ViT(image_size=(32, 32), patch_size=(8, 8))",
        f"{REARRANGED}model = ViT(img_size=32, patch_size=8)",
        "model = models.vit_b_16(image_size=32)",
        "import timm\nmodel = timm.create_model('vit_tiny_patch16_224', img_size=32, patch_size=4)",
        "import timm\nmodel = timm.create_model('vit_tiny_patch16_224', dynamic_img_size=True)",
        "import timm\nmodel = timm.create_model('convnext_tiny')",
        "import timm\nmodel = timm.create_model('vit_small_patch14_dinov2.lvd142m')",
        "model = ViT(image_size=int(input()), patch_size=7)",
    ],
)
def test_sizes_that_fit_or_are_not_known(tmp_path, model):
    assert found(tmp_path, model) == []


def test_a_class_that_resizes_what_it_gets_takes_any_size(tmp_path):
    model = OWN.replace("self.patches(x)", "self.patches(F.interpolate(x, 64))") + "model = ViT(image_size=64)"
    assert found(tmp_path, f"pass\n{model}") == []


def test_a_class_that_cuts_its_position_embedding_takes_smaller_images(tmp_path):
    model = OWN.replace("+ self.pos)", "+ self.pos[:, : x.shape[1]])") + "model = ViT(image_size=64)"
    assert found(tmp_path, f"pass\n{model}") == []


def test_batches_that_the_loop_resizes_are_not_judged(tmp_path):
    assert found(tmp_path, "model = models.vit_b_16()", batch="x = F.interpolate(x, 224)") == []
