"""polars, pandas and pyarrow on numbers, categories and missing cells."""

from common import DATA
from csv_floats import read

read(DATA / "mixed-train.csv")
