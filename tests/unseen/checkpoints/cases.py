"""Cases: writes, measures and keeps them. A case = program + one edit, or the checkpoint spoilt."""
import contextlib, glob, io, json, os, random, re, runpy, shutil, sys, time, traceback, warnings
warnings.filterwarnings("ignore")
import numpy as np
import torch, yaml
import modules
from programs import P

torch.set_num_threads(1)
ARCH = {"A": "SmallNet (own module smallnet.py)", "B": "SmallNet (own module smallnet.py)", "C": "resnet18 (torchvision)", "D": "mobilenet_v3_small (torchvision)",
        "E": "shufflenet_v2_x0_5 (torchvision)", "F": "resnet10t (timm)", "F2": "resnet10t (timm)", "G": "mobilenetv3_small_050 (timm)", "H": "VisionTransformer 32/4 (timm)",
        "I": "squeezenet1_1 (torchvision)", "J": "small residual net, LightningModule (own module lit.py)", "K": "Keras CNN (.keras)", "L": "Keras CNN (.h5)", "M": "shufflenet_v2_x0_5 (torchvision)"}
DATA = {"A": "cifar", "B": "cifar", "C": "fashion", "D": "fashion", "E": "cifar", "F": "cifar", "F2": "cifar", "G": "stamps", "H": "fashion", "I": "stamps", "J": "cifar", "K": "stamps", "L": "cifar", "M": "stamps"}
NORM_A = "        transforms.Normalize(MEAN, STD),\n"

# (program, kind, sentence, edits or None, checkpoint variant)
X = []


def x(prog, kind, text, *edits, ckpt="good", args=None):
    X.append(dict(prog=prog, kind=kind, text=text, edits=edits, ckpt=ckpt, args=args))


