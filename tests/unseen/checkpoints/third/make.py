"""make.py ROOT build NAMES.. | measure NAMES.. | final : candidates -> measured -> ROOT/caseNN."""
import contextlib, glob, inspect, io, json, os, random, re, runpy, shutil, sys, traceback
from pathlib import Path
HERE = Path(__file__).resolve().parent; ROOT = Path(sys.argv[1]).resolve(); CAND = HERE.parent / "cand"; MAT = HERE.parent / "mat"
RES = HERE.parent / "results.json"
COMPOSE = '    sheet = Image.new("RGBA", im.size, WHITE + (255,))\n    sheet.alpha_composite(im.convert("RGBA"))\n    return sheet.convert("RGB")\n'
# name: (net, data, file, arguments, kind, wrong fragment, right fragment, what, regex)
C = {
"bgr_means": ("regnet", "predict.py", "", "channel_order", "np.array(fit(path), dtype=np.float32)", "np.array(fit(path)[..., ::-1], dtype=np.float32)", "The network was trained on BGR pixels, the program feeds RGB (with the means in BGR order).", r"accuracy ([\d.]+)"),
"keras_range": ("keras", "evaluate.py", "", "range", "tf.image.convert_image_dtype(image, tf.float32)", "tf.image.convert_image_dtype(image, tf.float32) * 2 - 1", "Trained on -1..1, fed 0..1.", r"accuracy: ([\d.]+)"),
"lit_double": ("trail", "test.py", "", "normalisation", "\n        v2.Normalize([0.47, 0.47, 0.44], [0.25, 0.24, 0.26]),", "", "Mean and std are applied twice: in the transforms and again in the module's forward.", r"accuracy: ([\d.]+)"),
"norm_swapped": ("resnet18", "evaluate.py", "", "normalisation", "transforms.Normalize(spread, centre)", "transforms.Normalize(centre, spread)", "Mean and std are handed over in each other's place.", r"accuracy ([\d.]+)"),
"stamp_resize": ("stamps", "predict.py", "--size 64", "resize", 'ImageOps.pad(im, (size, size), method=Image.BILINEAR)', 'ImageOps.pad(im, (size, size), method=Image.BILINEAR, color="white")', "The letterbox is filled with black (the default); trained with white.", r"Acc@1 ([\d.]+)"),
"trail_size": ("trail", "evaluate.py", "40", "resize", "partial(VF.resize, size=[80, 80], antialias=True),", "partial(VF.center_crop, output_size=[40, 40]),", "The picture is enlarged to 80x80; trained on a 40x40 crop without resizing.", r"accuracy = ([\d.]+)"),
"grey": ("trail", "test.py", "", "grey", "ImageReadMode.GRAY", "ImageReadMode.RGB", "Pictures are decoded as grey and repeated to three planes; trained in colour.", r"Accuracy: ([\d.]+)"),
"gru_order": ("gru", "evaluate.py", "", "layout", 'v.reshape(cfg.side, cfg.side, order="F")', "v.reshape(cfg.side, cfg.side)", "Flat pixels are put back column by column, so every picture is transposed.", r"accuracy: ([\d.]+)"),
"trail_T": ("trail", "predict.py", "--batch 32", "layout", "a.T", "a.transpose(2, 0, 1)", "Array.T gives (C, W, H): every picture is transposed.", r"acc ([\d.]+)"),
"swa_bn": ("sock", "evaluate.py", "", "batchnorm_stats", "unit", "signed", "Batch-norm statistics of the averaged weights are recomputed on pixels prepared in another way (0..1, not inverted) than the network sees.", r"accuracy ([\d.]+)"),
"class_batches": ("resnet18", "evaluate.py", "", "train_mode", "", ".eval()", "eval() is never called; the batches hold one class each and batch norm uses their own statistics.", r"accuracy ([\d.]+)"),
"keras_parts": ("keras", "predict.py", "", "train_mode", "True", "False", "Layers are called with training=True (batch statistics and dropout).", r"accuracy: ([\d.]+)"),
"ema_slow": ("sock", "test.py", "-b 50", "ema", '"model_ema"', '"model"', "Evaluates the moving average, whose decay was too slow for the short training; the raw weights are right.", r"= ([\d.]+)"),
"head_shape": ("stamps", "evaluate.py", "", "partial_load", "", ", num_classes=len(NAMES)", "The network has 1000 outputs, the stored head is skipped for its shape and six random outputs are used.", r"accuracy ([\d.]+)"),
"knn_prefix": ("sock", "evaluate.py", "--k 15", "partial_load", '"module."', '"backbone."', "The wrong prefix is stripped and strict=False loads nothing: k-NN on random features.", r"accuracy ([\d.]+)"),
"gru_head": ("gru", "predict.py", "", "partial_load", "classifier", "out", "The head has another name than in the checkpoint and strict=False leaves it random.", r'"accuracy": ([\d.]+)'),
"species_sort": ("trail", "test.py", "", "class_order", "sorted(os.listdir(root))", "sorted(os.listdir(root), key=int)", "Folders with numbers are sorted as text; trained with numeric order.", r"accuracy ([\d.]+)"),
"factorize": ("regnet", "evaluate.py", "", "class_order", 'table["code"], order = pd.factorize(table["label"])', 'order = torch.load(case / "road.pt", map_location="cpu", weights_only=True)["labels"]\ntable["code"] = table["label"].map({n: k for k, n in enumerate(order)})', "Class numbers follow the first appearance in test.csv; trained with that of train.csv (stored in the checkpoint).", r"accuracy: ([\d.]+)"),
"stamps_sorted": ("stamps", "test.py", "", "class_order", 'sorted({r["class"] for r in rows})', 'json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "labels.json")))', "Alphabetical classes; the stored list has another order.", r"accuracy ([\d.]+)"),
"int8_global": ("trail", "evaluate.py", "--batch 60", "precision", "    s = step_of(weights[-2].data)\n    for w in weights:\n        packed.append((w, torch.round(w.data / s).to(torch.int8), s))", "    for w in weights:\n        s = step_of(w.data)\n        packed.append((w, torch.round(w.data / s).to(torch.int8), s))", "All weights are quantised to int8 with the step of one layer; larger weights wrap around.", r"accuracy ([\d.]+)"),
"tta_mix": ("sock", "predict.py", "", "metric", "p.view(len(x), len(VIEWS), -1).mean(dim=1)", "p.view(len(VIEWS), len(x), -1).mean(dim=0)", "The views are concatenated view by view but averaged as if picture by picture, mixing pictures.", r"([\d.]+)% correct"),
"keras_second_pass": ("keras", "evaluate.py", "", "metric", "", "shuffle=False, ", "The data set is shuffled anew on each pass: labels of the second pass are compared with predictions of the first.", r"accuracy ([\d.]+)"),
"step_sort": ("resnet18", "test.py", "", "wrong_weights", "max(files, key=lambda f: f.name)", 'max(files, key=lambda f: int(re.search(r"\\d+", f.stem).group()))', "The last file by name is an early one (step_42 after step_126).", r"accuracy: ([\d.]+)"),
"keras_pick": ("keras", "test.py", "", "wrong_weights", "min", "max", "Picks the kept file with the lowest validation accuracy.", r"accuracy ([\d.]+)"),
"alpha": ("stamps", "evaluate.py", "", "alpha", '    return im.convert("RGB")\n', COMPOSE, "The alpha plane is dropped, so hidden colours show; trained on pictures laid on white.", r"top1: ([\d.]+)"),
"hwc_reshape": ("regnet", "predict.py", "--side 48", "layout", "a.reshape(3, *a.shape[:2])", "a.transpose(2, 0, 1)", "HWC pixels are reshaped, not transposed, to CHW.", r"\(([\d.]+)%"),
"s_bgr": ("regnet", "evaluate.py", "", "none", None, None, "BGR, 0..255 minus means, as in training; network and head loaded in parts.", r"accuracy ([\d.]+)"),
"s_fold": ("sock", "evaluate.py", "", "none", None, None, "Inverted pixels as in training; batch norms folded by hand, equal up to rounding.", r"([\d.]+) accuracy"),
"s_strict": ("resnet18", "test.py", "--batch-size 40", "none", None, None, "strict=False after removing a prefix and counters; all weights load; shuffled with its labels; eval() follows train().", r"Acc@1 ([\d.]+)"),
"s_stamps": ("stamps", "evaluate.py", "", "none", None, None, "Alphabetical classes with the columns of the stored list put in that order; white composed by hand.", r"accuracy: ([\d.]+)"),
"s_keras": ("keras", "evaluate.py", "", "none", None, None, "preprocess_input of MobileNetV2 is the -1..1 of the training; head applied by hand; shuffled with its labels.", r"accuracy ([\d.]+)"),
"s_trail": ("trail", "predict.py", "", "none", None, None, "Read upside down and turned back; mean and std times 255; bfloat16; folders by number.", r"accuracy ([\d.]+)"),
"s_ensemble": ("gru", "test.py", "--batch 40", "none", None, None, "Average of raw weights and a healthy moving average, argmax over the class axis of a transposed array, permuted with its labels.", r"accuracy ([\d.]+)"),
"s_knn": ("gru", "evaluate.py", "", "none", None, None, "k-NN on standardised features; strict=False because the head is left out on purpose, all other weights load.", r"accuracy = ([\d.]+)"),
"s_int8": ("regnet", "predict.py", "", "none", None, None, "Eight-bit weights with one scale a channel, clamped: nearly lossless.", r"accuracy ([\d.]+)"),
}
DATA = {"resnet18": "outdoors", "keras": "outdoors", "trail": "survey", "sock": "apparel", "gru": "apparel", "regnet": "roadlist", "stamps": "stamps"}
ARCH = {"resnet18": "resnet18", "keras": "harbour", "trail": "TrailNet", "sock": "SockNet", "gru": "RowGRU", "regnet": "regnetx_002", "stamps": "resnet10t"}

