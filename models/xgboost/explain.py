"""Asks a booster about rows: their log-odds and each column's contribution, by XGBoost itself.

Called by explain-trees.ts with the path of a JSON file:
  booster  the booster's JSON
  matrix   CSV of the columns in order, an empty cell is missing
  columns  the matrix's columns
  answers  CSV to write: the log-odds, a contribution for each column, and the baseline
"""

import json
import sys

import numpy
import pandas
import xgboost


def main(plan):
    booster = xgboost.Booster({"nthread": 1}, model_file=plan["booster"])
    table = pandas.read_csv(plan["matrix"], float_precision="round_trip")
    rows = xgboost.DMatrix(table[plan["columns"]], feature_names=plan["columns"], nthread=1)
    margins = booster.predict(rows, output_margin=True)
    contributions = booster.predict(rows, pred_contribs=True)
    numpy.savetxt(
        plan["answers"], numpy.column_stack([margins, contributions]), fmt="%.9g", delimiter=","
    )


with open(sys.argv[1], encoding="utf-8") as file:
    main(json.load(file))
