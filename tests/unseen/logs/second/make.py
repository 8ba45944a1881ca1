"""Makes training logs from real small trainings. usage: make.py torch|light|keras|ktext NAME  (seed 33017)"""
import sys,os,json,time,csv,math,random,io,zlib,shutil
import numpy as np
SEED=33017; R='./'; S=R+'set/'
def data(c):
    z=np.load(R+('fm.npz' if c['data']=='fm' else 'cf.npz'))
    if c['data']=='fm': X,y,Xv,yv=[z[k] for k in('X','y','Xv','yv')]
    else:
        X=z['X'].astype('f4').transpose(0,3,1,2)/255; m=z['s']==list(z['sps']).index('train')
        X,Xv,y,yv=X[m],X[~m],z['y'][m],z['y'][~m]
    if c.get('classes'):
        cl=c['classes']
        def f(X,y):
            m=np.isin(y,cl); return X[m],np.array([cl.index(v) for v in y[m]])
        X,y=f(X,y); Xv,yv=f(Xv,yv)
    r=np.random.default_rng(SEED+zlib.crc32(c['name'].encode())%10000)
    i=r.permutation(len(X))[:c['n']]; j=r.permutation(len(Xv))[:c['nv']]
    X,y,Xv,yv=X[i],y[i],Xv[j],yv[j]; k=len(c.get('classes') or range(10))
    if c.get('noise'):
        m=r.random(len(y))<c['noise']; y=np.where(m,r.integers(0,k,len(y)),y)
    if c.get('valshuf'): yv=r.permutation(yv)
    mu,sd=X.mean(),X.std()
    if not c.get('raw'): X,Xv=(X-mu)/sd,(Xv-mu)/sd
    else: X,Xv=X*c['raw'],Xv*c['raw']
    return X.astype('f4'),y.astype('i8'),Xv.astype('f4'),yv.astype('i8'),k
def lr_at(c,e):
    s=c.get('sched','const'); b=c['lr']; E=c['epochs']
    if s=='cos': return b*0.5*(1+math.cos(math.pi*e/E))
    if s=='onecyc': return b*(e+1)/(0.2*E) if e<0.2*E else b*0.5*(1+math.cos(math.pi*(e-.2*E)/(.8*E)))
    if s=='grow': return b*c['g']**e
    if s=='decay': return b*c['g']**e
    return b
def build(c,k,shape):
    import torch.nn as nn
    d=c.get('drop',0); ch=shape[0] if len(shape)==3 else 1
    if c.get('model')=='cnn':
        return nn.Sequential(nn.Unflatten(1,(ch,shape[-1],shape[-1])),nn.Conv2d(ch,8,3,2,1),nn.ReLU(),nn.Conv2d(8,16,3,2,1),nn.ReLU(),nn.Flatten(),nn.Dropout(d),nn.LazyLinear(32),nn.ReLU(),nn.Linear(32,k))
    L=[];i=int(np.prod(shape))
    for h in c.get('h',[64]):
        L.append(nn.Linear(i,h))
        if c.get('bn'): L.append(nn.BatchNorm1d(h,momentum=c['bn']))
        L.append(nn.ReLU())
        if d: L.append(nn.Dropout(d))
        i=h
    L.append(nn.Linear(i,k)); m=nn.Sequential(*L)
    if c.get('zero'):
        for p in m.parameters(): nn.init.zeros_(p)
    return m
def opt(c,m):
    import torch
    o=c.get('opt','adam')
    if o=='adam': return torch.optim.AdamW(m.parameters(),lr=c['lr'],weight_decay=c.get('wd',1e-4))
    return torch.optim.SGD(m.parameters(),lr=c['lr'],momentum=c.get('mom',0.),weight_decay=c.get('wd',0))
