"""40 real little trainings, each writing its log as real programs do.
python make.py [NNN ...]   (no argument: all that have no _truth/NNN.json yet)
_truth/NNN.json holds the per-epoch numbers taken from the training itself."""
import os, sys, json, gzip, time, math, shutil, csv, logging, datetime, contextlib, io, tarfile
os.environ.update(OMP_NUM_THREADS='1', TF_NUM_INTRAOP_THREADS='1', TF_NUM_INTEROP_THREADS='1', TF_CPP_MIN_LOG_LEVEL='3',
                  CUDA_VISIBLE_DEVICES='', KERAS_BACKEND='tensorflow', HF_HUB_OFFLINE='1', WANDB_DISABLED='true')
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
torch.set_num_threads(1)
ROOT = sys.argv[1]
RUNS = {}
def run(i):
    def deco(f): RUNS[i] = f; return f
    return deco

# ---------------------------------------------------------------- data
_c = {}
def idx(name):
    if name not in _c:
        with gzip.open('/usr/share/datasets/fashion-mnist/' + name) as f: b = f.read()
        _c[name] = np.frombuffer(b, np.uint8, offset=16).reshape(-1, 28, 28) if 'images' in name else np.frombuffer(b, np.uint8, offset=8)
    return _c[name]
def fm(n, nval, seed=0, size=14, raw=False):
    r = np.random.RandomState(seed); out = []
    for part, k in (('train', n), ('t10k', nval)):
        x, y = idx(part + '-images-idx3-ubyte.gz'), idx(part + '-labels-idx1-ubyte.gz')
        p = r.permutation(len(x))[:k]; x = x[p].astype(np.float32); y = y[p].astype(np.int64)
        if size == 14: x = x.reshape(-1, 14, 2, 14, 2).mean((2, 4))
        x = x[:, None]
        if not raw: x = (x / 255 - .2860) / .32
        out += [torch.tensor(x), torch.tensor(y)]
    return out
def cifar(n, nval, seed=0, size=16):
    cache = ROOT + '/_cifar.npz'
    if not os.path.exists(cache):
        from PIL import Image
        cls, d = {}, {'train': ([], []), 'test': ([], [])}
        with tarfile.open(os.environ['CIFAR']) as t:
            names = ['airplane','automobile','bird','cat','deer','dog','frog','horse','ship','truck']
            for m in t:
                p = m.name.split('/')
                if len(p) == 3 and p[2].endswith('.jpg') and int(p[2][:4]) < (300 if p[0] == 'train' else 100):
                    d[p[0]][0].append(np.asarray(Image.open(io.BytesIO(t.extractfile(m).read())).convert('RGB')))
                    d[p[0]][1].append(names.index(p[1]))
        np.savez(cache, xt=np.stack(d['train'][0]), yt=d['train'][1], xv=np.stack(d['test'][0]), yv=d['test'][1])
    z = np.load(cache); r = np.random.RandomState(seed); out = []
    for a, b, k in (('xt', 'yt', n), ('xv', 'yv', nval)):
        p = r.permutation(len(z[b]))[:k]; x = z[a][p].astype(np.float32) / 255
        if size == 16: x = x.reshape(-1, 16, 2, 16, 2, 3).mean((2, 4))
        out += [torch.tensor((x.transpose(0, 3, 1, 2) - .47) / .25), torch.tensor(z[b][p].astype(np.int64))]
    return out

# ---------------------------------------------------------------- models and aug
def cnn(ch=1, w=8, drop=0., bn=True, size=14, mom=.1):
    B = (lambda c: nn.BatchNorm2d(c, momentum=mom)) if bn else (lambda c: nn.Identity())
    f = size // 4
    return nn.Sequential(nn.Conv2d(ch, w, 3, padding=1), B(w), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(w, 2*w, 3, padding=1), B(2*w), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(drop), nn.Linear(2*w*f*f, 10))
def mlp(d=196, h=128, drop=0., act=nn.ReLU):
    return nn.Sequential(nn.Flatten(), nn.Linear(d, h), act(), nn.Dropout(drop), nn.Linear(h, h), act(), nn.Dropout(drop), nn.Linear(h, 10))
def light_aug(x):
    if torch.rand(1) < .5: x = x.flip(3)
    dx, dy = torch.randint(-1, 2, (2,)).tolist()
    return torch.roll(x, (dx, dy), (2, 3))
def heavy_aug(x):
    x = light_aug(x).clone(); x = torch.roll(x, tuple(torch.randint(-3, 4, (2,)).tolist()), (2, 3))
    s = x.shape[-1] // 2
    for i in range(len(x)):
        a, b = torch.randint(0, x.shape[-1] - s + 1, (2,)).tolist(); x[i, :, a:a+s, b:b+s] = 0
    return x * (1 + .3*torch.randn(len(x), 1, 1, 1)) + .5 * torch.randn_like(x)
cos = lambda lr, n, warm=0: (lambda e: lr*(e+1)/warm if e < warm else lr*.5*(1+math.cos(math.pi*(e-warm)/max(1, n-warm))))

# ---------------------------------------------------------------- the loop
def evaluate(m, x, y, lossf=F.cross_entropy):
    m.eval(); tl = c = 0
    with torch.no_grad():
        for i in range(0, len(x), 250):
            o = m(x[i:i+250]); tl += float(lossf(o, y[i:i+250]))*len(o); c += int((o.argmax(1) == y[i:i+250]).sum())
    return tl/len(x), c/len(x)
