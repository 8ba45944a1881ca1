import yaml, os
F="/tmp/sixth/frameworks"
def line(n,f,s):
    for i,l in enumerate(open(f"{F}/{n}/{f}"),1):
        if s in l: return f"{f}:{i}"
    raise SystemExit((n,s))
V=dict(training_mode_in_training=True,eval_mode_in_validation=True,validation=True,pretrained_share=0.0,accumulation=1,shuffled=True)
T={}
def add(n,command,cwd,data,fw,fault,**o): T[n]=dict(command=command,cwd=cwd,data=data,framework=fw,sound=fault is None,fault=fault,observed={**o,**{k:v for k,v in V.items() if k not in o}})
def fault(n,kind,f,s,text): return dict(kind=kind,where=line(n,f,s),text=text)
add("k_catalogue","train.py --epochs 40",".","catalogue","keras",fault("k_catalogue","class_numbering_differs","train.py",'val_ds = load("holdout"',
 "The holdout folder has no 'bird' class and its classes are numbered by its own folder names, so every class after 'automobile' carries a number one lower than in training and the validation accuracy stays near that of two classes."),
 parameters=138440,trainable=136840,outputs=8,batch_size=32,input_shape=[64,64,3],input_dtype="float32",input_min_max=[0.0,255.0],validation_input_shape=[64,64,3],labels="integers",optimizer="Adam",learning_rate=0.001,outputs_kind="probabilities")
add("k_loop_bn","train_loop.py","h5","store.h5","keras",fault("k_loop_bn","eval_mode_in_training","train_loop.py","logits = model(images)",
 "The training step calls the model without training=True, so batch normalisation uses its never updated initial statistics and dropout is off while the network is trained from scratch."),
 outputs=10,batch_size=32,input_shape=[48,48,3],input_dtype="float32",input_min_max=[-1.0,1.0],validation_input_shape=[48,48,3],labels="integers",optimizer="SGD",learning_rate=0.02,momentum=0.9,outputs_kind="logits",training_mode_in_training=False)
add("k_sequence","train.py","named",".","keras",fault("k_sequence","pictures_and_labels_out_of_step","train.py","y = self.labels[part]",
 "The pictures are taken in the shuffled order and the labels in the order of the files, so in training a picture gets another picture's label and the network learns nothing (validation, which is not shuffled, is right)."),
 parameters=105190,trainable=104710,outputs=6,batch_size=24,input_shape=[80,80,3],input_dtype="float32",input_min_max=[0.0,1.0],validation_input_shape=[80,80,3],labels="one-hot",optimizer="AdamW",learning_rate=0.001,weight_decay=0.0001,outputs_kind="probabilities")
add("k_records","train.py --records shards",".",None,"keras",fault("k_records","not_shuffled","train.py","ds.shuffle(64",
 "The shards hold one class each (200 pictures) and are read one after another through a shuffle buffer of 64, so the batches hold one or two classes only and the network forgets each class in turn."),
 parameters=289642,trainable=288746,outputs=10,batch_size=32,input_shape=[56,56,3],input_dtype="float32",input_min_max=[0.0,255.0],validation_input_shape=[56,56,3],labels="one-hot",optimizer="SGD",learning_rate=0.01,momentum=0.9,outputs_kind="logits",shuffled=False)
add("k_finetune","finetune.py","named",".","keras",fault("k_finetune","trainable_changed_without_compile","finetune.py","model.optimizer.learning_rate = 2e-4",
 "After the head's training the encoder's last stages are made trainable but the model is not compiled again, so the second fit goes on with the compiled step that updates the head alone and c2 and c3 never change."),
 parameters=187238,trainable=774,outputs=6,batch_size=32,input_shape=[96,96,3],input_dtype="float32",input_min_max=[0.0,255.0],validation_input_shape=[96,96,3],labels="integers",optimizer="Adam",learning_rate=0.001,outputs_kind="logits")
add("k_cosine","train.py","stamps","img","keras",fault("k_cosine","learning_rate_collapses","train.py","decay_steps=cfg[\"epochs\"]",
 "CosineDecay counts batches, but decay_steps is the number of epochs (60), so with 27 batches per epoch the learning rate is zero in the third epoch and training stops there."),
 parameters=164780,trainable=164188,outputs=4,batch_size=16,input_shape=[80,80,3],input_min_max=[0.0,255.0],validation_input_shape=[80,80,3],labels="integers",optimizer="AdamW",learning_rate=0.001,weight_decay=0.0001,outputs_kind="logits")
add("k_accumulate","train.py --epochs 60","clothes","fashion.npz","keras",None,
 outputs=10,batch_size=16,input_shape=[28,28,1],input_dtype="float32",input_min_max=[0.0,255.0],validation_input_shape=[28,28,1],labels="integers",optimizer="Adam",learning_rate=0.0,outputs_kind="logits",accumulation=4)
add("k_mixup","main.py","batches",".","keras",None,
 outputs=10,batch_size=48,input_shape=[32,32,3],input_dtype="float32",validation_input_shape=[32,32,3],labels="one-hot (mixed)",optimizer="SGD",learning_rate=0.05,momentum=0.9,outputs_kind="probabilities")
