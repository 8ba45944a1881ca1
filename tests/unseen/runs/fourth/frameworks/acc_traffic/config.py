from dataclasses import dataclass, fields


@dataclass
class Config:
    csv: str = "annotations.csv"
    images: str = "frames"
    size: int = 64
    val_share: float = 0.2
    balance: bool = True
    batch_size: int = 32
    epochs: int = 40
    lr: float = 3e-4
    weight_decay: float = 0.02
    width: float = 0.5
    workers: int = 0
    seed: int = 2024
    out: str = "traffic_out"

    @classmethod
    def from_args(cls, argv):
        """--name value pairs; the type is that of the default"""
        cfg, known = cls(), {f.name: type(f.default) for f in fields(cls)}
        it = iter(argv)
        for flag in it:
            name = flag.lstrip("-").replace("-", "_")
            if name not in known:
                raise SystemExit(f"unknown option {flag}; known are {sorted(known)}")
            text = next(it)
            setattr(cfg, name, text.lower() in ("1", "true", "yes") if known[name] is bool else known[name](text))
        return cfg