def fit(model, data, epochs, opt='sgd', lr=.05, sched=None, wd=0., bs=64, aug=None, lossf=F.cross_entropy, start=0, sleep=None,
        on_epoch=None, on_batch=None, seed=0, mom=.9, optimizer=None, pool=None):
    """yields a row per epoch: train numbers are running means in train mode, as usual"""
    torch.manual_seed(seed + start)
    xt, yt, xv, yv = data
    o = optimizer or (torch.optim.SGD(model.parameters(), lr, momentum=mom, weight_decay=wd) if opt == 'sgd' else
         torch.optim.AdamW(model.parameters(), lr, weight_decay=wd))
    step = 0
    for e in range(start, epochs):
        t0 = time.time()
        if on_epoch: on_epoch(e, model, o)
        if sched:
            for g in o.param_groups: g['lr'] = sched(e)
        p = torch.randperm(len(xt)) if pool is None else pool(e)
        model.train(); tl = c = n = 0
        for i in range(0, len(p), bs):
            j = p[i:i+bs]
            if len(j) < 2: continue
            xb = xt[j] if aug is None else aug(xt[j])
            out = model(xb); l = lossf(out, yt[j]); o.zero_grad(); l.backward(); o.step()
            tl += float(l)*len(j); c += int((out.argmax(1) == yt[j]).sum()); n += len(j); step += 1
            if on_batch: on_batch(e, step, float(l), n, len(p), o, tl/n, c/n)
        if sleep: time.sleep(sleep(e))
        vl, va = evaluate(model, xv, yv, lossf)
        yield dict(epoch=e+1, tl=tl/n, ta=c/n, vl=vl, va=va, lr=o.param_groups[0]['lr'], time=time.time()-t0)

# ---------------------------------------------------------------- writers
def d(i, *more):
    p = os.path.join(ROOT, i, *more); os.makedirs(p, exist_ok=True); return p
def truth(i, files, rows, **meta):
    json.dump(dict(files=[files] if isinstance(files, str) else files, rows=rows, **meta), open(f'{ROOT}/_truth/{i}.json', 'w'))
def own_csv(i, name, header, fmt, gen, delim=','):
    rows = []
    with open(d(i) + '/' + name, 'w', encoding='utf-8') as f:
        f.write(delim.join(header) + '\n')
        for r in gen: f.write(delim.join(fmt(r)) + '\n'); f.flush(); rows.append(r)
    return rows
def lines(i, name, gen, fmt, head='', tail='', mode='w'):
    rows = []
    with open(d(i) + '/' + name, mode) as f:
        f.write(head)
        for r in gen: f.write(fmt(r)); f.flush(); rows.append(r)
        f.write(tail)
    return rows
def timm_csv(i, gen):
    from timm.utils import update_summary
    rows = []
    for r in gen:
        update_summary(r['epoch']-1, {'loss': r['tl']}, {'loss': r['vl'], 'top1': 100*r['va'], 'top5': 100*r.pop('v5')}, d(i) + '/summary.csv', lr=r['lr'], write_header=r['epoch'] == 1)
        r.pop('ta'); rows.append(r)
    return rows
def with5(gen, m, xv, yv):
    for r in gen:
        with torch.no_grad(): r['v5'] = float((m.eval()(xv).topk(5, 1).indices == yv[:, None]).any(1).float().mean())
        yield r
def keras_rows(h, lrs=None):
    return [dict(epoch=e+1, tl=h['loss'][k], ta=h['accuracy'][k], vl=h['val_loss'][k], va=h['val_accuracy'][k]) for k, e in enumerate(range(len(h['loss'])))]
def kdata(data): return [data[0].numpy().transpose(0, 2, 3, 1), data[1].numpy(), data[2].numpy().transpose(0, 2, 3, 1), data[3].numpy()]
def kcnn(keras, w=8, drop=0., shape=(14, 14, 1), dense=0):
    L = keras.layers
    return keras.Sequential([L.Input(shape), L.Conv2D(w, 3, padding='same', activation='relu'), L.MaxPooling2D(), L.Conv2D(2*w, 3, padding='same', activation='relu'),
        L.MaxPooling2D(), L.Flatten()] + ([L.Dropout(drop)] if drop else []) + ([L.Dense(dense, activation='relu')] if dense else []) + ([L.Dropout(drop)] if drop and dense else []) + [L.Dense(10, activation='softmax')])