# channel order
x("A1", "channel_order", "Trained on RGB, the program hands the network BGR pictures.", ('    return Image.open(path).convert("RGB")', '    r, g, b = Image.open(path).convert("RGB").split()\n    return Image.merge("RGB", (b, g, r))'))
x("B1", "channel_order", "Trained on RGB, the program flips the channels to BGR.", ("        arr = np.array(img)\n", "        arr = np.array(img)[:, :, ::-1]\n"), ("torch.from_numpy(arr)", "torch.from_numpy(arr.copy())"))
x("E1", "channel_order", "Trained on BGR (caffe), the program evaluates RGB (the flip is missing).", ("    a = a[:, :, ::-1]\n", ""))
x("E2", "channel_order", "Trained on BGR, the training script's loader now gives RGB.", ("    return rgb[..., ::-1]", "    return rgb"))
x("F1", "channel_order", "Trained on RGB, the loader gives BGR.", ('        return Image.open(f).convert("RGB")', '        img = Image.open(f).convert("RGB")\n        return Image.fromarray(np.array(img)[:, :, ::-1])'), ("import timm\n", "import numpy as np\nimport timm\n"))
x("G1", "channel_order", "Trained on RGB, the program evaluates BGR.", ('    image = Image.open(path).convert("RGB")\n', '    image = Image.open(path).convert("RGB")\n    image = Image.merge("RGB", image.split()[::-1])\n'))
x("M1", "channel_order", "Trained on RGB, the transform flips the channels.", ("        transforms.ToTensor(),\n", "        transforms.ToTensor(),\n        transforms.Lambda(lambda t: t.flip(0)),\n"))
x("K1", "channel_order", "Trained on RGB, the pictures are turned to BGR.", ("xs.append(keras.utils.img_to_array(img))", "xs.append(keras.utils.img_to_array(img)[..., ::-1])"))
x("L1", "channel_order", "Trained on RGB, the program evaluates BGR.", ("    x = np.asarray(img, dtype=np.float32)\n", "    x = np.asarray(img, dtype=np.float32)[:, :, ::-1]\n"))
# normalisation
x("A1", "normalisation", "The normalisation by mean and std is left out.", (NORM_A, ""))
x("A2", "normalisation", "Pictures stay at 0..255 (not divided by 255) before mean and std.", ("val_tf = T.Compose([\n    T.Resize((32, 32)),\n    T.ToTensor(),\n", "val_tf = T.Compose([\n    T.Resize((32, 32)),\n    T.PILToTensor(),\n    T.ConvertImageDtype(torch.float32),\n    T.Lambda(lambda t: t * 255),\n"))
x("A3", "normalisation", "Normalised twice: while reading and again in front of the network.", ("    return torch.from_numpy(x).permute(2, 0, 1)", "    x = (x - np.float32([0.4914, 0.4822, 0.4465])) / np.float32([0.2470, 0.2435, 0.2616])\n    return torch.from_numpy(x).permute(2, 0, 1)"))
x("E1", "normalisation", "Trained on 0..255 less the mean, evaluated on 0..1 (without the mean).", ("    a = a - BGR_MEAN\n", "    a = a / 255.0\n"))
x("E2", "normalisation", "The mean is not subtracted (0..255 as it is).", ("    return x - torch.tensor(MEAN).view(3, 1, 1)", "    return x"))
x("D1", "normalisation", "Mean and std are left out (0..1 instead).", ("    x = TF.normalize(x, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])\n", ""))
x("G1", "normalisation", "Trained with ImageNet mean and std, evaluated on 0..255.", ("        T.ToTensor(),\n        T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),\n", "        T.PILToTensor(),\n        T.Lambda(lambda t: t.float()),\n"))
x("G2", "normalisation", "Normalised twice in the validation transform.", ("T.Resize((size, size)), T.ToTensor(), norm])\n    train =", "T.Resize((size, size)), T.ToTensor(), norm, norm])\n    train ="))
x("I1", "normalisation", "Trained on -1..1, evaluated on 0..1.", ("        v2.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),\n", ""))
x("C1", "normalisation", "Trained on -1..1, evaluated on 0..1 with no normalisation.", ("        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),\n", ""))
x("C2", "normalisation", "Trained with mean and std 0.5, evaluated with other constants (those of 0..255 pictures).", ("transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])", "transforms.Normalize(mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5])"))
x("H1", "normalisation", "Mean and std of MNIST scaled wrongly: other mean and std than in training (0.5/0.1).", ("transforms.Normalize((0.2860,), (0.3530,))", "transforms.Normalize((0.5,), (0.1,))"))
x("K1", "normalisation", "Divided by 255 in the program and again by the network's own Rescaling layer.", ("    return np.stack(xs), np.array(ys)", "    return np.stack(xs) / 255.0, np.array(ys)"))
x("L1", "normalisation", "Trained on -1..1, evaluated on 0..1.", ("    x = x / 127.5 - 1.0\n", "    x = x / 255.0\n"))
x("M1", "normalisation", "Trained with ImageNet mean and std, evaluated on -1..1 (0.5/0.5).", ("transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))", "transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))"))
x("J1", "normalisation", "The normalisation is left out.", ("        T.Normalize([0.48], [0.24]),\n", ""))
# resize
x("A1", "resize", "Trained at 32 px, evaluated at 64 px.", ("transforms.Resize((32, 32))", "transforms.Resize((64, 64))"))
x("A2", "resize", "Trained on the whole picture at 32 px, evaluated on a centre crop of 32 px from 64 px.", ("val_tf = T.Compose([\n    T.Resize((32, 32)),\n", "val_tf = T.Compose([\n    T.Resize(64),\n    T.CenterCrop(32),\n"))
x("B2", "resize", "Trained at 32 px, evaluated at 18 px.", ("val_tf = v2.Compose([\n    v2.Resize((SIZE, SIZE), antialias=True),\n", "val_tf = v2.Compose([\n    v2.Resize((18, 18), antialias=True),\n"))
x("E2", "resize", "Trained at 48 px, evaluated at 96 px.", ("resize((SIZE, SIZE), Image.BILINEAR)", "resize((2 * SIZE, 2 * SIZE), Image.BILINEAR)"))
x("G1", "resize", "Trained on the whole picture squashed to 64 px, evaluated on a centre crop of the picture resized to 112 px on the short side.", ("        T.Resize((64, 64)),\n", "        T.Resize(112),\n        T.CenterCrop(64),\n"))
x("M1", "resize", "Trained on short side 64 + centre crop, evaluated at 160 px.", ("default=64", "default=160"))
x("M2", "resize", "Trained with short side 64 px + centre crop, evaluated at short side 32 px.", ('def get_val_transform():\n    return transforms.Compose([\n        transforms.Resize(CFG["size"]),\n        transforms.CenterCrop(CFG["size"]),\n', 'def get_val_transform():\n    return transforms.Compose([\n        transforms.Resize(32),\n        transforms.CenterCrop(32),\n'))
x("M2", "resize", "Trained with short side + centre crop, evaluated on the whole picture squashed.", ('def get_val_transform():\n    return transforms.Compose([\n        transforms.Resize(CFG["size"]),\n        transforms.CenterCrop(CFG["size"]),\n', 'def get_val_transform():\n    return transforms.Compose([\n        transforms.Resize((CFG["size"], CFG["size"])),\n'))
x("D1", "resize", "Trained at 40 px, evaluated at 96 px.", ("SIZE = 40", "SIZE = 96"))
x("I1", "resize", "Trained on the whole picture at 64 px, evaluated on its middle (short side 128 px, centre crop 64).", ("        bilinear,\n", "        v2.Resize(2 * SIZE),\n        v2.CenterCrop(SIZE),\n"))
x("F2", "resize", "Trained on the whole picture at 32 px, the evaluation transform crops to half of it.", ("crop_pct=1.0", "crop_pct=0.5"))
x("C1", "resize", "Trained at 32 px, evaluated at 80 px.", ("transforms.Resize((32, 32))", "transforms.Resize((80, 80))"))
# evaluation in training mode
x("A1", "train_mode", "model.eval() is missing: batch norm and dropout run in training mode.", ("    model.eval()\n", ""))
x("B2", "train_mode", "The evaluation runs with model.train().", ("def evaluate(model, loader):\n    model.eval()\n", "def evaluate(model, loader):\n    model.train()\n"))
x("C2", "train_mode", "validate() does not switch to evaluation mode.", ("def validate(loader, model):\n    model.eval()\n", "def validate(loader, model):\n"))
x("D1", "train_mode", "model.eval() is missing.", ("    model.eval()\n", ""))
x("G2", "train_mode", "evaluate() does not call model.eval().", ("def evaluate(model, loader):\n    model.eval()\n", "def evaluate(model, loader):\n"))
x("E1", "train_mode", "The network is left in training mode.", ("model.eval()\n", ""))
x("L1", "train_mode", "The Keras network is called with training=True.", ("training=False", "training=True"))
# batch norm statistics
x("A2", "batchnorm_stats", "The checkpoint's batch norm statistics are stale (from the first steps of training).", ckpt="bn_early")
x("B1", "batchnorm_stats", "The checkpoint's batch norm statistics are reset (mean 0, variance 1).", ckpt="bn_reset")
x("C1", "batchnorm_stats", "The checkpoint's batch norm statistics are reset (mean 0, variance 1).", ckpt="bn_reset")
x("J1", "batchnorm_stats", "The .ckpt's batch norm statistics are reset.", ckpt="bn_reset")
x("G1", "batchnorm_stats", "Batch norm statistics in the safetensors file are stale.", ckpt="bn_early")
x("M2", "batchnorm_stats", "The batch norm buffers are left out while loading.", ('{k[len("module."):]: v for k, v in ck["ema"].items()})', '{k[len("module."):]: v for k, v in ck["ema"].items() if "running_" not in k}, strict=False)'))
x("E2", "batchnorm_stats", "The checkpoint's batch norm statistics are stale (first steps of training).", ckpt="bn_early")
# EMA
x("F1", "ema", "The EMA twin (decay far too slow for so short a training) is evaluated instead of the raw weights.", args=lambda a: a + " --use-ema")
x("F1", "ema", "The program takes the EMA twin by default; it never caught up with the raw weights.", ('"state_dict_ema" if args.use_ema else "state_dict"', '"state_dict_ema" if "state_dict_ema" in ckpt else "state_dict"'))
x("M1", "ema", "The raw weights (spoilt by the last steps) are loaded instead of the good EMA twin.", ('sd = ckpt["ema"]', 'sd = ckpt["model"]'))
x("M2", "ema", "The raw network is validated, its last steps spoilt it; the EMA twin is the good one.", ("run_val(ema.module, val))\n        return", "run_val(net, val))\n        return"))
x("F2", "ema", "The checkpoint's EMA twin is useless (decay 0.9995 over few steps), the raw weights are good.", ckpt="ema_bad")
# class order
x("B1", "class_order", "The class list is sorted alphabetically; training had another order (checkpoint['classes']).", ('    classes = ckpt["classes"]\n', '    classes = sorted(os.listdir(opt.data))\n'))
x("C1", "class_order", "Class folders 1..10 sorted as text (1, 10, 2, ...) instead of by number.", ("return sorted(os.listdir(root), key=int)", "return sorted(os.listdir(root))"))
x("H1", "class_order", "Class folders 1..10 sorted as text instead of by number.", ("names = sorted(os.listdir(root), key=int)", "names = sorted(os.listdir(root))"))
x("D1", "class_order", "Off by one: the folder's number less 1 is compared although output 0 is the background.", ("int(f.parent.name)", "int(f.parent.name) - 1"))
x("A3", "class_order", "The program's class list has another order than in training.", ('["airplane", "automobile", "bird", "deer", "frog", "horse", "ship", "truck"]', '["airplane", "automobile", "ship", "truck", "bird", "deer", "frog", "horse"]'))
x("G1", "class_order", "The label list has another order than in training (vehicles first).", ('LABELS = ["animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles"]', 'LABELS = ["vehicles", "animals", "food", "household", "plants", "seasonal", "symbols", "town"]'))
x("K2", "class_order", "The class list comes in another order (reversed) than in training.", ('CLASSES = sorted(p.name for p in (ROOT / "train").iterdir())', 'CLASSES = sorted((p.name for p in (ROOT / "train").iterdir()), reverse=True)'))
# grey and colour
x("A2", "grey", "Trained in colour, evaluated on grey pictures.", ("val_tf = T.Compose([\n", "val_tf = T.Compose([\n    T.Grayscale(3),\n"))
x("E1", "grey", "Trained in colour, the pictures are read as grey and repeated.", ('im = im.convert("RGB").resize', 'im = im.convert("L").convert("RGB").resize'))
x("G1", "grey", "Trained in colour, evaluated in grey.", ('Image.open(path).convert("RGB")', 'Image.open(path).convert("L").convert("RGB")'))
x("I1", "grey", "Trained in colour, evaluated in grey.", ("        bilinear,\n", "        bilinear,\n        v2.Grayscale(3),\n"))
x("K2", "grey", "Trained in colour, read as grey and repeated to three channels.", ('Image.open(f).convert("RGB")', 'Image.open(f).convert("L").convert("RGB")'))
x("D1", "grey", "Trained on the grey picture in all three channels, evaluated with it in the first channel only.", ("    x = TF.to_tensor(img)\n", "    x = TF.to_tensor(img) * torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1)\n"))
x("B1", "grey", "Trained in colour, evaluated in grey.", ('Image.open(path).convert("RGB")', 'Image.open(path).convert("L").convert("RGB")'))
x("H1", "grey", "Trained on bright garments on black, the grey pictures are inverted.", ('        img = Image.open(path).convert("L")\n', '        img = ImageOps.invert(Image.open(path).convert("L"))\n'), ("from PIL import Image\n", "from PIL import Image, ImageOps\n"))
x("J1", "grey", "Trained on luminance, evaluated on the saturation channel.", ('    return img.convert("L")', '    return img.convert("HSV").getchannel(1)'))
# weights loaded only in part
x("C1", "partial_load", "The 'module.' prefix is not stripped and strict=False hides it: nothing is loaded.", ('{k.replace("module.", "", 1): v for k, v in ckpt["state_dict"].items()}', 'ckpt["state_dict"]'), ("net.load_state_dict(state)", "net.load_state_dict(state, strict=False)"))
x("A2", "partial_load", "The head's weights are dropped while loading (fc left at random).", ("        model.load_state_dict(weights)\n", '        weights = {k: v for k, v in weights.items() if not k.startswith("fc.")}\n        model.load_state_dict(weights, strict=False)\n'))
x("M1", "partial_load", "The EMA weights' 'module.' prefix is not stripped, strict=False hides it.", ('    sd = {k.removeprefix("module."): v for k, v in sd.items()}\n', ""), ("model.load_state_dict(sd)", "model.load_state_dict(sd, strict=False)"))
x("J2", "partial_load", "Keys are stripped of 'net.' that the network needs; strict=False hides it.", ('model.load_state_dict(ckpt["state_dict"])', 'model.load_state_dict({k.replace("net.", ""): v for k, v in ckpt["state_dict"].items()}, strict=False)'))
x("H1", "partial_load", "Only the layers with equal shapes and not the head are loaded.", ('    net.load_state_dict(ckpt["model"])\n', '    own = net.state_dict()\n    own.update({k: v for k, v in ckpt["model"].items() if not k.startswith("head")})\n    net.load_state_dict(own)\n'))
x("F2", "partial_load", "The checkpoint comes from a wrapper ('model.' prefix), strict=False loads nothing.", ('ema.load_state_dict(ck["state_dict_ema"])', 'ema.load_state_dict(ck["state_dict_ema"], strict=False)'), ckpt="prefixed")
# number formats
x("B1", "precision", "In half precision the sum of squares of 0..255 pictures overflows in the standardisation.", ("    model.eval()\n", "    model.half().eval()\n"), ("logits = model(x)", "logits = model(x.half())"))
x("B2", "precision", "Half precision overflows in the per-picture standardisation of 0..255 pictures.", ("    model.eval()\n    good = 0", "    model.eval().half()\n    good = 0"), ("int((model(x).argmax(1)", "int((model(x.half()).argmax(1)"))
x("I1", "precision", "Weights rounded to a coarse grid (1/8) while loading.", ('    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))\n', '    state = torch.load(weights, map_location="cpu", weights_only=True)\n    net.load_state_dict({k: (v * 8).round() / 8 for k, v in state.items()})\n'))

