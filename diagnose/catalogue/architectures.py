"""The networks that image classifiers are built on: names by family, batch norm, stem, and the input their weights
want."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.catalogue.names import key

# The form of pixels in which ImageNet weights were trained, in Keras's words: caffe (BGR, mean subtracted, 0..255),
# tf (-1..1), torch (0..1, normalised by ImageNet's mean and deviation), built in (0..255, scaled by the network).
CAFFE, TF, TORCH, BUILT_IN = "caffe", "tf", "torch", "built in"


@dataclass(frozen=True)
class Recipe:
    """What a family without batch norm is trained with, as its authors publish it.

    rate: AdamW's learning rate from random weights at batch 1024. fine: the highest usual one of AdamW for pretrained
    layers that all take one rate. sgd_fine: the same of SGD with momentum at batch 512. decay: AdamW's weight decay, on
    weights alone. drop_path: of its base size. attention: whether it learns by attention, which wants more images.
    """

    rate: float
    fine: float
    sgd_fine: float
    decay: float
    drop_path: float
    source: str
    attention: bool = True


@dataclass(frozen=True)
class Architecture:
    """One family of networks.

    prefixes: how the names of its builders begin, letters and digits alone, in torchvision, timm, Keras and Hugging
    Face; the longest that fits counts. batch_norm: whether its members have it, None where only some do.
    stem: the first layer, kernel and stride. input_size: px that torchvision's or Keras's weights were trained at.
    parts: the children in the order of torchvision's __init__, the last of which is the head. timm: the same in timm,
    where the head has another name there. keras: the form of input
    that Keras's weights want, "" where Keras has none. preprocess: Keras's modules with its preprocess_input.
    recipe: of a family that is trained in another way than ResNet.
    """

    family: str
    prefixes: tuple[str, ...]
    batch_norm: bool | None
    stem: str
    input_size: int = 224
    parts: tuple[str, ...] = ("features", "head")
    keras: str = ""
    preprocess: tuple[str, ...] = ()
    timm: tuple[str, ...] = ()
    recipe: Recipe | None = None

    @property
    def stem_stride(self) -> int:
        """By how much the layers ahead of the first stage shrink the image, a pooling among them: 4 or less known."""
        return 4 if self.stem in (SEVEN, DEEP) else 2


RESNET = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc")
POOLED = ("features", "avgpool", "classifier")
SEVEN = "7×7 convolution, stride 2"
DEEP = "three 3×3 convolutions, stride 2"
THREE = "3×3 convolution, stride 2"
PATCHES = "patches of 16 px"

VIT = Recipe(1e-3, 1e-4, 0.06, 0.1, 0.0, "Dosovitskiy et al. 2021, table 3 and B.1.1; Steiner et al. 2022")
DEIT = Recipe(1e-3, 1e-4, 0.06, 0.05, 0.1, "Touvron et al. 2021, tables 8 and 9")
BEIT = Recipe(1e-3, 1e-4, 0.06, 0.05, 0.1, "Bao et al. 2022, appendix: more only with layer decay")
SWIN = Recipe(1e-3, 1e-4, 0.06, 0.05, 0.2, "Liu et al. 2021, A2.1: fine-tuning at 2e-5")
CONVNEXT = Recipe(1e-3, 1e-4, 0.06, 0.05, 0.1, "Liu et al. 2022, tables 5 and 6: fine-tuning at 5e-5", attention=False)
MIXER = Recipe(1e-3, 1e-4, 0.06, 0.1, 0.1, "Tolstikhin et al. 2021, appendix B", attention=False)
HYBRID = Recipe(1e-3, 1e-4, 0.06, 0.05, 0.2, "Dai et al. 2021, Tu et al. 2022, appendices")

ARCHITECTURES = (
    Architecture("ResNet", ("resnet",), True, SEVEN, parts=RESNET, keras=CAFFE,
                 preprocess=("resnet", "resnet50", "imagenet_utils")),
    Architecture("ResNet", ("resnet50v2", "resnet101v2", "resnet152v2"), True, SEVEN, parts=RESNET, keras=TF,
                 preprocess=("resnet_v2", "resnet50v2")),
    Architecture("ResNet-RS", ("resnetrs",), True, DEEP, parts=RESNET, keras=BUILT_IN,
                 preprocess=("resnet_rs",)),
    Architecture("ResNeXt", ("resnext", "seresnext", "seresnet"), True, SEVEN, parts=RESNET),
    Architecture("ResNeSt", ("resnest",), True, DEEP, parts=RESNET),
    Architecture("Wide ResNet", ("wideresnet",), True, SEVEN, parts=RESNET),
    Architecture("VGG", ("vgg",), None, "3×3 convolution, stride 1", parts=POOLED, keras=CAFFE,
                 preprocess=("vgg16", "vgg19"), timm=("features", "pre_logits", "head")),
    Architecture("AlexNet", ("alexnet",), False, "11×11 convolution, stride 4", parts=POOLED),
    Architecture("DenseNet", ("densenet",), True, SEVEN, parts=("features", "classifier"), keras=TORCH,
                 preprocess=("densenet",)),
    Architecture("MobileNet", ("mobilenet",), True, THREE, parts=POOLED, keras=TF, preprocess=("mobilenet",)),
    Architecture("MobileNetV2", ("mobilenetv2",), True, THREE, parts=("features", "classifier"), keras=TF,
                 preprocess=("mobilenet_v2",)),
    Architecture("MobileNetV3", ("mobilenetv3",), True, THREE, parts=POOLED, keras=BUILT_IN,
                 preprocess=("mobilenet_v3",)),
    Architecture("MobileNetV4", ("mobilenetv4",), True, THREE),
    Architecture("MobileViT", ("mobilevit", "mobilevitv2"), True, THREE, 256),
    Architecture("EfficientNet", ("efficientnet", "tfefficientnet"), True, THREE, parts=POOLED, keras=BUILT_IN,
                 preprocess=("efficientnet",)),
    Architecture("EfficientNetV2", ("efficientnetv2", "tfefficientnetv2"), True, THREE, 384, POOLED, BUILT_IN,
                 ("efficientnet_v2",)),
    Architecture("ConvNeXt", ("convnext",), False, "4×4 convolution, stride 4, layer norm", parts=POOLED,
                 keras=BUILT_IN, preprocess=("convnext",), timm=("stem", "stages", "head"), recipe=CONVNEXT),
    Architecture("SqueezeNet", ("squeezenet",), False, THREE, parts=("features", "classifier")),
    Architecture("MnasNet", ("mnasnet",), True, THREE, parts=("layers", "classifier")),
    Architecture("RegNet", ("regnet",), True, THREE, parts=("stem", "trunk_output", "avgpool", "fc"), keras=BUILT_IN,
                 preprocess=("regnet",), timm=("stem", "s1", "s2", "s3", "s4", "head")),
    Architecture("ShuffleNetV2", ("shufflenet",), True, THREE,
                 parts=("conv1", "maxpool", "stage2", "stage3", "stage4", "conv5", "fc")),
    Architecture("GoogLeNet", ("googlenet",), True, SEVEN,
                 parts=("conv1", "maxpool1", "conv2", "conv3", "maxpool2", "inception3a", "inception5b", "avgpool",
                        "dropout", "fc")),
    Architecture("Inception", ("inception",), True, THREE, 299,
                 ("Conv2d_1a_3x3", "Mixed_5b", "Mixed_7c", "AuxLogits", "avgpool", "dropout", "fc")),
    Architecture("Inception", ("inceptionv3", "inceptionresnetv2"), True, THREE, 299,
                 ("Conv2d_1a_3x3", "Mixed_5b", "Mixed_7c", "AuxLogits", "avgpool", "dropout", "fc"), TF,
                 ("inception_v3", "inception_resnet_v2")),
    Architecture("Xception", ("xception",), True, THREE, 299, keras=TF, preprocess=("xception",)),
    Architecture("NASNet", ("nasnet",), True, THREE, keras=TF, preprocess=("nasnet",)),
    Architecture("ViT", ("vit", "visiontransformer", "simplevit"), False, PATCHES,
                 parts=("conv_proj", "encoder", "heads"),
                 timm=("patch_embed", "blocks", "norm", "head"), recipe=VIT),
    Architecture("DeiT", ("deit", "deit3"), False, PATCHES, recipe=DEIT),
    Architecture("BEiT", ("beit", "beitv2"), False, PATCHES, recipe=BEIT),
    Architecture("EVA", ("eva", "eva02"), False, "patches of 14 px", recipe=BEIT),
    Architecture("DINO", ("dino", "dinov2", "dinov3"), False, "patches of 14 px", recipe=VIT),
    Architecture("CaiT", ("cait", "xcit"), False, PATCHES, recipe=DEIT),
    Architecture("CCT", ("cct", "compacttransformer"), False, "convolutions of stride 1", 32, recipe=DEIT),
    Architecture("Swin", ("swin",), False, "patches of 4 px",
                 parts=("features", "norm", "permute", "avgpool", "flatten", "head"), recipe=SWIN),
    Architecture("MaxViT", ("maxvit",), True, THREE, parts=("stem", "blocks", "classifier"),
                 timm=("stem", "stages", "norm", "head"), recipe=HYBRID),
    Architecture("CoAtNet", ("coatnet",), True, THREE, recipe=HYBRID),
    Architecture("Mixer", ("mixer", "resmlp", "gmlp"), False, PATCHES, recipe=MIXER),
)  # fmt: skip

BY_PREFIX = {prefix: one for one in ARCHITECTURES for prefix in one.prefixes}
PREPROCESS = {module: one.keras for one in ARCHITECTURES for module in one.preprocess}


# How a name says that its network is on the Hugging Face hub, in timm's words.
HUB = ("hf_hub:", "hf-hub:")

# The networks of keras.applications, by the name of their builder, and the same ones in torchvision, or in timm where
# the name says so. NASNetMobile and ResNet-RS of other depths have none.
KERAS = {
    "ResNet50": "resnet50", "ResNet101": "resnet101", "ResNet152": "resnet152",
    "ResNet50V2": "timm/resnetv2_50", "ResNet101V2": "timm/resnetv2_101", "ResNet152V2": "timm/resnetv2_152",
    "ResNetRS50": "timm/resnetrs50", "ResNetRS101": "timm/resnetrs101", "ResNetRS152": "timm/resnetrs152",
    "ResNetRS200": "timm/resnetrs200", "ResNetRS270": "timm/resnetrs270", "ResNetRS350": "timm/resnetrs350",
    "ResNetRS420": "timm/resnetrs420",
    "VGG16": "vgg16", "VGG19": "vgg19",
    "DenseNet121": "densenet121", "DenseNet169": "densenet169", "DenseNet201": "densenet201",
    "MobileNet": "timm/mobilenetv1_100", "MobileNetV2": "mobilenet_v2",
    "MobileNetV3Small": "mobilenet_v3_small", "MobileNetV3Large": "mobilenet_v3_large",
    **{f"EfficientNetB{n}": f"efficientnet_b{n}" for n in range(8)},
    **{f"EfficientNetV2B{n}": f"timm/tf_efficientnetv2_b{n}" for n in range(4)},
    "EfficientNetV2S": "efficientnet_v2_s", "EfficientNetV2M": "efficientnet_v2_m",
    "EfficientNetV2L": "efficientnet_v2_l",
    "ConvNeXtTiny": "convnext_tiny", "ConvNeXtSmall": "convnext_small", "ConvNeXtBase": "convnext_base",
    "ConvNeXtLarge": "convnext_large", "ConvNeXtXLarge": "timm/convnext_xlarge",
    "InceptionV3": "inception_v3", "InceptionResNetV2": "timm/inception_resnet_v2",
    "Xception": "timm/legacy_xception", "NASNetLarge": "timm/nasnetalarge",
    **{f"RegNetY{n:03}": f"timm/regnety_{n:03}" for n in (2, 4, 6, 8, 16, 32, 40, 64, 80, 120, 160, 320)},
    **{f"RegNetX{n:03}": f"timm/regnetx_{n:03}" for n in (2, 4, 6, 8, 16, 32, 40, 64, 80, 120, 160, 320)},
}  # fmt: skip
BY_KERAS = {key(name): name for name in KERAS}


def find(name: str | None) -> Architecture | None:
    """The family of a builder's name, such as resnet50, tf_efficientnet_b0 or ResNet50V2; None for any other."""
    if not name:
        return None
    bare = key(without_hub(name).removeprefix("timm/"))
    fitting = [prefix for prefix in BY_PREFIX if bare.startswith(prefix)]
    return BY_PREFIX[max(fitting, key=len)] if fitting else None


def without_hub(name: str) -> str:
    """The name without what says that it is on the hub: timm/resnet50.a1_in1k of hf_hub:timm/resnet50.a1_in1k."""
    return name[len(HUB[0]) :] if name.startswith(HUB) else name


def is_factory(name: str) -> bool:
    """Whether a model's name is package.module:factory, which is somebody's own code."""
    return ":" in name and not name.startswith(HUB)


def counterpart(name: str) -> tuple[str, str] | None:
    """Of a network of keras.applications, in any case: its own name, and that of the same network in torchvision, or
    in timm where it begins with timm/; None where there is none."""
    own = BY_KERAS.get(key(name))
    return (own, KERAS[own]) if own else None
