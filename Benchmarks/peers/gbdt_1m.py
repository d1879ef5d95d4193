"""LightGBM (plain and quantized), XGBoost and scikit-learn: 100 trees of 255 leaves, binning included."""

from common import THREADS, attempt, emit, floats, timed
from sklearn.metrics import roc_auc_score

(x, y, _), (test_x, test_y, _) = floats()


def lightgbm(quantized):
    import lightgbm
    settings = dict(objective="binary", num_leaves=255, learning_rate=0.1, num_threads=THREADS, verbosity=-1,
                    force_row_wise=True, use_quantized_grad=quantized)
    seconds, model = timed(lambda: lightgbm.train(settings, lightgbm.Dataset(x, y), 100))
    emit("lightgbm-quantized" if quantized else "lightgbm", seconds, roc_auc_score(test_y, model.predict(test_x)))


def xgboost():
    import xgboost
    settings = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=255,
                    max_depth=0, eta=0.1, reg_lambda=0.0, nthread=THREADS)
    seconds, model = timed(lambda: xgboost.train(settings, xgboost.QuantileDMatrix(x, y, nthread=THREADS), 100))
    emit("xgboost", seconds, roc_auc_score(test_y, model.inplace_predict(test_x)))


def main():
    attempt("lightgbm", lambda: lightgbm(False))
    attempt("lightgbm-quantized", lambda: lightgbm(True))
    attempt("xgboost", xgboost)


if __name__ == "__main__":
    main()