import importlib.util
def lightning_run(i, model, data, epochs, opt, sched=None, aug=None, style=0, bs=64, logger=None, ckpt=None, save=None, seed=0):
    import lightning as Lt, warnings; from lightning.pytorch.loggers import CSVLogger
    warnings.filterwarnings('ignore'); logging.getLogger('lightning.pytorch').setLevel(logging.ERROR)
    rows = []
    class M(Lt.LightningModule):
        def __init__(s): super().__init__(); s.net = model
        def training_step(s, b, _):
            x, y = b; x = aug(x) if aug else x; o = s.net(x); l = F.cross_entropy(o, y)
            if style == 0:
                s.log('train_loss', l, on_step=False, on_epoch=True); s.log('train_acc', (o.argmax(1) == y).float().mean(), on_step=False, on_epoch=True)
            elif style == 1:
                s.log('train_loss', l, on_step=True, on_epoch=True); s.log('train_acc', (o.argmax(1) == y).float().mean(), on_step=False, on_epoch=True)
            else: s.log('train/loss', l, on_step=False, on_epoch=True)
            return l
        def validation_step(s, b, _):
            x, y = b; o = s.net(x); sep = '/' if style == 2 else '_'
            s.log(f'val{sep}loss', F.cross_entropy(o, y)); s.log(f'val{sep}acc', (o.argmax(1) == y).float().mean())
        def configure_optimizers(s):
            o = opt(s.parameters())
            return o if sched is None else ([o], [sched(o)])
        def on_train_epoch_end(s):
            m = {k: float(v) for k, v in s.trainer.callback_metrics.items()}; g = lambda *k: next((m[q] for q in k if q in m), None)
            r = dict(epoch=s.current_epoch+1, tl=g('train_loss_epoch', 'train_loss', 'train/loss'), ta=g('train_acc'), vl=g('val_loss', 'val/loss'), va=g('val_acc', 'val/acc'))
            if r['ta'] is None: r.pop('ta')
            rows.append(r)
    Lt.seed_everything(seed, verbose=False)
    D = torch.utils.data
    lg = logger or CSVLogger(d(i), name='lightning_logs')
    cbs = []
    if style == 1: cbs = [Lt.pytorch.callbacks.LearningRateMonitor(logging_interval='epoch')]
    t = Lt.Trainer(max_epochs=epochs, logger=lg, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
                   log_every_n_steps=10, accelerator='cpu', callbacks=cbs)
    t.fit(M(), D.DataLoader(D.TensorDataset(*data[:2]), bs, shuffle=True), D.DataLoader(D.TensorDataset(*data[2:]), 250), ckpt_path=ckpt, weights_only=False)
    if save: t.save_checkpoint(save)
    return rows

def hf_run(i, model, data, epochs, lr, logging_kw, bs=64, seed=0, **kw):
    from transformers import Trainer, TrainingArguments
    from transformers.trainer_callback import PrinterCallback, ProgressCallback
    class W(nn.Module):
        def __init__(s): super().__init__(); s.net = model
        def forward(s, pixel_values=None, labels=None):
            o = s.net(pixel_values); return dict(loss=F.cross_entropy(o, labels), logits=o)
    class DS(torch.utils.data.Dataset):
        def __init__(s, x, y): s.x, s.y = x, y
        def __len__(s): return len(s.x)
        def __getitem__(s, k): return dict(pixel_values=s.x[k], labels=s.y[k])
    a = TrainingArguments(output_dir=d(i), num_train_epochs=epochs, learning_rate=lr, per_device_train_batch_size=bs, per_device_eval_batch_size=250, eval_strategy='epoch',
                          save_strategy='no', report_to=[], use_cpu=True, disable_tqdm=True, seed=seed, dataloader_num_workers=0, **logging_kw, **kw)
    t = Trainer(model=W(), args=a, train_dataset=DS(*data[:2]), eval_dataset=DS(*data[2:]),
                compute_metrics=lambda p: dict(accuracy=float((p.predictions.argmax(1) == p.label_ids).mean())))
    t.remove_callback(PrinterCallback); t.train(); t.save_state()
    rows = {}
    for h in t.state.log_history:
        k = math.ceil(h['epoch'] - 1e-9); r = rows.setdefault(k, dict(epoch=k, _l=[]))
        if 'loss' in h: r['_l'].append(h['loss'])
        if 'eval_loss' in h: r['vl'], r['va'] = h['eval_loss'], h['eval_accuracy']
    out = []
    for k in sorted(rows):
        r = rows[k]; l = r.pop('_l'); r['tl'] = sum(l)/len(l) if l else None; out.append(r)
    return out
def hf_by_hand(i, gen, nsteps, epochs, nval):
    rows, hist = [], []
    for r in gen:
        s = r['epoch']*nsteps
        hist.append(dict(epoch=float(r['epoch']), grad_norm=1.0, learning_rate=r['lr'], loss=round(r['tl'], 4), step=s))
        hist.append(dict(epoch=float(r['epoch']), eval_accuracy=r['va'], eval_loss=r['vl'], eval_runtime=round(r['time'], 4), eval_samples_per_second=round(nval/r['time'], 3), eval_steps_per_second=round(1/r['time'], 3), step=s))
        for h in hist[-2:-1]: h.pop('grad_norm')
        r.pop('ta'); rows.append(r)
    st = dict(best_metric=None, best_model_checkpoint=None, epoch=float(len(rows)), eval_steps=500, global_step=len(rows)*nsteps, is_hyper_param_search=False, is_local_process_zero=True,
              is_world_process_zero=True, log_history=hist, logging_steps=nsteps, max_steps=epochs*nsteps, num_input_tokens_seen=0, num_train_epochs=epochs, save_steps=500, stateful_callbacks={}, total_flos=0, train_batch_size=64, trial_name=None, trial_params=None)
    json.dump(st, open(d(i) + '/trainer_state.json', 'w'), indent=2); return rows
def tb(sub):
    from torch.utils.tensorboard import SummaryWriter
    return SummaryWriter(sub)

