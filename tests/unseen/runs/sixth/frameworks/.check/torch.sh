F=/tmp/sixth/frameworks; D=/tmp/sixth/data_frameworks; export OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1
P="nice -n 15 /work/main/.venv/bin/python -u"
t(){ cd $D/$1; n=$(basename $(dirname $2)); SEC=$3 timeout -k 5 150 $P $F/.check/tprobe.py $2 > $F/.check/$n.log 2>&1; echo rc $? >> $F/.check/$n.log; }
t . $F/l_late_head/train.py 60
t . $F/h_config/train.py 60
t table $F/h_rescale/train.py 60
t . $F/l_twice/train.py 50
t . $F/a_groups/train.py 45
t batches $F/a_divide/train.py 45
t . $F/a_resume/train.py 60
t . $F/h_layers/train.py 55
t . $F/l_manual/run.py 60
