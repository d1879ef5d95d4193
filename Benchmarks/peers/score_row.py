"""LightGBM and ONNX Runtime: one row a call, median in microseconds."""

import statistics
import time

from common import attempt, emit, table
from score_batch import model
from sklearn.metrics import roc_auc_score

columns, trees = model()
rows = columns[:28, :200_000].T.copy()
auc = roc_auc_score(columns[28, :200_000], trees.predict(rows))


def median(call):
    spent = []
    for index in range(5000):
        row = rows[index % 200:index % 200 + 1]
        start = time.perf_counter()
        call(row)
        spent.append((time.perf_counter() - start) * 1e6)
    return statistics.median(spent)


def onnx():
    import onnxruntime
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    proto = convert_lightgbm(trees, initial_types=[("x", FloatTensorType([None, 28]))], zipmap=False)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options)
    emit("onnxruntime", median(lambda row: session.run(None, {"x": row})), auc)


attempt("lightgbm", lambda: emit("lightgbm", median(lambda row: trees.predict(row, num_threads=1)), auc))
attempt("onnxruntime", onnx)
