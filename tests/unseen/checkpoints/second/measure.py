"""Runs every case as written and matched, writes truth.yaml: python measure.py [case ...]"""
import os, re, subprocess, sys, time, yaml
HERE = os.path.dirname(os.path.abspath(__file__)); R = HERE + "/ROOT/"; PY = "/work/main/.venv/bin/python"
IMNORM = "Normalize"
RECAL = '''
net.train()
for m_ in net.modules():
    if isinstance(m_, torch.nn.BatchNorm2d): m_.reset_running_stats(); m_.momentum = None
with torch.no_grad():
    for x_, _ in DataLoader(ImageFolder(args.data + "/train", transform), batch_size=64, shuffle=True): net(x_)
net.eval()
'''
# number: command, data, checkpoint, arch, kind, text, [(old, new) of the matched program]
CASES = {
 1: ("predict.py --weights case01/fruit_mnv2.pth", "fruit", "fruit_mnv2.pth", "mobilenet_v2", "channel_order", "the images are turned to BGR while the network was trained on RGB", [("[:, :, ::-1]", "")]),
 2: ("test.py case02/gemnet.pth", "objects", "gemnet.pth", "GemNet", "normalisation", "the network normalises in forward with its buffers and the program normalises too", [("    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),\n", "")]),
 3: ("eval_wild.py case03/wild_dp.pth.tar data/wild/val", "wild", "wild_dp.pth.tar", "resnet18", None, "the module. prefix is stripped and nothing is missing", []),
 4: ("score.py", "stickers", "regnet_stickers.pt", "regnet_y_400mf", "normalisation", "the images are left in 0..1, training normalised with mean 0.5 and std 0.5", [("return TF.to_tensor(img)", "return TF.to_tensor(img) * 2 - 1")]),
 5: ("evaluate.py --model case05/photos.keras", "photos", "photos.keras", "keras", "range", "the images are divided by 255 while the model begins with its own Rescaling from 0..255", [(" / 255.0", "")]),
 6: ("evaluate_h5.py case06/photos.h5 data/photos/val", "photos", "photos.h5", "keras", None, "0..255 are right, the model rescales inside", []),
 7: ("run_eval.py --ckpt case07/r18.pth", "wild", "r18.pth", "resnet18", "batchnorm_stats", "only the parameters are copied, the running statistics stay at 0 and 1", [("for name, param in net.named_parameters():", "for name, param in net.state_dict().items():")]),
 8: ("validate.py --resume case08/model_best.pth.tar", "fruit", "model_best.pth.tar", "mobilenet_v2", "resize", "the wide image is resized to 128 and its middle 112 cropped while training squashed the whole image to 64 x 64", [("transforms.Resize(int(args.size * 256 / 224)),\n        transforms.CenterCrop(args.size),", "transforms.Resize((64, 64)),")]),
 9: ("main.py data/wild --resume case09/checkpoint.pth.tar --test", "wild", "checkpoint.pth.tar", "resnet18", None, "the EMA weights are tested on purpose and are good", []),
 10: ("predict_signs.py --weights case10/effnet_signs.pt", "signs", "effnet_signs.pt", "efficientnet_b0", "class_order", "the numbered folders are ordered as numbers, training ordered them as strings (0, 1, 10, 11, 2 ...)", [(", key=int)", ")")]),
 11: ("eval.py --checkpoint case11/last.pth", "wild", "last.pth", "resnet18", "ema", "the EMA of decay 0.9995 after a short training is still near the start; the plain weights are the good ones", [('ck["model_ema"] if "model_ema" in ck else ck["model"]', 'ck["model"]')]),
 12: ("evaluate.py case12/stickers.pth data/stickers/val", "stickers", "stickers.pth", "regnet_y_400mf", "class_order", "the folders are ordered without regard to case, training ordered capitals first", [(", key=str.lower)", ")")]),
 13: ("infer.py --model case13/mnv2.pt", "fruit", "mnv2.pt", "mobilenetv2_100", None, "the letterbox with grey 114 is as in training", []),
 14: ("notebook_eval.py case14/mnv2_fruit.pth", "fruit", "mnv2_fruit.pth", "mobilenetv2_100", "channel_order", "the network expects BGR and is given RGB", [("x = np.asarray(image).astype", "x = np.asarray(image)[:, :, ::-1].astype")]),
 15: ("batch_predict.py case15/mobilenet_v2_fruit.pth data/fruit/val", "fruit", "mobilenet_v2_fruit.pth", "mobilenet_v2", "range", "the decoded bytes stay in 0..255 before the normalisation that is meant for 0..1", [("resize(img).float()", "resize(img).float() / 255")]),
 16: ("eval.py -w case16/resnet18_48.pth", "wild", "resnet18_48.pth", "resnet18", "resize", "the images are enlarged to 128 while the network was trained at 48", [('(d["image_size"], d["image_size"])', "(48, 48)")]),
 17: ("eval.py --weights case17/weights.pth", "objects", "weights.pth", "GemNet", None, "no Normalize in the program is right, the network normalises inside", []),
 18: ("head_probe.py --weights case18/gemnet_best.pt", "objects", "gemnet_best.pt", "GemNet", "precision", "the feature maps are cached in float16 and the third power in the GeM pooling overflows to infinity", [('default="float16"', 'default="float32"')]),
 19: ("check.py case19/signs_b0.pth data/signs/val", "signs", "signs_b0.pth", "efficientnet_b0", "train_mode", "eval() is missing, single images are normalised with their own statistics", [('saved["model"])\n', 'saved["model"]); net.eval()\n')]),
 20: ("score_table.py --ckpt case20/garments.ckpt", "garments", "garments.ckpt", "GarmentModule", "partial_load", "the head is called classifier here and head in the checkpoint, strict=False leaves it random", [("self.classifier", "self.head")]),
 21: ("test_lit.py case21/epoch2.ckpt", "garments", "epoch2.ckpt", "GarmentModule", None, "the class order of its own is saved in the checkpoint and used, grey images for a grey network", []),
 22: ("eval_swa.py --ckpt case22/swa_last.pt", "stickers", "swa_last.pt", "regnet_y_400mf", "batchnorm_stats", "the averaged weights carry running statistics from the start of training (no update_bn)", [("net.eval()\n", RECAL)]),
 23: ("fast_eval.py -w case23/resnet18_wild.pt", "wild", "resnet18_wild.pt", "resnet18", None, "bfloat16 works here and train(False) is eval", []),
 24: ("evaluate.py case24/fruit.pt", "fruit", "fruit.pt", "mobilenet_v2", "grey", "the colour network is fed grey images repeated to three channels", [('convert("L")', 'convert("RGB")'), ("x = np.repeat(x[None], 3, axis=0)", "x = x.transpose(2, 0, 1)")]),
 25: ("predict_all.py --weights case25/regnet.pth", "stickers", "regnet.pth", "regnet_y_400mf", None, "the images are read as BGR and turned back to RGB before the network", []),
 26: ("train.py --data data/signs --resume case26/best.pth --test", "signs", "best.pth", "efficientnet_b0", "partial_load", "all keys begin with module. and strict=False loads none of them", [('ckpt["state_dict"], strict=False', '{k[7:]: v for k, v in ckpt["state_dict"].items()}')]),
}
PAT = r"acc|top-1|Acc|accuracy"
def parse(out):
    line = [l for l in out.replace("\r", "\n").splitlines() if re.search(PAT, l)][-1]
    m = re.findall(r"(?:top-1:?|Acc@1|accuracy'?:?|acc:|images:|Accuracy:?|=) ?(?:= )?([0-9.]+)", line)
    return round(float(m[-1]) * (100 if "val acc:" in line else 1), 2)
