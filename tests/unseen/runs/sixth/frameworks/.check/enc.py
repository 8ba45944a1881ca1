import re
src=open('/tmp/sixth/frameworks/make_data.py').read()
a=src.index("# 1 photos"); b=src.index("# 9 weights"); c=src.index("\nr = flat(\"train\", 240, 330)")+1; d=src.index("X = torch.stack"); e=src.index("keras.utils.set_random_seed(1)")
head=src[:a]
import sys; sys.argv=["x","/tmp/sixth/data_frameworks"]
code=head+"import torch\n"+src[c:d]+"Y = torch.tensor([k for _, k in r])\nimport keras\n"+src[e:].replace("verbose=0","verbose=2")
exec(compile(code,"x","exec"))