def train(c,onbar=None):
    import torch,torch.nn.functional as F
    torch.set_num_threads(1); torch.manual_seed(SEED+zlib.crc32(c['name'].encode())%1000)
    X,y,Xv,yv,k=data(c); shape=X.shape[1:]
    X=torch.tensor(X.reshape(len(X),-1)); Xv=torch.tensor(Xv.reshape(len(Xv),-1)); y=torch.tensor(y); yv=torch.tensor(yv)
    m=build(c,k,shape); m(X[:4]); o=opt(c,m); bs=c.get('bs',64); T=c.get('temp',1.)
    def loss(z,t,tr=True):
        if c.get('mse'): return F.mse_loss(z,F.one_hot(t,k).float())
        if c.get('nll_soft'): return F.nll_loss(torch.softmax(z,1),t)
        return F.cross_entropy(z/T if tr else z,t,label_smoothing=c.get('ls',0) if tr else 0)
    leak=[]; tot=0.
    for e in range(c['epochs']):
        t0=time.process_time(); lr=lr_at(c,e)
        for g in o.param_groups: g['lr']=lr
        if c.get('freeze'):
            for p in list(m.parameters())[:-2]: p.requires_grad_(e>=c['freeze'])
        if c.get('restart')==e:     # resumed without the checkpoint's weights of the head
            m[-1].reset_parameters(); m[0].reset_parameters() if c.get('restart_all') else None; o=opt(c,m)
        m.train(); sl=0;sc=0;nb=0;gn=0; perm=torch.randperm(len(X)); steps=[]
        rng=range(0,len(X)-(bs-1 if c.get('droplast') else 0),bs)
        bar=onbar(e,len(rng)) if onbar else None
        for b in rng:
            i=perm[b:b+bs]; x=X[i]
            if c.get('aug'): x=x+c['aug']*torch.randn_like(x)
            z=m(x); l=loss(z,y[i]); o.zero_grad(); l.backward()
            gn=float(torch.nn.utils.clip_grad_norm_(m.parameters(),c.get('clip',1e30)))
            o.step(); sl+=float(l.detach())*len(i); sc+=int((z.argmax(1)==y[i]).sum()); nb+=len(i); steps.append(float(l.detach()))
            if c.get('leak'): leak.append((x,z.detach()))
            if bar is not None: bar.update(1); bar.set_postfix(loss=f'{steps[-1]:.3f}')
        if bar is not None: bar.close()
        if c.get('leak'):  # metric object never reset: everything ever seen is gone through at each epoch
            for _ in range(c['leak']): 
                for x,z in leak: (x@x.T).sum()
        m.eval()
        with torch.no_grad(): zv=m(Xv); vl=float(loss(zv,yv,False)); p=zv.argmax(1); va=float((p==yv).float().mean()); t5=float((zv.topk(min(5,k),1)[1]==yv[:,None]).any(1).float().mean()) if torch.isfinite(zv).all() else float((yv<5).float().mean())
        ta=sc/nb
        if c.get('accbug'): va=float((p==yv).sum())/(c['accbug']); ta=sc/c['accbugt']
        tot+=time.process_time()-t0
        yield dict(epoch=e+1,tl=sl/nb,vl=vl,ta=ta,va=va,t5=t5,lr=lr,dt=time.process_time()-t0,t=tot,gn=gn,steps=steps,nb=len(rng))
# ---- writers: each gets c and records, returns name in set and which keys are logged
def w_hist(c,rs):
    json.dump({'accuracy':[r['ta'] for r in rs],'loss':[r['tl'] for r in rs],'val_accuracy':[r['va'] for r in rs],'val_loss':[r['vl'] for r in rs]},open(S+c['name'],'w'))
def w_hf(c,rs):
    L=[];nb=rs[0]['nb'];E=c['epochs'];ls=c.get('logsteps');best=None
    for r in rs:
        e=r['epoch']
        if c.get('gap') and c['gap'][0]<=e<=c['gap'][1]: continue
        if ls:
            for s in range(ls,nb+1,ls):
                st=(e-1)*nb+s; L.append({'epoch':round(st/nb,4),'grad_norm':r['gn'],'learning_rate':r['lr'],'loss':round(float(np.mean(r['steps'][s-ls:s])),4),'step':st})
        else: L.append({'epoch':float(e),'grad_norm':r['gn'],'learning_rate':r['lr'],'loss':round(r['tl'],4),'step':e*nb})
        rt=max(r['dt']*.2,1e-3)
        L.append({'epoch':float(e),'eval_accuracy':r['va'],'eval_loss':r['vl'],'eval_runtime':round(rt,4),'eval_samples_per_second':round(c['nv']/rt,3),'eval_steps_per_second':round(c['nv']/64/rt,3),'step':e*nb})
        if best is None or r['va']>best[0]: best=(r['va'],e*nb)
    L.append({'epoch':float(E),'step':E*nb,'total_flos':1.2e12,'train_loss':float(np.mean([r['tl'] for r in rs])),'train_runtime':round(rs[-1]['t'],4),'train_samples_per_second':round(c['n']*E/rs[-1]['t'],3),'train_steps_per_second':round(nb*E/rs[-1]['t'],3)})
    json.dump({'best_global_step':best[1],'best_metric':best[0],'best_model_checkpoint':f'out/checkpoint-{best[1]}','epoch':float(E),'eval_steps':500,'global_step':E*nb,'is_hyper_param_search':False,'is_local_process_zero':True,'is_world_process_zero':True,'log_history':L,'logging_steps':ls or 500,'max_steps':E*nb,'num_input_tokens_seen':0,'num_train_epochs':E,'save_steps':500,'stateful_callbacks':{'TrainerControl':{'args':{'should_epoch_stop':False,'should_evaluate':False,'should_log':False,'should_save':True,'should_training_stop':True},'attributes':{}}},'total_flos':1.2e12,'train_batch_size':c.get('bs',64),'trial_name':None,'trial_params':None},open(S+c['name'],'w'),indent=2)
