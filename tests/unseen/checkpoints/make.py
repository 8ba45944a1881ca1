"""make.py ROOT: data sets, trained networks and cases (seeded).
Stages can be run alone: make.py ROOT data|torch|lightning|keras|cases"""
import os, subprocess, sys
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
root = os.path.abspath(sys.argv[1])
stage = sys.argv[2] if len(sys.argv) > 2 else None
os.makedirs(root, exist_ok=True)
if stage is None:
    for s in ("data", "torch", "lightning", "keras", "cases"):
        subprocess.run([sys.executable, os.path.abspath(__file__), root, s], check=True)
elif stage == "cases":
    import cases
    cases.main(root, sys.argv[3:])
else:
    import torch
    torch.set_num_threads(1)
    import nets
    {"data": nets.make_data, "torch": nets.train_torch, "lightning": nets.train_lightning, "keras": nets.train_keras}[stage](root)