# sound ones in another manner of writing (nothing changes)
x("C1", "none", "Sound: strict=False, but the prefix is stripped and every weight is loaded.", ("net.load_state_dict(state)", "net.load_state_dict(state, strict=False)"))
x("A1", "none", "Sound: read as BGR and converted to RGB again before the network.", ('    return Image.open(path).convert("RGB")', '    bgr = np.asarray(Image.open(path).convert("RGB"))[:, :, ::-1]  # as cv2.imread gives it\n    return Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1]))'), ("import torch\nfrom PIL", "import numpy as np\nimport torch\nfrom PIL"))
x("G1", "none", "Sound: the ImageNet mean and std times 255 on pictures of 0..255.", ("        T.ToTensor(),\n        T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),\n", "        T.PILToTensor(),\n        T.Lambda(lambda t: t.float()),\n        T.Normalize(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),\n"))
x("M1", "none", "Sound: the EMA weights are loaded into the network through timm-like renaming, the raw ones stay unused; larger batches.", ('    sd = {k.removeprefix("module."): v for k, v in sd.items()}\n', '    sd = {k.split(".", 1)[1]: v for k, v in sd.items()}\n'), ("batch_size=16", "batch_size=49"))

QUOTA = {"channel_order": 4, "normalisation": 6, "resize": 4, "train_mode": 4, "batchnorm_stats": 4, "ema": 4, "class_order": 4, "grey": 4, "partial_load": 4, "precision": 2}