def w_timm(c,rs):
    from collections import OrderedDict as O
    from timm.utils import update_summary
    if os.path.exists(S+c['name']): os.remove(S+c['name'])
    for r in rs: update_summary(r['epoch']-1,O(loss=r['tl']),O(loss=r['vl'],top1=100*r['va'],top5=100*r['t5']),S+c['name'],lr=r['lr'],write_header=r['epoch']==1)
def w_ultra(c,rs):
    ks=['epoch','time','train/loss','metrics/accuracy_top1','metrics/accuracy_top5','val/loss','lr/pg0','lr/pg1','lr/pg2']
    f=open(S+c['name'],'w')
    if c.get('old'): ks.remove('time'); f.write(('%23s,'*len(ks)%tuple(ks)).rstrip(',')+'\n')
    else: f.write(','.join(ks)+'\n')
    for r in rs:
        v=[r['epoch'],r['t'],r['tl'],r['va'],r['t5'],r['vl'],r['lr'],r['lr'],r['lr']]
        if c.get('old'): v.pop(1)
        f.write((('%23.5g,' if c.get('old') else '%.6g,')*len(v)%tuple(v)).rstrip(',')+'\n')
def w_tb(c,rs):
    from torch.utils.tensorboard import SummaryWriter
    shutil.rmtree(S+c['name'],ignore_errors=True); w=SummaryWriter(S+c['name']); t0=time.time()
    tg=c.get('tags',['Loss/train','Loss/val','Accuracy/train','Accuracy/val'])
    for r in rs:
        for t,k in zip(tg,('tl','vl','ta','va')): w.add_scalar(t,r[k],r['epoch']-1+c.get('step0',0),walltime=t0+r['t'])
        w.add_scalar('lr',r['lr'],r['epoch']-1+c.get('step0',0),walltime=t0+r['t'])
    w.close()
def w_mlflow(c,rs):
    d=S+c['name']; shutil.rmtree(d,ignore_errors=True); rg=random.Random(SEED+len(c['name'])+c['n'])
    ex=str(rg.randrange(10**17,10**18)); ru='%032x'%rg.getrandbits(128); t0=int(time.time()*1000)
    def wr(p,s): os.makedirs(os.path.dirname(d+'/'+p),exist_ok=True); open(d+'/'+p,'w').write(s)
    for i,n in (('0','Default'),(ex,c.get('exp','small-images'))):
        wr(f'{i}/meta.yaml',f"artifact_location: file:///home/u/proj/mlruns/{i}\ncreation_time: {t0-5000}\nexperiment_id: '{i}'\nlast_update_time: {t0-5000}\nlifecycle_stage: active\nname: {n}\n")
    b=f'{ex}/{ru}/'; end=t0+int(rs[-1]['t']*1000)
    wr(b+'meta.yaml',f"artifact_uri: file:///home/u/proj/mlruns/{ex}/{ru}/artifacts\nend_time: {end}\nentry_point_name: ''\nexperiment_id: '{ex}'\nlifecycle_stage: active\nrun_id: {ru}\nrun_name: calm-fox-{rg.randrange(1000)}\nrun_uuid: {ru}\nsource_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: {t0}\nstatus: 3\ntags: []\nuser_id: u\n")
    os.makedirs(d+'/'+b+'artifacts')
    for k in ('lr','epochs','bs'): wr(b+'params/'+k,str(c.get(k,64)))
    for k,v in (('mlflow.runName','calm-fox'),('mlflow.source.name','train.py'),('mlflow.source.type','LOCAL'),('mlflow.user','u')): wr(b+'tags/'+k,v)
    for n,k in c.get('mnames',(('train_loss','tl'),('val_loss','vl'),('train_acc','ta'),('val_acc','va'))):
        wr(b+'metrics/'+n,''.join(f"{t0+int(r['t']*1000)} {r[k]} {r['epoch']-1+c.get('step0',0)}\n" for r in rs))
