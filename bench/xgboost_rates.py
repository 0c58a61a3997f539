"""Measures XGBoost: python3 xgboost_rates.py MODEL ROWS WIDTH

Prints its version, then reads lines "what rows-of-a-batch" and answers each with the rows per
second of one slice, on one thread. "predictor" has its DMatrix made beforehand and asks each only
once, for it caches its answers; "predict" makes it in the call, as who serves rows has to;
"inplace" needs none, and is called through XGBoost's C interface, which costs 2 microseconds where
its Python function takes 60; "contributions" has its DMatrix made beforehand.
"""

import ctypes
import functools
import itertools
import json
import sys
import time

import numpy as np
import xgboost as xgb
from xgboost.core import _LIB

SLICE_S = 0.05


def rate(rows, turns):
    """Rows per second of calls that are made in turns, for one slice."""
    done, elapsed, begin = 0, 0.0, time.perf_counter()
    while elapsed < SLICE_S:
        next(turns)()
        done, elapsed = done + 1, time.perf_counter() - begin
    return done * rows / elapsed


def once(rows, parts, call):
    """Rows per second of a call that is made once for each of the DMatrix made beforehand."""
    made = [matrix(part) for part in parts]
    begin = time.perf_counter()
    for each in made:
        call(each)
    return len(made) * rows / (time.perf_counter() - begin)


def matrix(rows):
    return xgb.DMatrix(rows, nthread=1)


def inplace(booster, parts):
    """Calls of the C function behind inplace_predict, with nothing left to prepare."""
    settings = {"type": 1, "iteration_begin": 0, "iteration_end": 0, "cache_id": 0}
    settings |= {"training": False, "missing": float("nan"), "strict_shape": False}
    asked = json.dumps(settings).encode()
    shape, dim = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
    result = ctypes.POINTER(ctypes.c_float)()
    out = (ctypes.byref(shape), ctypes.byref(dim), ctypes.byref(result))

    def call(values):
        if _LIB.XGBoosterPredictFromDense(booster.handle, values, asked, None, *out) != 0:
            raise RuntimeError(_LIB.XGBGetLastError())

    described = [json.dumps(part.__array_interface__).encode() for part in parts]
    call(described[0])
    margins = np.ctypeslib.as_array(result, (len(parts[0]),))
    expected = booster.predict(matrix(parts[0]), output_margin=True)
    np.testing.assert_array_equal(margins, expected)
    return [functools.partial(call, values) for values in described]


def slices(booster, rows, batch):
    """What can be measured with batches of that size: each gives the rate of a slice."""
    parts = [rows[first : first + batch] for first in range(0, len(rows), batch)]
    ready = [matrix(part) for part in parts]
    margins = lambda each: booster.predict(each, output_margin=True)
    made = lambda part: margins(matrix(part))
    contributions = lambda each: booster.predict(each, pred_contribs=True)
    turns = {
        "predict": itertools.cycle(functools.partial(made, part) for part in parts),
        "inplace": itertools.cycle(inplace(booster, parts)),
        "contributions": itertools.cycle(functools.partial(contributions, it) for it in ready),
    }
    measured = {what: functools.partial(rate, batch, each) for what, each in turns.items()}
    return {**measured, "predictor": functools.partial(once, batch, parts, margins)}


def main(model, file, width):
    booster = xgb.Booster({"nthread": 1}, model_file=model)
    # The rows have no names, and need none.
    booster.feature_names = None
    booster.feature_types = None
    rows = np.fromfile(file, dtype="<f4").reshape(-1, int(width))
    prepared = functools.cache(functools.partial(slices, booster, rows))
    print(xgb.__version__, flush=True)
    for line in sys.stdin:
        what, batch = line.split()
        print(prepared(int(batch))[what](), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
