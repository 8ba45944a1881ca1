"""The optimizers that image classifiers are trained with: names, defaults, usual learning rates, memory.

To add one, add an entry to `OPTIMIZERS` below. Readers, the schema of configuration files, the checks of learning
rates, the probes and the forecast all take it from here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from diagnose.catalogue.names import index, key
from diagnose.catalogue.optimizer import Defaults, Family, Optimizer

__all__ = ["Defaults", "Family", "Optimizer", "canonical", "find", "takes_momentum"]

GOYAL = "Goyal et al. 2017, fine-tuning: Li et al. 2020; lower end: a tenth of the usual 0.001 for fine-tuning"
KINGMA = "Kingma and Ba 2015, Loshchilov and Hutter 2019; lower end: a tenth of the usual 1e-4 for fine-tuning"
BETAS = ("betas", "eps")
KERAS_EPS = (("eps", 1e-7),)
NOT_IN_TORCH = "it isn't in torch.optim"


LIKE_ADAM = Optimizer(
    name="", display="", spellings="", family=Family.ADAPTIVE, band=(1e-5, 1e-3), fine=1e-3, source=KINGMA, start=1e-3,
    states=2, defaults=Defaults(1e-3), own=BETAS,
)  # fmt: skip
LIKE_SGD = Optimizer(
    name="", display="", spellings="", family=Family.SGD, band=(1e-4, 0.1), fine=0.01, source=GOYAL, start=0.01,
    states=1, defaults=Defaults(1e-3, momentum=0.0), momentum=True, own=("nesterov", "dampening"),
)  # fmt: skip
_adam_like, _sgd_like = partial(replace, LIKE_ADAM), partial(replace, LIKE_SGD)

OPTIMIZERS = (
    _sgd_like(
        name="sgd",
        display="SGD",
        spellings=(
            "SGD FusedSGD SGD8bit SGD32bit momentum nesterov bnbsgd bnbsgd8bit nesterov_momentum "
            "gradient_descent GradientDescentOptimizer MomentumOptimizer sgd_torch"
        ),
        keras=Defaults(0.01, momentum=0.0),
        timm=(("nesterov", True),),
        torch="SGD",
    ),
    _sgd_like(name="sgdw", display="SGDW", spellings="SGDW sgdc csgdw", unsupported=NOT_IN_TORCH),
    _sgd_like(
        name="sgdp",
        display="SGDP",
        spellings="SGDP csgdp",
        unsupported=NOT_IN_TORCH,
        source="Heo et al. 2021 (AdamP): SGD's",
    ),
    _sgd_like(
        name="asgd",
        display="ASGD",
        spellings="ASGD",
        defaults=Defaults(0.01),
        momentum=False,
        own=("lambd", "alpha", "t0"),
        torch="ASGD",
    ),
    _adam_like(
        name="adam",
        display="Adam",
        spellings=(
            "Adam FusedAdam Adam8bit Adam32bit PagedAdam PagedAdam8bit bnbadam bnbadam8bit AdamOptimizer adam_torch"
        ),
        own=(*BETAS, "amsgrad"),
        keras=Defaults(1e-3, own=KERAS_EPS),
        torch="Adam",
    ),
    _adam_like(
        name="adamw",
        display="AdamW",
        spellings=(
            "AdamW FusedAdamW AdamW8bit AdamW32bit PagedAdamW PagedAdamW8bit PagedAdamW32bit AdamWLegacy "
            "bnbadamw bnbadamw8bit adamc cadamw adamw_torch adamw_hf adamw_torch_fused adamw_torch_xla "
            "adamw_torch_npu_fused adamw_apex_fused adamw_anyprecision adamw_bnb_8bit adamw_8bit "
            "adamw_torch_4bit adamw_torch_8bit paged_adamw_32bit paged_adamw_8bit AdamWeightDecay"
        ),
        own=(*BETAS, "amsgrad"),
        defaults=Defaults(1e-3, 0.01),
        keras=Defaults(1e-3, 0.004, own=KERAS_EPS),
        torch="AdamW",
    ),
    _adam_like(
        name="nadam",
        display="NAdam",
        spellings="NAdam Nadam NAdamLegacy",
        defaults=Defaults(2e-3),
        keras=Defaults(1e-3, own=KERAS_EPS),
        own=(*BETAS, "momentum_decay"),
        torch="NAdam",
    ),
    _adam_like(
        name="nadamw",
        display="NAdamW",
        spellings="NAdamW nadamc cnadamw",
        defaults=Defaults(1e-3, 0.01),
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="radam",
        display="RAdam",
        spellings="RAdam RAdamLegacy RectifiedAdam",
        torch="RAdam",
        source="Liu et al. 2020: Adam's",
    ),
    _adam_like(name="radamw", display="RAdam with decoupled decay", spellings="radamw", unsupported=NOT_IN_TORCH),
    _adam_like(
        name="adamax",
        display="Adamax",
        spellings="Adamax AdaMax",
        band=(1e-5, 2e-3),
        fine=2e-3,
        start=2e-3,
        defaults=Defaults(2e-3),
        keras=Defaults(1e-3, own=KERAS_EPS),
        torch="Adamax",
        source="Kingma and Ba 2015, section 7.1: 0.002",
    ),
    _adam_like(
        name="adamp",
        display="AdamP",
        spellings="AdamP cadamp",
        unsupported=NOT_IN_TORCH,
        source="Heo et al. 2021: Adam's",
    ),
    _adam_like(
        name="adabelief",
        display="AdaBelief",
        spellings="AdaBelief AdaBeliefOptimizer radabelief",
        unsupported=NOT_IN_TORCH,
        source="Zhuang et al. 2020: Adam's",
    ),
    _adam_like(
        name="adan",
        display="Adan",
        spellings="Adan AdanW cadan cadanw",
        band=(1e-5, 1e-2),
        fine=1e-2,
        states=3,
        source="Xie et al. 2024: five to ten times AdamW's",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="adopt",
        display="ADOPT",
        spellings="Adopt AdoptW adoptc cadopt cadoptw",
        unsupported=NOT_IN_TORCH,
        source="Taniguchi et al. 2024: Adam's",
    ),
    _adam_like(
        name="novograd",
        display="NovoGrad",
        spellings="NvNovoGrad FusedNovoGrad novogradw novogradc",
        band=(1e-4, 0.02),
        fine=0.01,
        states=1,
        start=0.01,
        source="Ginsburg et al. 2019",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="ranger",
        display="Ranger",
        spellings="Ranger Ranger21",
        states=3,
        source="RAdam's, which it wraps",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="schedule_free_adamw",
        display="Schedule-Free AdamW",
        spellings="ScheduleFreeAdamW AdamWScheduleFree schedule_free_radam",
        band=(1e-5, 1e-2),
        fine=1e-2,
        defaults=Defaults(2.5e-3),
        source="Defazio et al. 2024: one to ten times AdamW's",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="ademamix",
        display="AdEMAMix",
        spellings="AdEMAMix ademamix_8bit paged_ademamix_32bit paged_ademamix_8bit",
        states=3,
        source="Pagliardini et al. 2024: AdamW's",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="adahessian",
        display="AdaHessian",
        spellings="Adahessian",
        band=(1e-4, 0.15),
        fine=0.01,
        start=0.1,
        defaults=Defaults(0.1),
        source="Yao et al. 2021",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="laprop",
        display="LaProp",
        spellings="LaProp lapropc claprop",
        defaults=Defaults(4e-4),
        unsupported=NOT_IN_TORCH,
        source="Ziyin et al. 2020: Adam's",
    ),
    _adam_like(
        name="madgrad",
        display="MADGRAD",
        spellings="MADGRAD madgradw",
        band=(1e-5, 1e-2),
        fine=1e-3,
        defaults=Defaults(1e-2),
        momentum=True,
        states=3,
        source="Defazio and Jelassi 2021",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="mars",
        display="MARS",
        spellings="Mars cmars",
        band=(1e-5, 6e-3),
        fine=3e-3,
        defaults=Defaults(3e-3),
        states=3,
        source="Yuan et al. 2024",
        unsupported=NOT_IN_TORCH,
    ),
    _adam_like(
        name="kron",
        display="PSGD Kron",
        spellings="Kron KronW kronc",
        unsupported=NOT_IN_TORCH,
        source="timm's default",
    ),
    _adam_like(
        name="rmsprop",
        display="RMSprop",
        spellings=(
            "RMSprop RMSpropTF rmsproptfw rmsproptfc crmsproptf RMSprop8bit RMSPropOptimizer rmsprop_bnb "
            "rmsprop_bnb_8bit rmsprop_bnb_32bit"
        ),
        defaults=Defaults(1e-2, momentum=0.0),
        momentum=True,
        states=1,
        own=("alpha", "eps", "centered"),
        keras=Defaults(1e-3, momentum=0.0, own=(("alpha", 0.9), *KERAS_EPS)),
        timm=(("alpha", 0.9),),
        torch="RMSprop",
        source="Hinton's lecture 6e: 0.001; lower end as Adam's",
    ),
    _adam_like(
        name="adagrad",
        display="Adagrad",
        spellings="Adagrad Adagrad8bit AdagradOptimizer",
        band=(1e-4, 1e-2),
        fine=1e-2,
        start=1e-2,
        states=1,
        defaults=Defaults(1e-2),
        own=("lr_decay", "initial_accumulator_value", "eps"),
        keras=Defaults(1e-3, own=(("initial_accumulator_value", 0.1), *KERAS_EPS)),
        torch="Adagrad",
        source="Duchi et al. 2011; torch's default 0.01",
    ),
    _adam_like(
        name="ftrl",
        display="FTRL",
        spellings="Ftrl FtrlOptimizer",
        band=(1e-4, 0.1),
        fine=0.01,
        unsupported=NOT_IN_TORCH,
        own=(),
        source="McMahan et al. 2013; Keras's default 0.001",
    ),
    _adam_like(
        name="adafactor",
        display="Adafactor",
        spellings="Adafactor AdafactorBigVision adafactorbv adafactorbvc cadafactor cadafactorbv cadafactorbvc",
        band=(1e-5, 1e-2),
        fine=1e-3,
        start=1e-2,
        states=0,
        defaults=Defaults(1e-2),
        own=("beta2_decay", "d"),
        keras=Defaults(1e-3),
        torch="Adafactor",
        source="Shazeer and Stern 2018: relative steps of at most 0.01",
    ),
    _adam_like(
        name="lion",
        display="Lion",
        spellings=(
            "Lion lionc clion clionc Lion8bit Lion32bit PagedLion PagedLion8bit PagedLion32bit lion_8bit "
            "lion_32bit paged_lion_32bit paged_lion_8bit"
        ),
        band=(1e-6, 3e-4),
        fine=3e-4,
        start=1e-4,
        states=1,
        defaults=Defaults(1e-4),
        own=("betas",),
        keras=Defaults(1e-3),
        source="Chen et al. 2023: a third to a tenth of AdamW's",
    ),
    Optimizer(
        name="muon",
        display="Muon",
        spellings="Muon nmuon AdaMuon nadamuon SingleDeviceMuon",
        family=Family.LAYERWISE,
        band=(1e-4, 0.05),
        fine=0.02,
        source="Jordan et al. 2024: 0.02; torch's default 0.001",
        start=0.02,
        states=1,
        defaults=Defaults(1e-3, 0.1, 0.95),
        keras=Defaults(1e-3, 0.004, 0.95),
        momentum=True,
        own=("nesterov", "ns_steps", "eps"),
        unsupported="torch.optim.Muon takes matrices alone, and a convolution's weights have four axes",
    ),
    Optimizer(
        name="lamb",
        display="LAMB",
        spellings="LAMB Lamb FusedLAMB FusedMixedPrecisionLamb lambc lambw lambcw lambcd clamb clambw LAMB8bit",
        family=Family.LAYERWISE,
        band=(1e-5, 4e-3),
        fine=2e-3,
        start=1e-3,
        states=2,
        defaults=Defaults(1e-3, 0.01),
        keras=Defaults(1e-3),
        own=BETAS,
        unsupported=NOT_IN_TORCH,
        source="You et al. 2020; Wightman et al. 2021: 0.005 to 0.008 at batch 2048",
    ),
    Optimizer(
        name="lars",
        display="LARS",
        spellings="LARS Lars larc nlars nlarc LARS8bit",
        family=Family.LAYERWISE,
        band=(0.01, 5.0),
        fine=0.5,
        start=0.5,
        states=1,
        defaults=Defaults(1.0, momentum=0.0),
        momentum=True,
        own=("nesterov", "dampening"),
        unsupported=NOT_IN_TORCH,
        source="You et al. 2017; Grill et al. 2020: 0.2 to 0.3 at batch 256 without a trust coefficient of 0.001",
    ),
    Optimizer(
        name="adadelta",
        display="Adadelta",
        spellings="Adadelta AdadeltaOptimizer",
        family=Family.RATE_FREE,
        band=(0.01, 1.0),
        fine=1.0,
        start=1.0,
        states=2,
        defaults=Defaults(1.0),
        own=("rho", "eps"),
        keras=Defaults(1e-3, own=(("rho", 0.95), ("eps", 1e-7))),
        torch="Adadelta",
        source="Zeiler 2012, which has no learning rate: 1 is its step, and Keras's default 0.001 a thousandth",
    ),
    Optimizer(
        name="rprop",
        display="Rprop",
        spellings="Rprop",
        family=Family.RATE_FREE,
        band=(1e-5, 0.1),
        fine=0.01,
        start=0.01,
        states=2,
        defaults=Defaults(0.01),
        decay=False,
        own=("etas", "step_sizes"),
        torch="Rprop",
        source="Riedmiller and Braun 1993: the first step only; torch's default 0.01",
    ),
    Optimizer(
        name="lbfgs",
        display="L-BFGS",
        spellings="LBFGS L-BFGS",
        family=Family.RATE_FREE,
        band=(1e-3, 1.0),
        fine=1.0,
        start=1.0,
        states=200,
        defaults=Defaults(1.0),
        decay=False,
        own=("max_iter", "history_size"),
        unsupported="it evaluates the loss several times a step",
        source="Liu and Nocedal 1989: 1",
    ),
    Optimizer(
        name="prodigy",
        display="Prodigy",
        spellings="Prodigy DAdaptAdam DAdaptation DAdaptSGD",
        family=Family.RATE_FREE,
        band=(0.1, 1.0),
        fine=1.0,
        start=1.0,
        states=4,
        defaults=Defaults(1.0),
        own=BETAS,
        unsupported=NOT_IN_TORCH,
        source="Mishchenko and Defazio 2024: 1",
    ),
    Optimizer(
        name="lookahead",
        display="Lookahead",
        spellings="Lookahead",
        family=Family.ADAPTIVE,
        band=(1e-5, 0.1),
        fine=0.01,
        start=1e-3,
        states=3,
        defaults=Defaults(),
        unsupported=NOT_IN_TORCH,
        wraps=True,
        source="Zhang et al. 2019: that of the optimizer within",
    ),
)

BY_KEY = index(OPTIMIZERS)
# Classes as programs write them. One that begins in lower case is a word of a settings file, not a class.
CLASSES = frozenset(name for one in OPTIMIZERS for name in (one.display, *one.names) if name[:1].isupper())
# Functions that make an optimizer by its name.
FACTORIES = ("create_optimizer", "create_optimizer_v2")


def find(name: str | None) -> Optimizer | None:
    """The optimizer of that name, by any of its spellings; None for one that is not in the catalogue."""
    return BY_KEY.get(key(name)) if name else None


def canonical(name: str) -> str:
    """The catalogue's name of an optimizer; the given name in lower case where it isn't in the catalogue."""
    entry = find(name)
    return entry.name if entry else name.lower()


def takes_momentum(name: str) -> bool:
    """Whether the optimizer has one momentum as an argument; False for one that is not in the catalogue."""
    entry = find(name)
    return entry is not None and entry.momentum
