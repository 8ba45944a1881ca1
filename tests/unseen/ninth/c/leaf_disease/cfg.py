import argparse
from types import SimpleNamespace

import yaml


def _space(d):
    return SimpleNamespace(**{k: _space(v) if isinstance(v, dict) else v for k, v in d.items()})


def read():
    ap = argparse.ArgumentParser()
    ap.add_argument("-c", "--cfg", default="b3.yaml")
    ap.add_argument("--set", nargs="*", default=[], metavar="SECTION.KEY=VALUE",
                    help="overrides, e.g. --set train.lr=0.001")
    args = ap.parse_args()
    with open(args.cfg) as f:
        tree = yaml.safe_load(f)
    for item in args.set:
        key, _, value = item.partition("=")
        section, name = key.split(".")
        if name not in tree[section]:
            ap.error("unknown setting " + key)
        tree[section][name] = yaml.safe_load(value)
    return _space(tree)
