"""NannyML's univariate drift report, and the same tests by scipy alone; files are read before the clock starts."""

import numpy
import pandas
from common import DATA, attempt, emit, timed

reference, current = (pandas.read_csv(DATA / f"drift-{name}.csv") for name in ("reference", "current"))
columns = [column for column in reference if column != "y"]


def nannyml():
    import nannyml

    def report():
        calculator = nannyml.UnivariateDriftCalculator(
            column_names=columns, continuous_methods=["jensen_shannon"], categorical_methods=["jensen_shannon"],
            chunk_number=1)
        return calculator.fit(reference).calculate(current).to_df()

    seconds, table = timed(report)
    flags = [bool(table[column]["jensen_shannon"]["value"].iloc[-1] > 0.1) for column in columns]
    emit("nannyml", seconds, sum(flags))


def scipy():
    from scipy import stats

    def report():
        found = 0
        for column in columns:
            a, b = reference[column], current[column]
            if a.dtype.kind in "fi":
                found += stats.ks_2samp(a.to_numpy(), b.to_numpy()).statistic > 0.1
            else:
                counts = pandas.crosstab(numpy.r_[numpy.zeros(len(a)), numpy.ones(len(b))], pandas.concat([a, b]).values)
                found += numpy.sqrt(stats.chi2_contingency(counts).statistic / (len(a) + len(b))) > 0.05
        return found

    seconds, found = timed(report)
    emit("scipy", seconds, found)


attempt("nannyml", nannyml)
attempt("scipy", scipy)
