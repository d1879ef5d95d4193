"""NannyML's univariate drift report, and the same tests by scipy alone; files are read before the clock starts."""

import numpy
import pandas
from common import DATA, attempt, emit, timed

reference, current = (pandas.read_csv(DATA / f"drift-{name}.csv") for name in ("reference", "current"))
columns = [column for column in reference if column != "y"]
SHIFTED = {"x0", "x1", "x2", "c0", "c1"}


def right(flags):
    """How many columns were judged rightly."""
    return sum(bool(flag) == (column in SHIFTED) for column, flag in zip(columns, flags))



def nannyml():
    import nannyml

    def report():
        calculator = nannyml.UnivariateDriftCalculator(
            column_names=columns, continuous_methods=["jensen_shannon"], categorical_methods=["jensen_shannon"],
            chunk_number=1)
        return calculator.fit(reference).calculate(current).to_df()

    seconds, table = timed(report)
    emit("nannyml", seconds, right(table[column]["jensen_shannon"]["value"].iloc[-1] > 0.1 for column in columns))


def scipy():
    from scipy import stats

    def report():
        flags = []
        for column in columns:
            a, b = reference[column], current[column]
            if a.dtype.kind in "fi":
                flags.append(stats.ks_2samp(a.to_numpy(), b.to_numpy()).statistic > 0.1)
            else:
                side = numpy.r_[numpy.zeros(len(a)), numpy.ones(len(b))]
                counts = pandas.crosstab(side, pandas.concat([a, b]).values)
                flags.append(numpy.sqrt(stats.chi2_contingency(counts).statistic / (len(a) + len(b))) > 0.05)
        return flags

    seconds, flags = timed(report)
    emit("scipy", seconds, right(flags))


attempt("nannyml", nannyml)
attempt("scipy", scipy)