# ================================================================ the planted ones
@run('001')
def _(i):  # warm-up to a learning rate that is far too high: NaN after a while
    import keras; keras.utils.set_random_seed(1)
    xt, yt, xv, yv = kdata(fm(1500, 500, 1)); m = kcnn(keras)
    def nll(y, p): return -keras.ops.log(keras.ops.take_along_axis(p, keras.ops.cast(keras.ops.reshape(y, (-1, 1)), 'int32'), 1))
    m.compile(keras.optimizers.SGD(.01, momentum=.9), nll, metrics=['accuracy'])
    h = m.fit(xt, yt, batch_size=64, epochs=30, validation_data=(xv, yv), verbose=0, callbacks=[keras.callbacks.CSVLogger(d(i) + '/training.log'),
        keras.callbacks.LearningRateScheduler(lambda e: .01*1.55**e)]).history
    truth(i, '001/training.log', keras_rows(h))
@run('002')
def _(i):  # Adam at 1.0 from the start
    torch.manual_seed(2); data = fm(2000, 500, 2); m = mlp(act=nn.LeakyReLU)
    g = fit(m, data, 25, opt='adam', lr=1.0)
    rows = lines(i, 'train.log', g, lambda r: f"Epoch {r['epoch']}/25  loss: {r['tl']:.4f}  acc: {r['ta']:.4f}  val_loss: {r['vl']:.4f}  val_acc: {r['va']:.4f}\n", 'Using device: cpu\n')
    truth(i, '002/train.log', rows)
@run('003')
def _(i):  # learning rate grows by 1.35 per epoch, never stops
    torch.manual_seed(3); data = fm(2000, 500, 3); m = cnn(bn=False); w = tb(d(i)); rows = []
    for r in fit(m, data, 30, mom=.9, sched=lambda e: .002*1.3**e):
        for a, k in (('Loss/train', 'tl'), ('Loss/val', 'vl'), ('Accuracy/train', 'ta'), ('Accuracy/val', 'va'), ('lr', 'lr')): w.add_scalar(a, r[k], r['epoch']-1)
        rows.append(r)
    w.close(); truth(i, '003/' + [f for f in os.listdir(d(i)) if 'tfevents' in f][0], rows)
@run('004')
def _(i):  # every weight starts at zero
    torch.manual_seed(4); data = cifar(2000, 500, 4); m = mlp(d=768)
    for p in m.parameters(): nn.init.zeros_(p)
    truth(i, '004/summary.csv', timm_csv(i, with5(fit(m, data, 30, sched=cos(.02, 30)), m, *data[2:])))
@run('005')
def _(i):  # learning rate 1e-6
    torch.manual_seed(5); m = cnn(w=4)
    rows = lightning_run(i, m, fm(1500, 500, 5), 25, lambda p: torch.optim.SGD(p, 1e-6))
    truth(i, '005/lightning_logs/version_0/metrics.csv', rows)