def run(cmd):
    t = time.time(); c0 = os.times()
    p = subprocess.run([PY] + cmd.split(), cwd=R, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    c = os.times(); cpu = c.children_user + c.children_system - c0.children_user - c0.children_system
    if p.returncode: print(p.stdout[-500:], p.stderr[-2500:]); return None, cpu, ""
    return parse(p.stdout), cpu, [l for l in p.stdout.splitlines() if re.search(PAT, l)][-1]
def main(names):
    for k, (cmd, data, ck, arch, kind, text, fix) in CASES.items():
        c = f"case{k:02d}"
        if names and c not in names: continue
        if not os.path.exists(R + f"{c}/{ck}"): print(c, "no checkpoint"); continue
        prog, _, rest = cmd.partition(" ")
        a, cpu, line = run(f"{c}/{prog} {rest}")
        b = a
        if fix:
            s = open(R + f"{c}/{prog}").read()
            for o, n in fix:
                assert o in s, (c, o); s = s.replace(o, n)
            tmp = R + f"{c}/_matched.py"; open(tmp, "w").write(s)
            try: b, _, _ = run(f"{c}/_matched.py {rest}")
            finally: os.remove(tmp)
        t = dict(command=f"{c}/{prog} {rest}".strip(), data=f"data/{data}", checkpoint=f"{c}/{ck}", arch=arch, sound=not fix, kind=kind or "none",
                 text=text, accuracy_as_written=a, accuracy_matched=b)
        ok = a is not None and b is not None and b >= 45 and (not fix or b - a >= 10)
        print(c, "OK " if ok else "BAD", a, b, f"cpu {cpu:.1f}s |", line, flush=True)
        yaml.safe_dump(t, open(R + f"{c}/truth.yaml", "w"), sort_keys=False, width=1000)
    for d, _, _ in os.walk(R):
        if d.endswith("__pycache__"): subprocess.run(["rm", "-r", d])
if __name__ == "__main__": main(sys.argv[1:])