add("l_late_head","train.py",".","photos","lightning",fault("l_late_head","optimizer_of_other_parameters","train.py","self.net.fc = nn.Sequential",
 "The classifier is replaced in on_train_start, after configure_optimizers has run, so the optimizer holds the old layer and the new one keeps its random weights."),
 parameters=11181642,trainable=11181642,outputs=10,batch_size=24,input_shape=[3,64,64],input_dtype="float32",input_min_max=[-2.118,2.64],validation_input_shape=[3,64,64],labels="integers",optimizer="SGD",learning_rate=0.01,momentum=0.9,weight_decay=0.0001,outputs_kind="logits",pretrained_share=0.98)
add("l_twice","train.py --epochs 40",".","table/images","lightning",fault("l_twice","normalised_twice","train.py","x = (x - self.mean) / self.std",
 "The transforms normalise the pictures already and the network's forward does it once more, so the first convolution gets values of about -10 to 6, in training and validation alike."),
 outputs=10,batch_size=32,input_shape=[3,64,64],input_dtype="float32",validation_input_shape=[3,64,64],labels="integers",optimizer="AdamW",learning_rate=8e-5,weight_decay=0.02,outputs_kind="logits")
add("l_manual","run.py",".","named","lightning",None,
 outputs=6,batch_size=32,input_shape=[3,64,64],input_dtype="float32",validation_input_shape=[3,64,64],labels="integers",outputs_kind="logits")
del V["training_mode_in_training"]
T["l_manual"]["observed"].pop("training_mode_in_training",None); T["l_manual"]["observed"].pop("pretrained_share",None)
V["training_mode_in_training"]=True
add("h_config","train.py --data photos --epochs 30",".","photos","huggingface",fault("h_config","pretrained_not_loaded","train.py","from_config(config)",
 "The model is made with from_config, which gives random weights; the weights of vit_mini are never read, so the ViT is trained from scratch at a fine-tuning setting."),
 parameters=325162,trainable=325162,outputs=10,batch_size=32,input_shape=[3,64,64],input_dtype="float32",input_min_max=[-1.0,1.0],validation_input_shape=[3,64,64],labels="integers",optimizer="AdamW",learning_rate=0.0,weight_decay=0.05,outputs_kind="logits")
add("h_rescale","train.py","table","images","huggingface",fault("h_rescale","preprocess_differs","train.py","out = processor(images",
 "For validation the pictures are ToTensor-ed to [0, 1] and then given to the image processor, which divides by 255 again, so in validation all pictures are nearly black and equal and the accuracy stays at chance."),
 parameters=1232810,trainable=1232810,outputs=10,batch_size=32,input_shape=[3,64,64],input_dtype="float32",input_min_max=[-2.118,2.64],validation_input_shape=[3,64,64],labels="integers",optimizer="AdamW",learning_rate=0.0,weight_decay=0.05,outputs_kind="logits")
add("h_layers","train.py",".","named","huggingface",None,
 outputs=6,batch_size=16,input_shape=[3,64,64],input_dtype="float32",input_min_max=[-1.0,1.0],validation_input_shape=[3,64,64],labels="one-hot (smoothed)",optimizer="AdamW",learning_rate=0.0,outputs_kind="logits",accumulation=2,pretrained_share=0.97)
add("a_divide","train.py --epochs 60","batches",".","accelerate",fault("a_divide","accumulation_divided_twice","train.py","loss / args.accumulate",
 "accelerator.backward divides the loss by gradient_accumulation_steps itself, and the program divides it once more, so with SGD the step is eight times smaller than the learning rate says."),
 outputs=10,batch_size=16,input_shape=[3,32,32],input_dtype="float32",validation_input_shape=[3,32,32],labels="integers",optimizer="SGD",learning_rate=0.05,momentum=0.9,weight_decay=0.0005,outputs_kind="logits",accumulation=8)
add("a_groups","train.py",".","stamps/img","accelerate",fault("a_groups","optimizer_missing_parameters","train.py",'name.startswith("classifier")',
 "The head's group is picked by the name 'classifier', but a torchvision ResNet calls it fc, which the body's group leaves out too: the head's group is empty and the new head is never trained."),
 outputs=4,batch_size=24,input_shape=[3,80,80],input_dtype="float32",validation_input_shape=[3,80,80],labels="integers",optimizer="SGD",learning_rate=0.003,momentum=0.9,weight_decay=0.0001,outputs_kind="logits",pretrained_share=0.98)
add("a_resume","train.py --epochs 50","."," h5/store.h5".strip(),"accelerate",None,
 outputs=10,batch_size=40,input_shape=[3,48,48],input_dtype="float32",input_min_max=[0.0,1.0],validation_input_shape=[3,48,48],labels="integers",optimizer="RMSprop",learning_rate=0.0,momentum=0.0,weight_decay=1e-5,outputs_kind="logits")
EXTRA=yaml.safe_load(open(F+"/.check/extra.yaml")) if os.path.exists(F+"/.check/extra.yaml") else {}
for n,t in T.items():
    t["observed"].update(EXTRA.get(n,{}))
    t["observed"]={k:v for k,v in t["observed"].items() if v is not None}
    yaml.safe_dump(t,open(f"{F}/{n}/truth.yaml","w"),sort_keys=False,width=110)
with open(F+"/README.md","w") as f:
    f.write("Data: `python make_data.py ROOT` (no network). Run each with cwd ROOT/<cwd>.\n\n")
    for n,t in T.items(): f.write(f"- {n} ({t['framework']}): "+("sound" if t["sound"] else f"{t['fault']['kind']} at {t['fault']['where']}: {t['fault']['text']}")+"\n")
print(len(T),sum(not t["sound"] for t in T.values()))