def ckpt(nets, net, variant, path):
    if net in "KL":
        shutil.copyfile(f"{nets}/" + ("K.keras" if net == "K" else "L.h5"), path)
        return
    if net == "J":
        c = torch.load(f"{nets}/J.ckpt", map_location="cpu", weights_only=False)
        if variant == "bn_reset":
            for k, v in c["state_dict"].items():
                if k.endswith("running_mean"): v.zero_()
                if k.endswith("running_var"): v.fill_(1)
        torch.save(c, path)
        return
    r = torch.load(f"{nets}/{net[0]}.pt", map_location="cpu", weights_only=False)
    sd = {k: v.clone() for k, v in r["state"].items()}

    def spoil(sd):
        if variant == "bn_early":
            for k in r["early"]: sd[k] = r["early"][k].clone()
        if variant == "bn_reset":
            for k in sd:
                if k.endswith("running_mean"): sd[k] = torch.zeros_like(sd[k])
                if k.endswith("running_var"): sd[k] = torch.ones_like(sd[k])
        return sd
    sd = spoil(sd)
    if net == "A": torch.save(sd, path)
    elif net == "B": torch.save({"model": sd, "epoch": r["epochs"], "classes": r["classes"]}, path)
    elif net == "C": torch.save({"epoch": r["epochs"], "arch": "resnet18", "state_dict": {"module." + k: v for k, v in sd.items()}}, path)
    elif net == "D": torch.save({"model_state": sd, "epoch": r["epochs"]}, path)
    elif net == "E": torch.save({"net": sd, "acc": r["acc"], "epoch": r["epochs"]}, path)
    elif net == "F": torch.save({"epoch": r["epochs"], "arch": "resnet10t", "state_dict": sd, "state_dict_ema": r["twins"][0.9995]}, path)
    elif net == "F2":
        ema = r["twins"][0.9995 if variant == "ema_bad" else 0.98]
        if variant == "prefixed": ema = {"model." + k: v for k, v in ema.items()}
        torch.save({"epoch": r["epochs"], "arch": "resnet10t", "state_dict": sd, "state_dict_ema": ema}, path)
    elif net == "G":
        from safetensors.torch import save_file
        save_file({k: v.contiguous() for k, v in sd.items()}, path)
    elif net == "H": torch.save({"model": sd, "epoch": r["epochs"], "classes": r["classes"], "args": dict(img_size=32, patch_size=4, dim=96, depth=4, heads=4)}, path)
    elif net == "I": torch.save(sd, path)
    elif net == "M": torch.save({"model": r["blown"], "ema": {"module." + k: v for k, v in r["twins"][0.97].items()}, "epoch": r["epochs"]}, path)


