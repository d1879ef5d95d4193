"""polars, pandas and pyarrow: megabytes a second from the page cache; the quality is the number of rows."""

from common import DATA, attempt, emit, timed


def read(path):
    size = path.stat().st_size / 1e6

    def measure(peer, body):
        body()
        seconds, rows = timed(body)
        emit(peer, size / seconds, rows)

    def polars():
        import polars
        measure("polars", lambda: polars.read_csv(path).height)

    def pandas():
        import pandas
        measure("pandas", lambda: len(pandas.read_csv(path)))

    def pyarrow():
        from pyarrow import csv
        measure("pyarrow", lambda: csv.read_csv(path).num_rows)

    attempt("polars", polars)
    attempt("pandas", pandas)
    attempt("pyarrow", pyarrow)


if __name__ == "__main__":
    read(DATA / "floats.csv")