@run('006')
def _(i):  # training labels shuffled against the images
    import keras; keras.utils.set_random_seed(6)
    xt, yt, xv, yv = kdata(fm(3000, 500, 6)); yt = np.random.RandomState(6).permutation(yt); m = kcnn(keras, w=4)
    m.compile(keras.optimizers.SGD(.01), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    h = m.fit(xt, yt, batch_size=128, epochs=30, validation_data=(xv, yv), verbose=0).history
    json.dump(h, open(d(i) + '/history.json', 'w')); truth(i, '006/history.json', keras_rows(h))
@run('007')
def _(i):  # validation array (H, W, N) reshaped to (N, H, W) instead of transposed
    torch.manual_seed(7); xt, yt, xv, yv = fm(2000, 600, 7)
    xv = torch.tensor(np.ascontiguousarray(xv[:, 0].numpy().transpose(1, 2, 0))).reshape(600, 1, 14, 14)
    rows = own_csv(i, 'progress.csv', ['ep', 'trn_nll', 'trn_acc', 'dev_nll', 'dev_acc', 'sec'], lambda r: [str(r['epoch'])] + [f"{r[k]:.5f}" for k in ('tl', 'ta', 'vl', 'va')] + [f"{r['time']:.2f}"],
                   fit(cnn(), (xt, yt, xv, yv), 35, sched=cos(.03, 35), aug=light_aug))
    truth(i, '007/progress.csv', rows)
@run('008')
def _(i):  # validation classes numbered in another order
    torch.manual_seed(8); xt, yt, xv, yv = fm(2000, 500, 8); perm = torch.tensor([3, 8, 5, 1, 9, 2, 7, 0, 4, 6])
    truth(i, '008/trainer_state.json', hf_run(i, cnn(), (xt, yt, xv, perm[yv]), 20, 2e-3, dict(logging_strategy='epoch')))
@run('009')
def _(i):  # batch-norm statistics never updated (momentum 0), input in 0..255
    torch.manual_seed(9); data = fm(2000, 500, 9, raw=True); w = 8
    m = nn.Sequential(nn.BatchNorm2d(1, momentum=0.), *cnn(mom=0.)); m[1].weight.data.mul_(3)
    rows = lightning_run(i, m, data, 25, lambda p: torch.optim.AdamW(p, 3e-3), style=1)
    truth(i, '009/lightning_logs/version_0/metrics.csv', rows)
@run('010')
def _(i):  # 300 images, big dense net
    import keras; keras.utils.set_random_seed(10)
    xt, yt, xv, yv = kdata(cifar(400, 500, 10)); m = kcnn(keras, w=16, shape=(16, 16, 3), dense=128)
    m.compile(keras.optimizers.Adam(1e-3), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    h = m.fit(xt, yt, batch_size=32, epochs=45, validation_data=(xv, yv), verbose=0, callbacks=[keras.callbacks.CSVLogger(d(i) + '/log.csv')]).history
    truth(i, '010/log.csv', keras_rows(h))
@run('011')
def _(i):  # the sampler forgets classes little by little: validation best early
    torch.manual_seed(11); data = fm(2500, 800, 11); m = cnn(); w = tb(d(i)); rows = []
    def pool(e):
        keep = torch.ones(10); s = max(0, e-8)/30
        for k in range(5): keep[k] = max(0.002, 1 - 1.6*s)
        p = torch.randperm(2500); return p[torch.rand(2500) < keep[data[1][p]]]
    for r in fit(m, data, 40, sched=lambda e: .02, pool=pool):
        for a, k in (('train_loss', 'tl'), ('valid_loss', 'vl'), ('train_accuracy', 'ta'), ('valid_accuracy', 'va')): w.add_scalar(a, r[k], r['epoch'])
        rows.append(r)
    w.close(); truth(i, '011/' + [f for f in os.listdir(d(i)) if 'tfevents' in f][0], rows)
@run('012')
def _(i):  # 40 % of the training labels wrong, wide net, constant rate: learnt by heart later
    torch.manual_seed(12); xt, yt, xv, yv = fm(1500, 1000, 12); q = torch.rand(1500) < .4; yt = torch.where(q, torch.randint(0, 10, (1500,)), yt)
    rows = lines(i, 'metrics.jsonl', fit(mlp(h=256), (xt, yt, xv, yv), 50, opt='adam', lr=7e-4),
        lambda r: json.dumps(dict(epoch=r['epoch'], train=dict(loss=r['tl'], acc=r['ta']), val=dict(loss=r['vl'], acc=r['va']), lr=r['lr'])) + '\n')
    truth(i, '012/metrics.jsonl', rows)
@run('013')
def _(i):  # a 100-epoch cosine stopped after 16
    torch.manual_seed(13); data = cifar(3000, 1000, 13); m = cnn(ch=3, size=16, w=8)
    truth(i, '013/summary.csv', timm_csv(i, with5(fit(m, data, 16, sched=cos(.0012, 100, 10), aug=light_aug), m, *data[2:])))
@run('014')
def _(i):  # constant, high rate with strong weight decay: a level from early on
    torch.manual_seed(14); data = cifar(2500, 1000, 14); m = cnn(ch=3, size=16, w=6)
    rows = lines(i, 'stdout.txt', fit(m, data, 50, lr=.12, wd=1e-2, aug=light_aug),
        lambda r: f"[{r['epoch']:02d}/50] train loss {r['tl']:.3f} | train acc {100*r['ta']:.2f}% | val loss {r['vl']:.3f} | val acc {100*r['va']:.2f}% | lr {r['lr']:g} | {r['time']:.1f}s\n", 'seed 14\nparams: 10.2k\n')
    truth(i, '014/stdout.txt', rows)
@run('015')
def _(i):  # dropout 0.6 twice
    import keras; keras.utils.set_random_seed(15)
    xt, yt, xv, yv = kdata(fm(2500, 600, 15)); m = kcnn(keras, drop=.6, dense=48)
    m.compile(keras.optimizers.Adam(1e-3), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    with open(d(i) + '/nohup.out', 'w') as f, contextlib.redirect_stdout(f):
        h = m.fit(xt, yt, batch_size=64, epochs=40, validation_data=(xv, yv), verbose=2).history
    truth(i, '015/nohup.out', keras_rows(h))
@run('016')
def _(i):  # heavy augmentation, German csv with decimal commas
    torch.manual_seed(16); m = cnn(w=10); k = lambda v, n=4: f'{v:.{n}f}'.replace('.', ',')
    rows = own_csv(i, 'verlauf.csv', ['Epoche', 'Verlust_Training', 'Genauigkeit_Training', 'Verlust_Validierung', 'Genauigkeit_Validierung', 'Lernrate'],
        lambda r: [str(r['epoch'])] + [k(r[x]) for x in ('tl', 'ta', 'vl', 'va')] + [k(r['lr'], 6)], fit(m, fm(1800, 600, 16), 35, sched=cos(.03, 35), aug=heavy_aug), ';')
    truth(i, '016/verlauf.csv', rows)
@run('017')
def _(i):  # milestone late: /25 at epoch 41 of 50
    torch.manual_seed(17); data = cifar(2500, 1000, 17); m = cnn(ch=3, size=16, w=8)
    truth(i, '017/summary.csv', timm_csv(i, with5(fit(m, data, 50, sched=lambda e: .06 if e < 40 else .0024, wd=2e-3, aug=light_aug), m, *data[2:])))
@run('018')
def _(i):  # frozen random base, unfrozen after epoch 18
    import keras; keras.utils.set_random_seed(18)
    xt, yt, xv, yv = kdata(fm(2000, 600, 18)); m = kcnn(keras, w=4)
    for l in m.layers[:-2]: l.trainable = False
    H = None
    for a, b, lr in ((0, 18, 5e-4), (18, 36, 2e-3)):
        if a:
            for l in m.layers: l.trainable = True
        m.compile(keras.optimizers.Adam(lr), 'sparse_categorical_crossentropy', metrics=['accuracy'])
        h = m.fit(xt, yt, batch_size=64, epochs=b, initial_epoch=a, validation_data=(xv, yv), verbose=0, callbacks=[keras.callbacks.CSVLogger(d(i) + '/finetune_log.csv', separator=',', append=a > 0)]).history
        H = h if H is None else {k: H[k] + h[k] for k in H}
    truth(i, '018/finetune_log.csv', keras_rows(H))
def mklog(path):
    lg = logging.getLogger(path); lg.setLevel(logging.INFO); lg.propagate = False
    h = logging.FileHandler(path, 'w'); h.setFormatter(logging.Formatter('%(asctime)s - %(levelname)s - train - %(message)s')); lg.addHandler(h); return lg
@run('019')
def _(i):  # resumed at epoch 21 with a fresh optimizer at a ten times higher rate, second file
    torch.manual_seed(19); data = fm(2500, 600, 19); m = cnn(); rows = []
    for name, a, b, s in (('train_1.log', 0, 20, cos(.03, 22)), ('train_2.log', 20, 40, lambda e: .12)):
        lg = mklog(d(i) + '/' + name); lg.info('Loaded 2500 training and 600 validation images')
        if a: lg.info('Resuming from checkpoint_last.pt (epoch 20); optimizer state not found, starting fresh')
        for r in fit(m, data, b, start=a, sched=s, wd=5e-4):
            lg.info('Epoch %d: train_loss=%.4f train_acc=%.4f', r['epoch'], r['tl'], r['ta']); lg.info('Epoch %d: val_loss=%.4f val_acc=%.4f', r['epoch'], r['vl'], r['va']); rows.append(r)
    truth(i, ['019/train_1.log', '019/train_2.log'], rows)
def tqdm_run(i, name, gen_of, epochs, nb, bs):
    from tqdm import tqdm
    rows = []; st = {}
    f = open(d(i) + '/' + name, 'w')
    def on_batch(e, step, l, n, N, o, tl, ta):
        if n <= bs: st['bar'] = tqdm(total=nb, desc=f'Epoch {e+1}/{epochs}', file=f, ncols=110, mininterval=.1)
        st['bar'].update(1)
        if st['bar'].n % 8 == 0 or n == N: st['bar'].set_postfix(loss=f'{tl:.4f}', acc=f'{ta:.4f}')
    def close(e): st['bar'].close(); return 0
    for r in gen_of(on_batch, st):
        st['bar'].close(); f.write(f"  val_loss={r['vl']:.4f}, val_acc={r['va']:.4f}\n"); f.flush(); rows.append(r)
    f.close(); return rows
@run('020')
def _(i):  # a sleep that grows: each epoch slower; bar closed after it
    torch.manual_seed(20); data = fm(1920, 600, 20)
    def gen_of(ob, st):
        cur = {'e': 0}
        def ob2(e, step, l, n, N, o, tl, ta):
            time.sleep(.0006*e); ob(e, step, l, n, N, o, tl, ta)
        return fit(cnn(), data, 28, sched=cos(.03, 28), aug=light_aug, on_batch=ob2)
    truth(i, '020/run.err', tqdm_run(i, 'run.err', gen_of, 28, 30, 64))
@run('021')
def _(i):  # table, lines lost: 12-16 and 29
    torch.manual_seed(21); rows = []; lost = [12, 13, 14, 15, 16, 29]
    def g():
        for r in fit(cnn(), fm(2000, 600, 21), 40, sched=cos(.03, 40), aug=light_aug, wd=5e-4):
            if r['epoch'] not in lost: yield r
    rows = lines(i, 'out.txt', g(), lambda r: f"| {r['epoch']:5d} | {r['tl']:10.4f} | {r['ta']:9.4f} | {r['vl']:8.4f} | {r['va']:7.4f} | {r['lr']:.2e} |\n",
        '| epoch | train_loss | train_acc | val_loss | val_acc |       lr |\n|-------|------------|-----------|----------|---------|----------|\n')
    truth(i, '021/out.txt', rows, missing=lost, total=40)
@run('022')
def _(i):  # Lightning killed: last epochs of version_0 never flushed; version_1 goes on from epoch 18
    from lightning.pytorch.loggers import CSVLogger
    torch.manual_seed(22); m = cnn(); data = fm(2000, 500, 22); ck = ROOT + '/_ck.ckpt'
    mk = lambda ep, **k: lightning_run(i, m, data, ep, lambda p: torch.optim.SGD(p, .03, momentum=.9, weight_decay=5e-4), lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [20, 27]), light_aug, logger=CSVLogger(d(i), name='lightning_logs'), **k)
    a = mk(18, save=ck); p = d(i) + '/lightning_logs/version_0/metrics.csv'
    L = open(p).read().splitlines(True); c = L[0].strip().split(',').index('epoch')
    open(p, 'w').writelines([L[0]] + [l for l in L[1:] if int(l.split(',')[c]) < 13])
    b = mk(32, ckpt=ck, seed=1); os.remove(ck)
    truth(i, ['022/lightning_logs/version_0/metrics.csv', '022/lightning_logs/version_1/metrics.csv'], [r for r in a if r['epoch'] <= 13] + b, missing=[14, 15, 16, 17, 18], total=32)
@run('023')
def _(i):  # validation accuracy: batch accuracies summed, divided by half the number of batches
    torch.manual_seed(23); data = fm(2000, 600, 23)
    def g():
        for r in fit(cnn(), data, 30, sched=cos(.03, 30), aug=light_aug): r['va'] *= 5/3; yield r   # 5 batches of 120 // 3
    rows = own_csv(i, 'results.csv', ['epoch', 'loss', 'test_loss', 'acc', 'test_acc'], lambda r: [str(r['epoch'])] + [f"{r[k]:.6f}" for k in ('tl', 'vl', 'ta', 'va')], g())
    truth(i, '023/results.csv', rows)
@run('024')
def _(i):  # nll_loss on softmax: negative loss
    torch.manual_seed(24); rows = []; wt, wv = tb(d(i, 'train')), tb(d(i, 'validation'))
    for r in fit(cnn(), fm(2000, 600, 24), 30, sched=cos(.05, 30), aug=light_aug, lossf=lambda o, y: F.nll_loss(o.softmax(1), y)):
        for w, p in ((wt, 't'), (wv, 'v')): w.add_scalar('epoch_loss', r[p+'l'], r['epoch']-1); w.add_scalar('epoch_accuracy', r[p+'a'], r['epoch']-1)
        rows.append(r)
    wt.close(); wv.close()
    truth(i, [f'024/{s}/' + os.listdir(d(i, s))[0] for s in ('train', 'validation')], rows)
@run('025')
def _(i):  # 40 validation images and a high constant rate
    torch.manual_seed(25)
    truth(i, '025/trainer_state.json', hf_by_hand(i, fit(cnn(bn=True), fm(1500, 40, 25), 35, lr=.35, bs=48), 32, 35, 40))
@run('026')
def _(i):  # wrong labels in a tenth of the validation set, no regularisation: its loss grows while its accuracy grows
    import keras; keras.utils.set_random_seed(26)
    xt, yt, xv, yv = kdata(fm(3000, 800, 26)); yv = yv.copy(); yv[:120] = (yv[:120] + 3) % 10; m = kcnn(keras, w=8)
    m.compile(keras.optimizers.Adam(3e-3), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    with open(d(i) + '/console.log', 'w') as f, contextlib.redirect_stdout(f):
        h = m.fit(xt, yt, batch_size=100, epochs=35, validation_data=(xv, yv), verbose=1).history
    truth(i, '026/console.log', keras_rows(h))

# ================================================================ the sound ones
@run('027')
def _(i):
    import keras; keras.utils.set_random_seed(27)
    xt, yt, xv, yv = kdata(fm(3000, 1000, 27)); m = kcnn(keras, drop=.2)
    m.compile(keras.optimizers.Adam(2e-3), 'sparse_categorical_crossentropy', metrics=['accuracy']); c = cos(2e-3, 40)
    h = m.fit(xt, yt, batch_size=100, epochs=40, validation_data=(xv, yv), verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(lambda e: c(e)), keras.callbacks.CSVLogger(d(i) + '/history.csv')]).history
    truth(i, '027/history.csv', keras_rows(h))
@run('028')
def _(i):
    torch.manual_seed(28)
    rows = lightning_run(i, cnn(), fm(2500, 1000, 28), 40, lambda p: torch.optim.SGD(p, .02, momentum=.9, weight_decay=1e-3), lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [15, 28], .2), light_aug, style=1)
    truth(i, '028/lightning_logs/version_0/metrics.csv', rows)
@run('029')
def _(i):
    torch.manual_seed(29)
    truth(i, '029/trainer_state.json', hf_run(i, cnn(drop=.2), fm(2000, 800, 29), 25, 3e-3, dict(logging_strategy='steps', logging_steps=8), warmup_steps=60, weight_decay=.01))
@run('030')
def _(i):
    torch.manual_seed(30); data = cifar(3000, 1000, 30); m = cnn(ch=3, size=16, w=8, drop=.1)
    truth(i, '030/summary.csv', timm_csv(i, with5(fit(m, data, 50, sched=cos(.04, 50, 5), aug=light_aug, wd=1e-3), m, *data[2:])))
@run('031')
def _(i):
    torch.manual_seed(31); w = tb(d(i, 'version_0')); rows = []; st = {}
    def ob(e, step, l, n, N, o, tl, ta):
        st['s'] = step
        if step % 20 == 0: w.add_scalar('train/loss_step', l, step)
    for r in fit(cnn(drop=.1), fm(2500, 1000, 31), 35, sched=cos(.03, 35), aug=light_aug, wd=5e-4, on_batch=ob):
        for a, k in (('train/loss_epoch', 'tl'), ('train/acc_epoch', 'ta'), ('val/loss', 'vl'), ('val/acc', 'va')): w.add_scalar(a, r[k], st['s'])
        w.add_scalar('epoch', r['epoch']-1, st['s']); rows.append(r)
    w.close(); truth(i, '031/version_0/' + os.listdir(d(i, 'version_0'))[0], rows)
@run('032')
def _(i):  # early stopping on validation loss, patience 6, best weights restored
    torch.manual_seed(32)
    def g():
        best, bad = 9, 0
        for r in fit(cnn(drop=.2), fm(2500, 1000, 32), 60, lr=.004, wd=1e-3):
            yield r
            if r['vl'] < best: best, bad, st['b'] = r['vl'], 0, r['epoch']
            else: bad += 1
            if bad == 6: return
    st = {}
    rows = lines(i, 'log.txt', g(), lambda r: f"Epoch {r['epoch']}/60 - {r['time']:.0f}s - loss: {r['tl']:.4f} - acc: {r['ta']:.4f} - val_loss: {r['vl']:.4f} - val_acc: {r['va']:.4f}\n")
    open(d(i) + '/log.txt', 'a').write(f"Early stopping: no improvement of val_loss for 6 epochs.\nRestoring model weights from the end of the best epoch: {st['b']}.\n"); truth(i, '032/log.txt', rows, es=st['b'])
@run('033')
def _(i):
    torch.manual_seed(33); truth(i, '033/train_stderr.log', tqdm_run(i, 'train_stderr.log', lambda ob, st: fit(cnn(), fm(2560, 800, 33), 25, sched=cos(.03, 25, 3), aug=light_aug, wd=1e-3, on_batch=ob), 25, 40, 64))
@run('034')
def _(i):  # table with errors in per cent
    torch.manual_seed(34); N = 30; oc = lambda e: .004 + .05*e/9 if e < 9 else .054*.5*(1+math.cos(math.pi*(e-9)/(N-9)))
    rows = lines(i, 'train.out', fit(cnn(), fm(2500, 1000, 34), N, sched=oc, aug=light_aug, wd=1e-3),
        lambda r: f"{r['epoch']:>5d}  {r['tl']:>10.4f}  {100*(1-r['ta']):>9.2f}  {r['vl']:>8.4f}  {100*(1-r['va']):>7.2f}  {r['time']:>5.2f}\n", "epoch  train_loss  train_err  val_loss  val_err   time\n" + '-'*54 + '\n', '-'*54 + '\ndone\n')
    truth(i, '034/train.out', rows)
@run('035')
def _(i):  # long
    torch.manual_seed(35); lg = mklog(d(i) + '/experiment.log'); lg.info('config: model=cnn8 epochs=60 lr=0.03 schedule=cosine'); rows = []
    for r in fit(cnn(drop=.1), fm(2500, 1000, 35), 60, sched=cos(.03, 60), aug=light_aug, wd=1e-3):
        lg.info('epoch: %d/60, lr: %.5f, train loss: %.4f, train accuracy: %.2f%%, val loss: %.4f, val accuracy: %.2f%%', r['epoch'], r['lr'], r['tl'], 100*r['ta'], r['vl'], 100*r['va']); rows.append(r)
    lg.info('Finished.'); truth(i, '035/experiment.log', rows)
@run('036')
def _(i):  # 120 validation images: noise only as counting explains
    torch.manual_seed(36)
    rows = lines(i, 'log.jsonl', fit(cnn(), fm(2500, 120, 36), 35, sched=cos(.02, 35), aug=light_aug, wd=1e-3), lambda r: json.dumps(dict(epoch=r['epoch']-1, train_loss=round(r['tl'], 5), train_acc=round(r['ta'], 5), val_loss=round(r['vl'], 5), val_acc=round(r['va'], 5), lr=r['lr'], time=round(r['time'], 3))) + '\n')
    truth(i, '036/log.jsonl', rows)
@run('037')
def _(i):  # French
    torch.manual_seed(37)
    rows = own_csv(i, 'historique.csv', ['époque', 'perte_entraînement', 'perte_validation', 'exactitude_entraînement', 'exactitude_validation', "taux_apprentissage"], lambda r: [str(r['epoch'])] + [f"{r[k]:.5f}" for k in ('tl', 'vl', 'ta', 'va')] + [f"{r['lr']:g}"],
        fit(cnn(), fm(2500, 1000, 37), 36, sched=lambda e: .02*.25**((e+1)//12), aug=light_aug, wd=1e-3))
    truth(i, '037/historique.csv', rows)
@run('038')
def _(i):
    import keras; keras.utils.set_random_seed(38)
    xt, yt, xv, yv = kdata(fm(3000, 1000, 38)); m = kcnn(keras, drop=.3); C = keras.callbacks
    m.compile(keras.optimizers.Adam(2e-3), 'sparse_categorical_crossentropy', metrics=['accuracy'])
    h = m.fit(xt, yt, batch_size=100, epochs=60, validation_data=(xv, yv), verbose=0, callbacks=[C.ReduceLROnPlateau(factor=.3, patience=3), C.EarlyStopping(patience=7, restore_best_weights=True)]).history
    h = {k: [float(v) for v in x] for k, x in h.items()}
    json.dump(h, open(d(i) + '/history.json', 'w'), indent=1); truth(i, '038/history.json', keras_rows(h))
@run('039')
def _(i):  # slightly overfitted, cosine
    torch.manual_seed(39)
    rows = lightning_run(i, cnn(w=8), fm(3000, 1000, 39), 30, lambda p: torch.optim.SGD(p, .01, momentum=.9, weight_decay=2e-3), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 30), style=2)
    truth(i, '039/lightning_logs/version_0/metrics.csv', rows)
@run('040')
def _(i):  # 150 validation images, HF form
    torch.manual_seed(40)
    truth(i, '040/trainer_state.json', hf_by_hand(i, fit(cnn(drop=.1), fm(2496, 150, 40), 30, opt='adam', sched=cos(3e-3, 30, 2), wd=.01, aug=light_aug), 39, 30, 150))

if __name__ == '__main__':
    ids = sys.argv[2:] or [i for i in sorted(RUNS) if not os.path.exists(f'{ROOT}/_truth/{i}.json')]
    for i in ids:
        shutil.rmtree(f'{ROOT}/{i}', ignore_errors=True); t = time.time()
        try: RUNS[i](i); print(i, f'{time.time()-t:.1f}s', flush=True)
        except Exception:
            import traceback; traceback.print_exc(); print(i, 'FAILED', flush=True)
