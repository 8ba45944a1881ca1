F=/tmp/sixth/frameworks; D=/tmp/sixth/data_frameworks; export OMP_NUM_THREADS=1 KERAS_HOME=/tmp/sixth/frameworks/.check/kh
P="nice -n 15 /work/main/.venv/bin/python"
k(){ cd $D/$1; shift; n=$(basename $(dirname $1)); timeout 150 $P $F/.check/kprobe.py "$@" > $F/.check/$n.log 2>&1; echo rc $? >> $F/.check/$n.log; }
l(){ cd $D/$1; n=$(basename $(dirname $2)); timeout ${3:-45} $P -u $2 > $F/.check/$n.log 2>&1; echo rc $? >> $F/.check/$n.log; }
EP=2 k h5 /dev/null 2>/dev/null
FITS=2 EP=1 k named $F/k_finetune/finetune.py
EP=2 k stamps $F/k_cosine/train.py
EP=3 k . $F/k_catalogue/train.py
EP=3 k named $F/k_sequence/train.py
EP=3 k . $F/k_records/train.py --records shards
EP=3 k batches $F/k_mixup/main.py
l h5 $F/k_loop_bn/train_loop.py 60
l clothes $F/k_accumulate/train.py 60
