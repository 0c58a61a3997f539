"""Trains one booster for each fold, without its rows, and one of all rows.

Called by train-trees.ts with the path of a JSON file:
  matrix      CSV with fold, truth, weight and the columns; an empty cell is missing
  columns     the matrix's feature columns, in order
  parameters  of XGBoost, the seed among them
  rounds      how often a layer of trees is added
  folds       one path for each fold's booster
  out         the path of the booster of all rows
  margins     CSV with each row's log-odds by the booster that had not seen its fold

Needs XGBoost 1.7 and pandas (Debian: python3-xgboost, python3-pandas). One thread: sums in another
order would give other trees.
"""

import json
import sys

import numpy
import pandas
import xgboost


def matrix(table, columns):
    return xgboost.DMatrix(
        table[columns],
        label=table["truth"],
        weight=table["weight"],
        feature_names=columns,
        nthread=1,
    )


def train(plan, table, path):
    parameters = {**plan["parameters"], "objective": "binary:logistic", "nthread": 1}
    rows = matrix(table, plan["columns"])
    booster = xgboost.train(parameters, rows, plan["rounds"])
    booster.save_model(path)
    return booster


def main(plan):
    # The exact doubles that were written: pandas' quick parser is off in the last place.
    table = pandas.read_csv(plan["matrix"], float_precision="round_trip")
    margins = numpy.zeros(len(table))
    for fold, path in enumerate(plan["folds"]):
        own = table["fold"] == fold
        booster = train(plan, table[~own], path)
        margins[own] = booster.predict(matrix(table[own], plan["columns"]), output_margin=True)
    train(plan, table, plan["out"])
    numpy.savetxt(plan["margins"], margins, fmt="%.9g")


with open(sys.argv[1], encoding="utf-8") as file:
    main(json.load(file))