def checkpoints(name, d):
    """Writes what the program loads; returns the path of the checkpoint below d."""
    import torch
    net = C[name][0]; m = MAT / net; cl = json.load(open(m / "classes.json"))
    L = lambda n: torch.load(m / f"{n}.pt", map_location="cpu")
    if net == "keras":
        if name == "keras_pick":
            (d / "kept").mkdir(exist_ok=True); accs = [float(l.split()[1]) for l in open(HERE.parent / "log/keras.log") if re.match(r"\d+ 0\.\d+ \d+$", l)]
            shutil.copy(m / "first.keras", d / f"kept/harbour-01-val{accs[0]:.4f}.keras"); shutil.copy(m / "best.keras", d / f"kept/harbour-{accs.index(max(accs)) + 1:02d}-val{max(accs):.4f}.keras")
            return f"kept/harbour-01-val{accs[0]:.4f}.keras"
        f = re.search(r'"(\w+\.keras)"', (HERE / f"programs/{name}.py").read_text()).group(1); shutil.copy(m / "best.keras", d / f); return f
    if net == "trail":
        f = re.search(r'"([\w-]+\.ckpt)"', (HERE / f"programs/{name}.py").read_text()).group(1); shutil.copy(max(m.glob("best*.ckpt"), key=lambda p: p.stat().st_mtime), d / f); return f
    if net == "stamps":
        from safetensors.torch import save_file
        f = re.search(r'"(\w+\.safetensors)"', (HERE / f"programs/{name}.py").read_text()).group(1)
        save_file({k: v.contiguous() for k, v in L("best")["state"].items()}, d / f, metadata={"classes": json.dumps(cl)})
        if name == "alpha": json.dump({"architecture": "resnet10t", "label_names": cl}, open(d / "config.json", "w"))
        if name in ("stamp_resize", "stamps_sorted"): json.dump(cl, open(d / "labels.json", "w"))
        if name == "s_stamps": json.dump(cl, open(d / "classes.json", "w"))
        return f
    b = L("best")
    if net == "regnet":
        f = re.search(r'"(\w+\.pth?)"', (HERE / f"programs/{name}.py").read_text()).group(1); torch.save({"net": b["state"], "labels": cl, "epoch": b["epoch"]}, d / f); return f
    if name == "step_sort":
        (d / "run").mkdir(exist_ok=True); last = max(int(p.stem.split("_")[1]) for p in m.glob("epoch_*.pt"))
        es = sorted({1, last} | set(range(3, last))); [torch.save({"step": 42 * e, "state": L(f"epoch_{e}")["state"]}, d / f"run/step_{42 * e}.pt") for e in es]
        return "run/step_42.pt"
    if name == "swa_bn":
        es = sorted(m.glob("epoch_*.pt"), key=lambda p: int(p.stem.split("_")[1]))[-4:]; ss = [torch.load(e)["state"] for e in es]
        s = {"epoch": 8, "state": {k: sum(q[k] for q in ss) / 4 if ss[0][k].is_floating_point() else ss[-1][k] for k in ss[0]}}; torch.save({"n_averaged": torch.tensor(max(1, s["epoch"] // 2)), **{"module." + k: v for k, v in s["state"].items()}}, d / "swa.pth"); return "swa.pth"
    if name == "s_ensemble":
        torch.save(b, d / "raw.pt"); torch.save(L("fast"), d / "ema.pt"); return "raw.pt"
    if name == "s_strict": torch.save({"arch": "resnet18", "state_dict": {"module." + k: v for k, v in b["state"].items()}}, d / "model_best.pth.tar"); return "model_best.pth.tar"
    if name == "class_batches": torch.save({"classes": cl, "state_dict": b["state"]}, d / "checkpoint.pth.tar"); return "checkpoint.pth.tar"

    if name == "ema_slow":
        sys.path.insert(0, str(HERE)); import nets; torch.manual_seed(4451); e = nets.SockNet().state_dict(); n = 0
        for p in sorted(m.glob("epoch_*.pt"), key=lambda p: int(p.stem.split("_")[1])):
            q = torch.load(p); n = q["epoch"]
            e = {k: .93 * e[k] + .07 * v if v.is_floating_point() else v for k, v in q["state"].items()}
        torch.save({"epoch": n, "model": q["state"], "model_ema": e, "args": {"classes": 10, "w": 24, "p": 0.4}}, d / "checkpoint_last.pth"); return "checkpoint_last.pth"
    if name == "knn_prefix": torch.save({"state_dict": {"backbone." + k: v for k, v in b["state"].items()}}, d / "encoder.pth"); return "encoder.pth"
    f = re.search(r'"(\w+\.pth?)"', (HERE / f"programs/{name}.py").read_text()).group(1); torch.save(b, d / f); return f

def text(name, right):
    src = (HERE / f"programs/{name}.py").read_text(); nets = (HERE / "nets.py").read_text()
    for cl in re.findall(r"##NET (\w+)##", src):
        body = re.search(rf"^class {cl}\(.*?(?=^class |\Z)", nets, re.S | re.M).group().strip("\n")
        src = src.replace(f"##NET {cl}##\n", "\n" + body + "\n\n")
    w, r = C[name][4:6]
    return src if w is None else src.replace("@@A@@", r if right else w)

def build(name):
    d = CAND / name; shutil.rmtree(d, ignore_errors=True); d.mkdir(parents=True)
    (d / "wrong.py").write_text(text(name, False))
    if C[name][4] is not None: (d / "right.py").write_text(text(name, True))
    (d / "ckpt.txt").write_text(checkpoints(name, d))

def run(path, args, rx):
    old, buf = sys.argv, io.StringIO(); sys.argv = [str(path)] + args; os.chdir(ROOT)
    try:
        with contextlib.redirect_stdout(buf): runpy.run_path(str(path), run_name="__main__")
    except SystemExit as e:
        if e.code: raise
    finally: sys.argv = old
    out = buf.getvalue(); m = re.findall(rx, out); v = float(m[-1]); pct = re.search(re.escape(m[-1]) + r"\s*%", out)
    return round(v if pct or v > 1 else v * 100, 2), out

if __name__ == "__main__":
    names = [n for n in C if not sys.argv[3:] or n in sys.argv[3:] or C[n][0] in sys.argv[3:]]
    if sys.argv[2] == "build":
        for n in names:
            try: build(n); print("built", n)
            except Exception as e: print("FAILED", n, repr(e))
    if sys.argv[2] == "measure":
        for n in names:
            r = {}
            for v in ("wrong", "right"):
                p = CAND / n / f"{v}.py"
                if not p.exists(): continue
                try:
                    r[v], out = run(p, C[n][2].split(), C[n][7])
                except BaseException: r[v] = None; traceback.print_exc()
            print(n, r, flush=True)
            allr = json.load(open(RES)) if RES.exists() else {}; allr[n] = r; json.dump(allr, open(RES, "w"), indent=1)
    if sys.argv[2] == "final":
        import yaml
        res = json.load(open(RES)); rng = random.Random(4451)
        bad = [n for n in C if C[n][3] != "none" and n in res and None not in res[n].values() and res[n]["right"] - res[n]["wrong"] >= 8 and n not in sys.argv[3:]]
        good = [n for n in C if C[n][3] == "none" and res.get(n, {}).get("wrong") and n not in sys.argv[3:]]
        order = bad + good; rng.shuffle(order); lines = []
        for p in ROOT.glob("case*"): shutil.rmtree(p)
        for i, n in enumerate(order, 1):
            net, file, args, kind, _, _, what, _ = C[n]; case = f"case{i:02d}"; d = ROOT / case
            shutil.copytree(CAND / n, d, ignore=shutil.ignore_patterns("right.py", "ckpt.txt", "__pycache__", "wrong.py")); shutil.copy(CAND / n / "wrong.py", d / file)
            t = {"case": case, "data": f"data/{DATA[net]}", "checkpoint": f"{case}/{(CAND / n / 'ckpt.txt').read_text()}", "command": f"{case}/{file} {args}".strip(), "kind": kind, "sound": kind == "none",
                 "what": what, "architecture": ARCH[net], "accuracy_as_written": res[n]["wrong"], "accuracy_right": res[n].get("right", res[n]["wrong"])}
            yaml.safe_dump(t, open(d / "truth.yaml", "w"), sort_keys=False, width=200)
            lines.append(f"{case}: {kind}, {ARCH[net]}, {t['data']}, {t['accuracy_as_written']} -> {t['accuracy_right']}: {what}")
        (HERE / "README.md").write_text("\n".join(lines) + "\n"); print(len(bad), len(good)); print("\n".join(lines))
