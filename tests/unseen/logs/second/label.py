# labels set by eye from the printed curves (show.py), after the trainings
import json,re,math
C={ # name: (course, one reader, comment)
'rowan_history.json':(['disagree'],['overfitting'],''),
'maple_trainer_state.json':([],[],'train loss is logged four times an epoch: not labelled'),
'cedar_trainer_state.json':(['stuck'],['chance','plateau'],''),
'birch_trainer_state.json':(['best early'],['diverged','noisy'],''),
'hazel_trainer_state.json':(['incomplete'],[],'epochs 14 to 20 are missing: 29 epochs are in the log, the last is 36'),
'larch_summary.csv':([],[],''),
'aspen_summary.csv':(['chance'],['overfitting','disagree'],''),
'alder_summary.csv':(['plateau'],[],''),
'ebony_summary.csv':(['diverged'],['best early'],''),
'olive_results.csv':([],[],''),
'poplar_results.csv':(['overfitting'],['best early','plateau'],''),
'willow_results.csv':(['slower'],[],''),
'yew_results.csv':(['break','best early'],[],'all weights lost at epoch 23'),
'tb_fir':([],[],''),
'tb_pine':(['train below val'],[],''),
'tb_oak':(['improving'],['slower'],''),
'tb_ash':(['noisy'],['overfitting','best early','plateau','disagree'],''),
'mlruns_beech':([],[],''),
'mlruns_elm':(['disagree'],['overfitting','improving'],''),
'mlruns_teak':(['impossible'],['train below val'],'val accuracy above 1'),
'linden.log':([],[],''),
'acacia.txt':([],['plateau'],''),
'train_sorrel.out':(['diverged'],['best early'],'trained on squared error'),
'mallow.log':(['slower'],[],''),
'thyme.txt':(['train below val'],[],''),
'sage.jsonl':([],[],''),
'basil.csv':([],[],''),
'mint.tsv':(['stuck'],['chance','plateau'],''),
'dill.jsonl':(['impossible'],['overfitting'],'negative losses'),
'heron_metrics.csv':([],[],''),
'robin_metrics.csv':(['overfitting'],['best early','plateau'],''),
'finch_metrics.csv':(['noisy'],['overfitting','best early','plateau','disagree'],''),
'wren_metrics.csv':(['break'],['overfitting'],'unfrozen at epoch 15'),
'otter_log.csv':([],[],''),
'lynx_log.csv':(['overfitting'],['best early','plateau','disagree'],''),
'bison_log.csv':(['diverged'],['best early'],'trained on squared error'),
'stoat_log.csv':(['improving'],[],''),
'hare_history.json':([],[],''),
'mole_history.json':(['plateau'],[],''),
'vole_history.json':(['chance'],['overfitting'],''),
'badger.log':([],[],''),
'marten.txt':([],[],''),
'weasel.txt':(['incomplete'],['improving'],'17 whole epochs, the 18th of 40 breaks off'),
'ferret.log':(['overfitting','best early'],[],''),
}
C['dill.jsonl']=(['impossible'],[],'negative losses')
N={'tl':'train loss','vl':'val loss','ta':'train accuracy','va':'val accuracy'}
def weasel():
    t=re.sub(r'\x1b\[[0-9;]*m|\x08','',open('set/weasel.txt').read()).replace('\r','\n'); rs=[]
    for m in re.finditer(r'- accuracy: (\S+) - loss: (\S+) - val_accuracy: (\S+) - val_loss: (\S+)',t):
        a=[float(x) for x in m.groups()]; rs.append(dict(epoch=len(rs)+1,ta=a[0],tl=a[1],va=a[2],vl=a[3]))
    return dict(keys=list(N),recs=rs,cfg={})
out=[]
def f(x): return '.nan' if x!=x else repr(round(x,4)) if abs(x)<1e6 else '%.6e'%x
for n,(co,one,cm) in C.items():
    d=weasel() if n=='weasel.txt' else json.load(open(f'rec/{n}.json')); rs=d['recs']; g=d['cfg'].get('gap')
    if g: rs=[r for r in rs if not g[0]<=r['epoch']<=g[1]]
    ks=[k for k in d['keys'] if not(n.startswith('maple') and k=='tl')]
    va=[r['va'] for r in rs]; m=max(va); b=[r['epoch'] for r in rs if r['va']==m]
    o=[f'{n}:'+(f'   # {cm}' if cm else ''),f"  course: [{', '.join(co)}]",f"  one reader: [{', '.join(one)}]",f"  sound: {'false' if co else 'true'}",f"  epochs: {rs[-1]['epoch']}"]
    if len(b)==1: o.append(f'  best_epoch: {b[0]}')
    for k,r in (('first',rs[0]),('last',rs[-1])): o.append(f'  {k}: {{'+', '.join(f'{N[q]}: {f(r[q])}' for q in ks)+'}')
    out.append('\n'.join(o))
open('set/labels.yaml','w').write('\n'.join(out)+'\n')
import yaml,os,collections
y=yaml.safe_load(open('set/labels.yaml')); print(len(y),set(os.listdir('set'))-set(y),set(y)-set(os.listdir('set')))
for k in('course','one reader'): print(k,collections.Counter(c for v in y.values() for c in v[k]))
print(sum(v['sound'] for v in y.values()),'sound')