def w_print(c,rs):
    E=c['epochs']; f=open(S+c['name'],'w'); st=c['style']
    if st==1: f.write(f"Using device: cpu\nTraining samples: {c['n']}  Validation samples: {c['nv']}\n")
    if st==2: f.write(f"Namespace(lr={c['lr']}, epochs={E}, batch_size={c.get('bs',64)}, seed=1)\n")
    for r in rs:
        e=r['epoch']
        if st==1: f.write(f"Epoch {e}/{E} | Train Loss: {r['tl']:.4f} | Train Acc: {100*r['ta']:.2f}% | Val Loss: {r['vl']:.4f} | Val Acc: {100*r['va']:.2f}%\n")
        if st==2: f.write(f"Epoch {e}/{E}\n----------\ntrain Loss: {r['tl']:.4f} Acc: {r['ta']:.4f}\nval Loss: {r['vl']:.4f} Acc: {r['va']:.4f}\n\n")
        if st==4: f.write(f"[{e:03d}/{E:03d}] train_loss={r['tl']:.3f} train_acc={r['ta']:.3f} val_loss={r['vl']:.3f} val_acc={r['va']:.3f} time={r['dt']:.2f}s\n")
        if st==5:
            for s in range(0,len(r['steps']),30): f.write(f"Train Epoch: {e} [{s*c['bs']}/{c['n']} ({100*s/r['nb']:.0f}%)]\tLoss: {r['steps'][s]:.6f}\n")
            f.write(f"\nTrain set: Average loss: {r['tl']:.4f}, Accuracy: {round(r['ta']*c['n'])}/{c['n']} ({100*r['ta']:.1f}%)\nTest set: Average loss: {r['vl']:.4f}, Accuracy: {round(r['va']*c['nv'])}/{c['nv']} ({100*r['va']:.1f}%)\n\n")
    if st==1: f.write(f"Finished Training. Best val acc: {100*max(r['va'] for r in rs):.2f}%\n")
    f.close()
def w_own(c,rs):
    f=open(S+c['name'],'w'); st=c['style']
    if st==1:
        for r in rs: f.write(json.dumps({'epoch':r['epoch'],'train':{'loss':round(r['tl'],5),'acc':round(r['ta'],5)},'val':{'loss':round(r['vl'],5),'acc':round(r['va'],5)},'lr':r['lr'],'sec':round(r['dt'],3)})+'\n')
    if st==2:
        f.write('ep;loss_tr;loss_va;acc_tr;acc_va\n')
        for r in rs: f.write(f"{r['epoch']};{r['tl']:.4f};{r['vl']:.4f};{100*r['ta']:.2f};{100*r['va']:.2f}\n")
    if st==3:
        f.write('epoch\tlr\ttrain_loss\ttrain_error\tval_loss\tval_error\n' if c.get('err') else 'epoch\tlr\ttrain_loss\ttrain_acc\tval_loss\tval_acc\n')
        for r in rs: f.write(f"{r['epoch']-1}\t{r['lr']:.2e}\t{r['tl']:.5f}\t{r['ta']:.4f}\t{r['vl']:.5f}\t{r['va']:.4f}\n")
    if st==4:
        for r in rs:
            f.write(json.dumps({'step':r['epoch']*r['nb'],'epoch':r['epoch'],'split':'train','loss':r['tl'],'accuracy':r['ta']})+'\n')
            f.write(json.dumps({'step':r['epoch']*r['nb'],'epoch':r['epoch'],'split':'val','loss':r['vl'],'accuracy':r['va']})+'\n')
