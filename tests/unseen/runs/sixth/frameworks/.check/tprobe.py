import sys, os, runpy, time
import torch
from torch import nn
S={"n":0,"fw":{}, "depth":0}
import torch.nn.modules.module as M
def isnet(m):
    n=type(m).__module__+"."+type(m).__name__
    return not ("torchmetrics" in n or "loss" in n or "lightning" in n)
stack=[]
def pre(m,a):
    if not S.get("on",1): return
    stack.append(m)
    if len(stack)==1 and isnet(m) and sum(1 for _ in m.parameters())>2:
        pass
def grab(m,a,k=None):
    xs=[x for x in list(a)+list((k or {}).values()) if torch.is_tensor(x) and x.ndim==4]
    return xs[0] if xs else None
orig=nn.Module.__call__
d=[0]
def call(self,*a,**k):
    big = sum(1 for _ in self.parameters())>2
    if big and d[0]==0 and "lightning" not in type(self).__module__:
        x=grab(self,a,k)
        if x is not None:
            key=(type(self).__name__,self.training,tuple(x.shape[1:]),torch.is_grad_enabled())
            e=S["fw"].setdefault(key,[0,1e9,-1e9,x.dtype,x.shape[0]]); e[0]+=1
            if e[0]<6: e[1]=min(e[1],x.min().item());e[2]=max(e[2],x.max().item())
            if e[0]==1: print("PROBE net",type(self).__name__,"params",sum(p.numel() for p in self.parameters()),"trainable",sum(p.numel() for p in self.parameters() if p.requires_grad),flush=True)
            S["net"]=self
    if big: d[0]+=1
    try: return orig(self,*a,**k)
    finally:
        if big: d[0]-=1
nn.Module.__call__=call
from torch.optim.optimizer import register_optimizer_step_pre_hook
n=[0]
def hook(o,a,k):
    n[0]+=1
    if n[0] in (1,2,3,8,30): 
        ids={id(p) for g in o.param_groups for p in g["params"]}
        net=S.get("net")
        print("PROBE step",n[0],type(o).__name__,[(round(g["lr"],7),g.get("momentum"),g.get("weight_decay"),len(g["params"])) for g in o.param_groups][:12],"missing",[q for q,p in net.named_parameters() if id(p) not in ids][:6] if net is not None else None,flush=True)
register_optimizer_step_pre_hook(hook)
import atexit, signal
def rep(*_):
    for k,v in S["fw"].items(): print("PROBE fw",k,v,flush=True)
    print("PROBE steps",n[0],flush=True); os._exit(0)
signal.signal(signal.SIGALRM,rep); signal.alarm(int(os.environ.get("SEC","60")))
prog=sys.argv[1]; sys.argv=sys.argv[1:]; sys.path.insert(0,os.path.dirname(prog))
runpy.run_path(prog,run_name="__main__")
rep()
