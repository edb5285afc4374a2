"""PyTorch on the CPU, as its users write it: nn modules, autograd, torch.optim. The conversation is serve.ts's.

Two settings decide the outcome. The BLAS library: Debian's default, OpenBLAS on POSIX threads beneath PyTorch's OpenMP, makes
two threads 4 to 8 times slower, so this contender refuses to run on it; torch.ts puts one that is on OpenMP in LD_LIBRARY_PATH.
And the biases: the modules have two per gate where one would do; the second stays zero and is not trained, so that every
contender trains the same function.
"""

import ctypes
import json
import math
import os
import re
import sys
import time


def say(message):
    print(json.dumps(message), flush=True)


try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    say({"absent": f"{error} (Debian: apt install python3-torch libopenblas0-openmp)"})
    sys.exit()

ANSWER_STEPS = 3
MOST_SAMPLES = 20_000
GATES = {"lstm": 4, "gru": 3, "rnn": 1}


# The generator of generate.ts.
def uniform(stream, count):
    seed = 2166136261
    for character in stream.encode():
        seed = (seed ^ character) * 16777619 & 0xFFFFFFFF
    word = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    word = (word ^ (word >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    word = (word ^ (word >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return ((word ^ (word >> np.uint32(16))) >> np.uint32(8)) / 2.0**24


def reals(stream, shape, scale):
    values = scale * (2 * uniform(stream, math.prod(shape)) - 1)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def integers(stream, shape, below):
    return torch.from_numpy(np.floor(below * uniform(stream, math.prod(shape))).astype(np.int64).reshape(shape))


def fingerprint(tensor):
    values = tensor.detach().double().contiguous().view(-1).numpy()
    return [float(np.sqrt(values @ values)), float(values @ (2 * uniform("projection", values.size) - 1))]


def recurrent_parameters(layer, prefix, suffix):
    """Our names and the module's: weights are transposed, the gates are in our order."""
    return {
        f"{prefix}inputWeight": getattr(layer, f"weight_ih{suffix}"),
        f"{prefix}recurrentWeight": getattr(layer, f"weight_hh{suffix}"),
        f"{prefix}bias": getattr(layer, f"bias_ih{suffix}"),
    }


def make_recurrent(w, cell_module=False):
    modules = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
    cell_modules = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}
    if cell_module:
        layer = cell_modules[w["cell"]](w["inputSize"], w["size"])
        named = recurrent_parameters(layer, "recurrent0.", "")
    else:
        layer = modules[w["cell"]](w["inputSize"], w["size"], w["layers"], bidirectional=w["directions"] == 2)
        named = {}
        for index in range(w["layers"]):
            named |= recurrent_parameters(layer, f"recurrent{index}.", f"_l{index}")
            if w["directions"] == 2:
                named |= recurrent_parameters(layer, f"recurrent{index}.backward.", f"_l{index}_reverse")
    for name, parameter in layer.named_parameters():
        if name.startswith("bias_hh"):
            parameter.requires_grad_(False).zero_()
    return layer, named


class Network(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.embedding = nn.Embedding(w["vocabulary"], w["inputSize"]) if w["vocabulary"] else nn.Identity()
        self.recurrent, self.named = make_recurrent(w)
        self.dense = nn.Linear(w["size"] * w["directions"], w["classes"])
        self.every_step = w["task"] == "language-model"
        if w["vocabulary"]:
            self.named["embedding"] = self.embedding.weight
        self.named |= {"dense.weight": self.dense.weight, "dense.bias": self.dense.bias}

    def forward(self, x, lengths):
        x = self.embedding(x)
        if lengths is not None:
            x = nn.utils.rnn.pack_padded_sequence(x, lengths)
        y, state = self.recurrent(x)
        if self.every_step:
            return self.dense(y)
        h = state[0] if isinstance(state, tuple) else state
        last = torch.cat([h[-2], h[-1]], 1) if self.recurrent.bidirectional else h[-1]
        return self.dense(last).squeeze(-1)


def plain(name, tensor):
    """The layout that fingerprints and generated weights have: inputs × outputs."""
    return tensor.t() if name.endswith("eight") else tensor


def set_weights(named, size):
    with torch.no_grad():
        for name, parameter in named.items():
            scale = 1 if name == "embedding" else 1 / math.sqrt(size)
            target = plain(name, parameter)
            target.copy_(reals(name, tuple(target.shape), scale))


def open_training(w):
    network = Network(w)
    set_weights(network.named, w["size"])
    steps, batch = w["steps"], w["batch"]
    x = integers("ids", (steps, batch), w["vocabulary"]) if w["vocabulary"] else reals("x", (steps, batch, w["inputSize"]), 1)
    if w["task"] == "language-model":
        targets = integers("targets", (steps * batch,), w["vocabulary"])
        measure = lambda logits: nn.functional.cross_entropy(logits.view(-1, w["classes"]), targets)
    else:
        targets = integers("targets", (batch,), 2).float()
        measure = lambda logits: nn.functional.binary_cross_entropy_with_logits(logits, targets)
    lengths = None if min(w["lengths"]) == steps else torch.tensor(w["lengths"])
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if w["optimizer"] == "adam":
        optimizer = torch.optim.Adam(trained, 1e-3, foreach=True)
    else:
        optimizer = torch.optim.SGD(trained, 1e-3, foreach=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = measure(network(x, lengths))
        loss.backward()
        if w["clipNorm"]:
            nn.utils.clip_grad_norm_(trained, w["clipNorm"])
        optimizer.step()
        return loss.item()

    def answer():
        measure(network(x, lengths)).backward()
        tensors = {name: fingerprint(plain(name, parameter.grad)) for name, parameter in network.named.items()}
        return {"losses": [step() for _ in range(ANSWER_STEPS)], "tensors": tensors}

    return answer, step


def open_layer(w):
    layer, named = make_recurrent(w)
    set_weights(named, w["size"])
    x = reals("x", (w["steps"], w["batch"], w["inputSize"]), 1)

    if w["task"] == "inference":

        def infer():
            with torch.inference_mode():
                return layer(x)[0]

        return lambda: {"losses": [], "tensors": {"y": fingerprint(infer())}}, infer

    # As a packed sequence where the lengths differ: its rows are in the same order as ours.
    alive = [sum(length > t for length in w["lengths"]) for t in range(w["steps"])]
    ragged = alive[-1] < w["batch"]
    if ragged:
        x = reals("x", (sum(alive), w["inputSize"]), 1)
    dy = reals("dy", (*x.shape[:-1], w["size"]), 1)
    x.requires_grad_(w["inputGradient"])

    def step():
        layer.zero_grad(set_to_none=True)
        x.grad = None
        if ragged:
            y = layer(nn.utils.rnn.PackedSequence(x, torch.tensor(alive)))[0].data
        else:
            y = layer(x)[0]
        y.backward(dy)
        return y

    def answer():
        tensors = {"y": fingerprint(step())}
        if w["inputGradient"]:
            tensors["x"] = fingerprint(x.grad)
        tensors |= {name: fingerprint(plain(name, parameter.grad)) for name, parameter in named.items()}
        return {"losses": [], "tensors": tensors}

    return answer, step


def open_stream(w):
    layer, named = make_recurrent(w, w["cellModule"])
    set_weights(named, w["size"])
    leading = (1,) if w["cellModule"] else (1, 1)
    x = reals("x", (*leading, w["inputSize"]), 1)
    zeros = torch.zeros(*leading, w["size"])
    state = (zeros, zeros) if w["cell"] == "lstm" else zeros

    def step():
        nonlocal state
        with torch.inference_mode():
            result = layer(x, state)
        state = result if w["cellModule"] else result[1]

    def answer():
        for _ in range(ANSWER_STEPS):
            step()
        return {"losses": [], "tensors": {"h": fingerprint(state[0] if w["cell"] == "lstm" else state)}}

    return answer, step


def blas():
    """The BLAS library in this process and its choice of kernels; None for the one that must not be used."""
    with open("/proc/self/maps") as maps:
        mapped = maps.read()
    # BLIS first: LAPACK, which is not used here, comes from OpenBLAS even then.
    if "blis-openmp" in mapped:
        return f"BLIS on OpenMP, BLIS_ARCH_TYPE {os.environ.get('BLIS_ARCH_TYPE', 'unset')}"
    if library := re.search(r"/\S*/openblas-openmp/libopenblas\S+", mapped):
        openblas = ctypes.CDLL(library[0])
        openblas.openblas_get_corename.restype = ctypes.c_char_p
        return f"OpenBLAS on OpenMP, kernels {openblas.openblas_get_corename().decode()}"
    return None if "openblas" in mapped or "libblas.so" in mapped else "its own BLAS"


def timed(step, budget_ms, warm_up):
    for _ in range(warm_up):
        step()
    ms = []
    start = time.perf_counter()
    while not ms or ((time.perf_counter() - start) * 1e3 < budget_ms and len(ms) < MOST_SAMPLES):
        before = time.perf_counter()
        step()
        ms.append(round((time.perf_counter() - before) * 1e3, 6))
    return ms


def read_workload(arguments):
    w = dict(argument.split("=", 1) for argument in arguments)
    for key in ("batch", "steps", "vocabulary", "inputSize", "size", "layers", "directions", "classes", "threads"):
        w[key] = int(w[key])
    w["clipNorm"] = float(w["clipNorm"])
    for key in ("cellModule", "inputGradient"):
        w[key] = w[key] == "true"
    w["lengths"] = [int(length) for length in w["lengths"].split(",")]
    return w


def main():
    w = read_workload(sys.argv[1:])
    library = blas()
    if library is None:
        say({"absent": "this BLAS makes PyTorch 4 to 8 times slower at two threads (Debian: apt install libopenblas0-openmp)"})
        return
    torch.set_flush_denormal(True)
    torch.set_num_threads(w["threads"])
    opening = {"classifier": open_training, "language-model": open_training, "stream": open_stream}
    answer, step = opening.get(w["task"], open_layer)(w)
    say({"ready": f"PyTorch {torch.__version__}, {library}"})
    for line in sys.stdin:
        command, *arguments = line.split()
        say(answer() if command == "answer" else {"ms": timed(step, float(arguments[0]), int(arguments[1]))})


main()