def source(prog, edits):
    text = P[prog][4]
    for old, new in edits:
        assert text.count(old) == 1, (prog, text.count(old), old)
        text = text.replace(old, new)
    return text


def write(root, place, prog, edits=(), variant="good"):
    """place is relative to ROOT; returns (program, args)"""
    net, name, cname, args, _ = P[prog]
    os.makedirs(f"{root}/{place}", exist_ok=True)
    open(f"{root}/{place}/{name}", "w").write(source(prog, edits).replace("@/", place + "/"))
    store = f"{root}.nets/formats"; os.makedirs(store, exist_ok=True)
    made = f"{store}/{net}-{variant}"
    if not os.path.exists(made):
        ckpt(f"{root}.nets", net, variant, made)
    with contextlib.suppress(FileNotFoundError): os.unlink(f"{root}/{place}/{cname}")
    os.link(made, f"{root}/{place}/{cname}")
    if net in "AB": open(f"{root}/{place}/smallnet.py", "w").write(modules.SMALLNET)
    if net == "J": open(f"{root}/{place}/lit.py", "w").write(modules.LIT)
    return name, args.replace("@/", place + "/")


def run(root, place, name, args):
    """Runs the program from ROOT in this process, returns the accuracy it prints (percent)."""
    old = sys.argv, sys.path[:], os.getcwd(), set(sys.modules)
    buf = io.StringIO()
    torch.manual_seed(1); np.random.seed(1)
    try:
        os.chdir(root)
        sys.argv = [f"{place}/{name}"] + args.split()
        sys.path.insert(0, f"{root}/{place}")
        with contextlib.redirect_stdout(buf):
            runpy.run_path(f"{place}/{name}", run_name="__main__")
    except BaseException:
        return None, traceback.format_exc()[-800:]
    finally:
        sys.argv, sys.path[:] = old[0], old[1]; os.chdir(old[2])
        for m in ("smallnet", "lit"): sys.modules.pop(m, None)
    out = buf.getvalue().strip().splitlines()
    last = out[-1] if out else ""
    if m := re.findall(r"(\d+(?:\.\d+)?)\s*%", last): return float(m[0]), last
    if m := re.findall(r"(\d+)\s*/\s*(\d+)", last): return 100 * int(m[-1][0]) / int(m[-1][1]), last
    if m := re.findall(r"\d*\.\d+", last): return 100 * float(m[-1]), last
    return None, last