K4=['tl','vl','ta','va']; K3=['tl','vl','va']
def save(c,rs,keys):
    json.dump(dict(cfg={k:v for k,v in c.items()},keys=keys,recs=[{k:v for k,v in r.items() if k!='steps'} for r in rs]),open(R+'rec/'+c['name']+'.json','w'))
TORCH=[ # fmt, intention, settings
('hist','disagree',dict(name='rowan_history.json',data='fm',n=4000,nv=2000,h=[128],lr=1e-3,epochs=40,temp=12.)),
('hf','sound',dict(name='maple_trainer_state.json',data='fm',n=8000,nv=2000,h=[96],lr=2e-3,sched='cos',epochs=20,drop=.15,wd=1e-2,bs=80,logsteps=25)),
('hf','stuck',dict(name='cedar_trainer_state.json',data='fm',n=3000,nv=1000,h=[64],lr=1e-3,epochs=20,opt='sgd',zero=1)),
('hf','best early',dict(name='birch_trainer_state.json',data='fm',n=4000,nv=2000,h=[64],lr=5e-4,sched='grow',g=1.12,epochs=40)),
('hf','incomplete',dict(name='hazel_trainer_state.json',data='fm',n=6000,nv=2000,h=[64],lr=1.5e-3,sched='cos',epochs=36,drop=.1,wd=1e-2,gap=[14,20])),
('timm','sound',dict(name='larch_summary.csv',data='fm',n=6000,nv=2000,model='cnn',lr=4e-3,sched='onecyc',epochs=25,drop=.1,wd=2e-2)),
('timm','chance',dict(name='aspen_summary.csv',data='fm',n=1000,nv=2000,h=[256],lr=1.5e-3,epochs=45,noise=1.)),
('timm','plateau',dict(name='alder_summary.csv',data='cf',n=6000,nv=2000,h=[2],lr=2e-2,opt='sgd',mom=.9,epochs=40,sched='decay',g=.75)),
('timm','diverged',dict(name='ebony_summary.csv',data='cf',n=4000,nv=2000,h=[64],lr=4e-3,opt='sgd',mom=.9,sched='grow',g=1.3,epochs=30)),
('ultra','sound',dict(name='olive_results.csv',data='fm',n=8000,nv=2500,h=[64],lr=3e-3,sched='cos',epochs=30,drop=.1,wd=1e-2,bs=128)),
('ultra','overfitting',dict(name='poplar_results.csv',data='cf',n=700,nv=1500,h=[128],lr=1e-3,epochs=50,old=1)),
('ultra','slower',dict(name='willow_results.csv',data='fm',n=4000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=30,drop=.1,wd=1e-2,bs=128,leak=8)),
('ultra','break',dict(name='yew_results.csv',data='fm',n=5000,nv=2000,h=[64],lr=1e-3,sched='cos',epochs=40,drop=.1,wd=1e-2,restart=22,restart_all=1)),
('tb','sound',dict(name='tb_fir',data='fm',n=6000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=30,drop=.1,wd=2e-2)),
('tb','train below val',dict(name='tb_pine',data='fm',n=5000,nv=2000,h=[96,96],lr=1.5e-3,sched='cos',epochs=40,drop=.6,aug=.6,tags=['train/loss','val/loss','train/acc','val/acc'])),
('tb','improving',dict(name='tb_oak',data='fm',n=4000,nv=2000,h=[64],lr=2.5e-3,opt='sgd',epochs=18,step0=1,tags=['train_loss','valid_loss','train_accuracy','valid_accuracy'])),
('tb','noisy',dict(name='tb_ash',data='fm',n=1600,nv=3000,h=[64,64],lr=8e-2,opt='sgd',mom=.9,epochs=36,bn=1.,bs=10,tags=['Loss/train','Loss/test','Acc/train','Acc/test'])),
('mlflow','sound',dict(name='mlruns_beech',data='fm',n=7000,nv=2000,h=[64],lr=2.5e-3,sched='cos',epochs=28,drop=.1,wd=2e-2,bs=100)),
('mlflow','disagree',dict(name='mlruns_elm',data='fm',n=5000,nv=2500,h=[64],lr=2e-4,temp=6.,epochs=40,step0=1,mnames=(('loss','tl'),('val_loss','vl'),('accuracy','ta'),('val_accuracy','va')))),
('mlflow','impossible',dict(name='mlruns_teak',data='fm',n=5000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=25,drop=.1,wd=1e-2,accbug=1600,accbugt=5000)),
('print','sound',dict(name='linden.log',style=1,data='fm',n=6000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=30,drop=.1,wd=1e-2)),
('print','sound',dict(name='acacia.txt',style=2,data='cf',classes=[0,6],n=1400,nv=600,h=[24],lr=5e-4,sched='cos',epochs=30,drop=.1,wd=5e-2,aug=.6)),
('print','diverged',dict(name='train_sorrel.out',style=3,data='fm',n=3000,nv=1000,h=[64],lr=6e-2,opt='sgd',mom=.9,mse=1,sched='grow',g=1.17,epochs=24)),
('print','slower',dict(name='mallow.log',style=4,data='fm',n=3000,nv=1500,h=[64],lr=1.5e-3,sched='cos',epochs=32,drop=.1,wd=1e-2,leak=4,bs=100)),
('print','train below val',dict(name='thyme.txt',style=5,data='fm',n=8000,nv=2000,h=[32],lr=2e-3,sched='cos',epochs=25,noise=.35,wd=5e-2,bs=100)),
('own','sound',dict(name='sage.jsonl',style=1,data='fm',n=6000,nv=2000,model='cnn',lr=3e-3,sched='cos',epochs=24,drop=.1,wd=1e-2)),
('own','sound',dict(name='basil.csv',style=2,data='fm',classes=[0,1,3,5,8,9],n=4000,nv=1500,h=[48],lr=2e-3,sched='cos',epochs=26,drop=.1,wd=1e-2)),
('own','stuck',dict(name='mint.tsv',style=3,data='cf',n=3000,nv=1500,h=[64],lr=1e-7,opt='sgd',epochs=25)),
('own','impossible',dict(name='dill.jsonl',style=4,data='fm',n=4000,nv=1500,h=[64],lr=2e-3,sched='cos',epochs=30,drop=.1,nll_soft=1)),
]
def go_torch(only=None):
    for fmt,it,c in TORCH:
        if only and c['name'] not in only: continue
        if not only and os.path.exists(R+'rec/'+c['name']+'.json'): continue
        t=time.time(); onbar=None
        if c.get('style')==3 and fmt=='print':
            from tqdm import tqdm
            f=open(S+c['name'],'w'); rs=[]
            def onbar(e,n): return tqdm(total=n,desc=f'Epoch {e+1}/{c["epochs"]}',file=f,mininterval=.15,ncols=90)
            for r in train(c,onbar):
                f.write(f"  epoch {r['epoch']}: train loss {r['tl']:.5f}, train acc {r['ta']:.4f}, valid loss {r['vl']:.5f}, valid acc {r['va']:.4f}\n"); f.flush(); rs.append(r)
            f.close()
        else:
            rs=list(train(c)); globals()['w_'+fmt](c,rs)
        save(c,rs,K3 if fmt in('hf','timm','ultra') else K4)
        print(fmt,it,c['name'],'%.0fs'%(time.time()-t),'cpu %.1f'%rs[-1]['t'],' '.join('%d:%.2f/%.2f/%.2f/%.2f'%(r['epoch'],r['tl'],r['vl'],r['ta'],r['va']) for r in rs[::max(1,len(rs)//6)]+[rs[-1]]),flush=True)
# ---- Lightning, real Trainer
LIGHT=[
('sound',dict(name='heron_metrics.csv',data='fm',n=6000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=25,drop=.1,wd=1e-2,bs=150)),
('overfitting',dict(name='robin_metrics.csv',data='fm',n=400,nv=1500,h=[128,64],lr=1.5e-3,epochs=60,bs=50)),
('noisy',dict(name='finch_metrics.csv',data='fm',n=1280,nv=2500,h=[64,64],lr=6e-2,opt='sgd',mom=.9,epochs=35,bn=1.,bs=16)),
('break',dict(name='wren_metrics.csv',data='cf',classes=[0,1,5,6],n=2800,nv=1000,h=[64,3],lr=1.5e-3,epochs=30,bs=100,freeze=14,wd=1e-2)),
]
def go_light(only=None):
    import torch,warnings,logging,torch.nn.functional as F; warnings.filterwarnings('ignore')
    import lightning.pytorch as pl
    from lightning.pytorch.loggers import CSVLogger
    logging.getLogger('lightning.pytorch').setLevel(logging.ERROR); torch.set_num_threads(1)
    class M(pl.LightningModule):
        def __init__(s,c,k,shape): super().__init__(); s.c=c; s.net=build(c,k,shape)
        def on_train_epoch_start(s):
            for g in s.trainer.optimizers[0].param_groups: g['lr']=lr_at(s.c,s.current_epoch)
            if s.c.get('freeze'):
                for p in list(s.net.parameters())[:-2]: p.requires_grad_(s.current_epoch>=s.c['freeze'])
        def st(s,b,n):
            z=s.net(b[0]); l=F.cross_entropy(z,b[1]); a=(z.argmax(1)==b[1]).float().mean()
            s.log(n+'_loss',l,on_step=False,on_epoch=True); s.log(n+'_acc',a,on_step=False,on_epoch=True); return l
        def training_step(s,b,i): return s.st(b,'train')
        def validation_step(s,b,i): s.st(b,'val')
        def configure_optimizers(s): return opt(s.c,s.net)
    for it,c in LIGHT:
        if only and c['name'] not in only: continue
        t=time.time(); pl.seed_everything(SEED,verbose=False); X,y,Xv,yv,k=data(c); sh=X.shape[1:]
        TD=torch.utils.data.TensorDataset; T=torch.tensor
        tr=torch.utils.data.DataLoader(TD(T(X.reshape(len(X),-1)),T(y)),batch_size=None,sampler=torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(range(len(X))),c['bs'],False))
        va=torch.utils.data.DataLoader(TD(T(Xv.reshape(len(Xv),-1)),T(yv)),batch_size=None,sampler=torch.utils.data.BatchSampler(torch.utils.data.SequentialSampler(range(len(Xv))),500,False))
        lg=CSVLogger(R+'pl',name=c['name'],version=0); shutil.rmtree(lg.log_dir,ignore_errors=True)
        m=M(c,k,sh); pl.Trainer(max_epochs=c['epochs'],accelerator='cpu',logger=lg,enable_progress_bar=False,enable_checkpointing=False,enable_model_summary=False,num_sanity_val_steps=0,log_every_n_steps=20).fit(m,tr,va)
        shutil.copy(lg.log_dir+'/metrics.csv',S+c['name'])
        d={}
        for r in csv.DictReader(open(S+c['name'])):
            q=d.setdefault(int(r['epoch']),{})
            for a,b in (('train_loss','tl'),('val_loss','vl'),('train_acc','ta'),('val_acc','va')):
                if r.get(a): q[b]=float(r[a])
        rs=[dict(epoch=e+1,**d[e]) for e in sorted(d)]; save(c,rs,K4)
        print('light',it,c['name'],'%.0fs'%(time.time()-t),' '.join('%d:%.2f/%.2f/%.2f/%.2f'%(r['epoch'],r['tl'],r['vl'],r['ta'],r['va']) for r in rs[::max(1,len(rs)//6)]+[rs[-1]]),flush=True)
# ---- Keras, real fit
KERAS=[
('csv','sound',dict(name='otter_log.csv',data='fm',n=6000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=25,drop=.1,bs=150)),
('csv','overfitting',dict(name='lynx_log.csv',data='fm',n=300,nv=1000,h=[256,128],lr=1e-3,epochs=60,bs=30)),
('csv','diverged',dict(name='bison_log.csv',data='fm',n=3000,nv=1000,h=[64],lr=1e-2,opt='sgd',mom=.9,sched='grow',g=1.35,epochs=26,bs=60,mse=1)),
('csv','improving',dict(name='stoat_log.csv',data='fm',n=4000,nv=2000,h=[64],lr=4e-3,opt='sgd',epochs=14,bs=64)),
('hist','sound',dict(name='hare_history.json',data='fm',classes=[0,1,2,3,5,7,8,9],n=5000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=28,drop=.1,bs=125)),
('hist','plateau',dict(name='mole_history.json',data='fm',n=3000,nv=1500,h=[32],lr=8e-3,opt='sgd',sched='decay',g=.55,epochs=40,bs=100)),
('hist','chance',dict(name='vole_history.json',data='fm',n=4000,nv=1500,h=[64],lr=1e-3,epochs=20,drop=.1,bs=100,valshuf=1)),
('text','sound',dict(name='badger.log',data='fm',n=5000,nv=2000,h=[64],lr=2e-3,sched='cos',epochs=24,drop=.1,bs=200)),
('text','sound',dict(name='marten.txt',data='fm',classes=[5,7,8,9,1],n=3000,nv=1200,h=[48],lr=2e-3,sched='cos',epochs=22,drop=.1,bs=100,verbose=2)),
('text','incomplete',dict(name='weasel.txt',data='fm',n=5000,nv=2000,h=[64],lr=1.5e-3,sched='cos',epochs=40,drop=.1,bs=125,kill=17)),
('text','best early',dict(name='ferret.log',data='fm',n=1500,nv=2000,h=[512],lr=2e-3,epochs=40,bs=75,noise=.5,verbose=2)),
]
def krun(fmt,it,c):
    import keras
    t=time.time(); keras.backend.clear_session(); keras.utils.set_random_seed(SEED); X,y,Xv,yv,k=data(c)
    X=X.reshape(len(X),-1); Xv=Xv.reshape(len(Xv),-1); L=[keras.Input((X.shape[1],))]
    for h in c['h']:
        L.append(keras.layers.Dense(h,activation='relu'))
        if c.get('drop'): L.append(keras.layers.Dropout(c['drop']))
    L.append(keras.layers.Dense(k,activation=None if c.get('mse') else 'softmax')); m=keras.Sequential(L)
    o=keras.optimizers.SGD(c['lr'],momentum=float(c.get('mom',0))) if c.get('opt')=='sgd' else keras.optimizers.AdamW(c['lr'],weight_decay=1e-2 if c.get('drop') else 0)
    m.compile(o,'mse' if c.get('mse') else 'sparse_categorical_crossentropy',metrics=['accuracy'])
    if c.get('mse'): y,yv=np.eye(k,dtype='f4')[y],np.eye(k,dtype='f4')[yv]
    cb=[keras.callbacks.LearningRateScheduler(lambda e,_:lr_at(c,e))] if c.get('sched') else []
    p=S+c['name']
    if fmt=='csv': cb.append(keras.callbacks.CSVLogger(p))
    if c.get('kill'):
        class K(keras.callbacks.Callback):   # the process really dies in the middle of the epoch
            e=0
            def on_epoch_begin(s,e,logs=None): s.e=e
            def on_train_batch_end(s,b,logs=None):
                if s.e==c['kill'] and b==22: sys.stdout.flush(); os._exit(0)
        cb.append(K())
    H=m.fit(X,y,validation_data=(Xv,yv),epochs=c['epochs'],batch_size=c['bs'],callbacks=cb,verbose=c.get('verbose',1) if fmt=='text' else 0)
    if fmt=='hist': json.dump({a:[float(v) for v in b] for a,b in H.history.items()},open(p,'w'))
    h=H.history; rs=[dict(epoch=i+1,tl=h['loss'][i],vl=h['val_loss'][i],ta=h['accuracy'][i],va=h['val_accuracy'][i]) for i in range(len(h['loss']))]
    save(c,rs,K4)
    print('keras',fmt,it,c['name'],'%.0fs'%(time.time()-t),' '.join('%d:%.2f/%.2f/%.2f/%.2f'%(r['epoch'],r['tl'],r['vl'],r['ta'],r['va']) for r in rs[::max(1,len(rs)//6)]+[rs[-1]]),file=sys.stderr,flush=True)
def go_keras(only=None):
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL','3')
    import keras
    for f,i,c in KERAS:
        if only and c['name'] not in only: continue
        if f!='text': krun(f,i,c); continue
        if c.get('kill'): continue   # own process: "ktext NAME"
        sys.stdout.flush(); old=os.dup(1); fd=os.open(S+c['name'],os.O_WRONLY|os.O_CREAT|os.O_TRUNC); os.dup2(fd,1)
        krun(f,i,c); sys.stdout.flush(); os.dup2(old,1); os.close(fd)
def go_ktext(name):
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL','3')
    f,i,c=[x for x in KERAS if x[2]['name']==name][0]
    fd=os.open(S+c['name'],os.O_WRONLY|os.O_CREAT|os.O_TRUNC); os.dup2(fd,1); krun(f,i,c)
if __name__=='__main__':
    a=sys.argv[1]
    if a=='ktext': go_ktext(sys.argv[2])
    else: globals()['go_'+a](sys.argv[2:] or None)
