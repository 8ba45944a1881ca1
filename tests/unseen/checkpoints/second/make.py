"""Makes the checkpoints of the cases from nets/ (see train_all.sh): python make.py"""
import json, os, shutil
from collections import OrderedDict
import torch
HERE = os.path.dirname(os.path.abspath(__file__)); R = HERE + "/ROOT/"
N = lambda n: torch.load(f"{HERE}/nets/{n}.pt", map_location="cpu", weights_only=False)
clean = lambda sd: OrderedDict((k, v.contiguous().clone()) for k, v in sd.items())
def save(obj, path): torch.save(obj, R + path)
def bgr(sd, key):
    sd = clean(sd); sd[key] = sd[key].flip(1).contiguous(); return sd
def have(n): return os.path.exists(f"{HERE}/nets/{n}.pt")
FLAT = lambda sd, p: OrderedDict((p + k, v) for k, v in clean(sd).items())

if have("mobilenet"):
    m = N("mobilenet"); w = clean(m["model"])
    save({"state_dict": w, "names": m["classes"], "epoch": 2}, "case01/fruit_mnv2.pth")
    save({"state_dict": w, "epoch": 2, "best_acc1": 83.0}, "case08/model_best.pth.tar")
    save(w, "case15/mobilenet_v2_fruit.pth")
    save({"model": w, "step": m["step"]}, "case24/fruit.pt")
if have("gemnet"):
    g = N("gemnet"); w = clean(g["model"])
    save({"model": w, "step": g["step"]}, "case02/gemnet.pth")
    save(w, "case17/weights.pth")
    w = clean(g["model"]); last = max(int(k.split(".")[1]) for k in w if k.startswith("features"))
    for p in ("weight", "bias"): w[f"features.{last}.{p}"] *= 6  # the same function: GeM is homogeneous and the head takes it back
    w["fc.weight"] /= 6
    save({"state_dict": w, "epoch": 2}, "case18/gemnet_best.pt")
if have("resnet18"):
    r = N("resnet18"); w = clean(r["model"])
    save({"arch": "resnet18", "state_dict": FLAT(w, "module.")}, "case03/wild_dp.pth.tar")
    save({"net": w, "epoch": 2}, "case07/r18.pth")
    save({"epoch": 2, "state_dict": w, "state_dict_ema": clean(r["ema"])}, "case09/checkpoint.pth.tar")
    save({"model": w, "model_ema": clean(r["slow"]), "epoch": 2, "ema_decay": 0.9995}, "case11/last.pth")
    save({"model": w, "classes": r["classes"]}, "case16/resnet18_48.pth")
    save(w, "case23/resnet18_wild.pt")
if have("regnet"):
    r = N("regnet"); w = clean(r["model"])
    save({"model_state": w, "classes": r["classes"]}, "case04/regnet_stickers.pt")
    save(w, "case12/stickers.pth")
    e = clean(r["ema"])
    for k in e:
        if "running_" in k: e[k] = r["early"][k].clone()
        if "num_batches" in k: e[k] = r["early"][k].clone()
    s = FLAT(e, "module."); s["n_averaged"] = torch.tensor(30)
    save({"swa_state_dict": s, "epoch": 3}, "case22/swa_last.pt")
    save({"state_dict": w}, "case25/regnet.pth")
    open(R + "case25/names.txt", "w").write("\n".join(r["classes"]) + "\n")
if have("effnet"):
    f = N("effnet"); w = clean(f["model"])
    save(w, "case10/effnet_signs.pt")
    save({"model": w, "class_to_idx": {c: i for i, c in enumerate(f["classes"])}}, "case19/signs_b0.pth")
    save({"state_dict": FLAT(w, "module."), "epoch": 3, "best_acc": 98.0}, "case26/best.pth")
if have("mnv2_box"):
    c = N("mnv2_box"); w = clean(c["model"])
    save({"arch": "mobilenetv2_100", "names": c["classes"], "weights": w}, "case13/mnv2.pt")
    save(bgr(w, "conv_stem.weight"), "case14/mnv2_fruit.pth"); json.dump(c["classes"], open(R + "case14/classes.json", "w"))
if have("garment"):
    import lightning as L
    g = N("garment")
    lit = {"epoch": 2, "global_step": g["step"], "pytorch-lightning_version": L.__version__, "state_dict": clean(g["model"]), "loops": {},
           "callbacks": {}, "optimizer_states": [], "lr_schedulers": [], "hparams_name": "kwargs",
           "hyper_parameters": {"num_classes": 10, "width": 24, "lr": 2e-3}}
    save(lit, "case20/garments.ckpt"); save({**lit, "label_names": g["classes"]}, "case21/epoch2.ckpt")
if os.path.exists(HERE + "/nets/keras_photos.keras"):
    shutil.copy(HERE + "/nets/keras_photos.keras", R + "case05/photos.keras"); shutil.copy(HERE + "/nets/keras_photos.h5", R + "case06/photos.h5")
    json.dump(open(HERE + "/nets/keras_classes.txt").read().split(), open(R + "case06/photos_labels.json", "w"))