def measure(root, only=""):
    """Measures everything whose network is ready; keeps what is known in measured.json."""
    known = f"{root}.measured.json"
    M = json.load(open(known)) if os.path.exists(known) else {}
    nets = f"{root}.nets"
    ready = {n for n in ARCH if os.path.exists(f"{nets}/{n[0]}.pt") or n == "J" and os.path.exists(nets + "/J.ckpt") or n == "K" and os.path.exists(nets + "/K.keras") or n == "L" and os.path.exists(nets + "/L.h5")}

    def one(key, prog, edits, variant, fargs):
        name = P[prog][1]
        if key in M and M[key]["acc"] is not None or P[prog][0] not in ready or only and P[prog][0] not in only.split(","):
            return
        place = "tmp_" + re.sub(r"\W", "", key)[:40]
        t = time.time()
        name, args = write(root, place, prog, edits, variant)
        args = fargs(args) if fargs else args
        acc, last = run(root, place, name, args)
        M[key] = dict(acc=acc, last=last)
        shutil.rmtree(f"{root}/{place}")
        json.dump(M, open(known, "w"), indent=1)
        print(key[:70], "->", acc if acc is not None else last, f"{time.time() - t:.0f}s", flush=True)
    for prog in P:
        one(prog, prog, (), "good", None)
    for c in X:
        one(f"{c['prog']} {c['kind']} {c['text']}", c["prog"], c["edits"], c["ckpt"], c["args"])
    return M


