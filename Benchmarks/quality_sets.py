"""The tables on which quality is compared, one entry each.

A row is a test row when its number, from 0 in file order, is 4 modulo 5, unless `test` names a file of test rows.
Columns are named, or numbered from 0 where the file has no header; `drop` holds what leaks the truth or names the
    row.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Set:
    name: str
    train: str                 # path under the data folder
    target: str | int
    test: str | None = None
    task: str = "classification"
    header: bool = True
    skip: int = 0              # lines before the rows (or before the header)
    drop: tuple = ()
    text: str | None = None    # the column of free text
    times: tuple = ()          # timestamp columns: peers get hour, weekday and seconds between them
    budget: str | None = None  # search budget, where the common one is too small or too large


LIST = [
    Set("adult", "tabular/adult-train.csv.gz", -1, test="tabular/adult-test.csv.gz", header=False),
    Set("bank", "tabular/bank-full.csv.gz", "y", drop=("duration",)),
    Set("diamonds", "tabular/diamonds.csv.gz", "price", task="regression"),
    Set("titanic", "tabular/titanic.csv", "survived", drop=("name", "ticket", "cabin")),
    Set("penguins", "tabular/penguins.csv", "species"),
    Set("taxis", "tabular/taxis.csv", "fare", task="regression", drop=("total", "tip", "tolls"), times=("pickup",
        "dropoff")),
    Set("german", "tabular/german.csv", -1, header=False),
    Set("ai4i2020", "tabular/ai4i2020.csv", "Machine_failure", drop=("UDI", "Product ID", "TWF", "HDF", "PWF",
        "OSF", "RNF")),
    Set("abalone", "tabular/abalone.csv", -1, task="regression", header=False),
    Set("concrete", "tabular/concrete.csv", "strength", task="regression"),
    Set("mushrooms", "tabular/mushrooms.csv", "type"),
    Set("auto-imports", "tabular/auto_imports.csv", -1, task="regression", header=False),
    Set("breast-cancer", "tabular/breast_cancer.csv", -1, header=False, skip=1),
    Set("digits", "image/digits.csv.gz", -1, header=False),
    Set("electricity", "stream/elec.csv.gz", "class"),
    Set("occupancy", "stream/occupancy/datatraining.txt", "Occupancy", test="stream/occupancy/datatest.txt",
        drop=("date",)),
    Set("exercises", "stream/har_train.csv.gz", "classe", test="stream/har_validate.csv.gz"),
    Set("oil-spill", "anomaly/oil-spill.csv", -1, header=False, drop=(0,)),
    Set("sms-spam", "text/sms_spam.csv", "type", text="text"),
    Set("banking77", "text/banking77-train.csv", "category", test="text/banking77-test.csv", text="text"),
]


def named(name):
    for entry in LIST:
        if entry.name == name:
            return entry
    raise SystemExit(f"quality: no set '{name}'; there are {', '.join(s.name for s in LIST)}.")