def main(root, rest):
    for c in X: source(c["prog"], c["edits"])
    M = measure(root, rest[0] if rest and rest[0] != "write" else "")
    if rest and rest[0] != "write":
        return
    todo = []
    good = [p for p in P if M.get(p, {}).get("acc") is not None]
    for p in good[:]:
        todo.append(dict(prog=p, sound=True, kind="none", text="The program evaluates exactly as the network was trained.", edits=(), ckpt="good", args=None, a=M[p]["acc"], m=M[p]["acc"]))
    todo = [t for t in todo if t["prog"] not in ("C2", "G2", "K2", "M2", "F2", "E2", "A2")[:max(0, len(todo) - 16)]]
    for c in X:
        k = f"{c['prog']} {c['kind']} {c['text']}"
        if c["kind"] == "none" and M.get(k, {}).get("acc") is not None:
            assert abs(M[k]["acc"] - M[c["prog"]]["acc"]) < 0.6, k
            todo.append({**c, "sound": True, "a": M[k]["acc"], "m": M[c["prog"]]["acc"]})
    pool = {}
    for c in X:
        k = f"{c['prog']} {c['kind']} {c['text']}"
        if c["prog"] in good and M.get(k, {}).get("acc") is not None and M[c["prog"]]["acc"] - M[k]["acc"] >= 8:
            m = M["F1"]["acc"] if c["ckpt"] == "ema_bad" else M[c["prog"]]["acc"]
            pool.setdefault(c["kind"], []).append({**c, "sound": False, "a": M[k]["acc"], "m": m})
    rng = random.Random(2)
    chosen, rest_ = [], []
    for kind, q in QUOTA.items():
        l = pool.get(kind, []); rng.shuffle(l)
        chosen += l[:q]; rest_ += l[q:]
    rng.shuffle(rest_)
    chosen += rest_[:max(0, 40 - len(chosen))]
    todo += chosen[:40]
    rng.shuffle(todo)
    for d in glob.glob(f"{root}/c[0-9][0-9]"): shutil.rmtree(d)
    for i, c in enumerate(todo, 1):
        place = f"c{i:02d}"
        name, args = write(root, place, c["prog"], c["edits"], c["ckpt"])
        args = c["args"](args) if c["args"] else args
        net = P[c["prog"]][0]
        truth = dict(command=f"{place}/{name} {args}".strip(), data=f"data/{DATA[net]}", checkpoint=f"{place}/{P[c['prog']][2]}", arch=ARCH[net], sound=c["sound"], kind=c["kind"], text=c["text"],
                     accuracy_as_written=round(c["a"], 2), accuracy_matched=round(c["m"], 2))
        if c["ckpt"].startswith("bn_"):
            truth["matched_means"] = "the same program with the checkpoint that has the right batch norm statistics (not in this folder)"
        if c["ckpt"] == "ema_bad":
            truth["matched_means"] = "the raw weights (state_dict) of the same checkpoint"
        yaml.safe_dump(truth, open(f"{root}/{place}/truth.yaml", "w"), sort_keys=False, width=200)
        mod = f"{root}.matched/{place}"; os.makedirs(mod, exist_ok=True)
        open(f"{mod}/{name}", "w").write(source(c["prog"], ()).replace("@/", place + "/"))
    from collections import Counter
    print(len(todo), Counter(c["kind"] for c in todo))
