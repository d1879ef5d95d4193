"""A hand-tuned FastAPI service: raw body, orjson, one LightGBM call a request, no log, no monitoring."""

import os

import lightgbm
import numpy
import orjson
from fastapi import FastAPI, Request, Response

booster = lightgbm.Booster(model_file=os.environ["MODEL"])
names = booster.feature_name()
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    row = orjson.loads(await request.body())["rows"][0]
    features = numpy.array([[row[name] for name in names]], dtype=numpy.float64)
    p = float(booster.predict(features, num_threads=1, validate_features=False)[0])
    answer = {"predictions": [{"prediction": "yes" if p >= 0.5 else "no", "probabilities": {"yes": p, "no": 1 - p}}]}
    return Response(orjson.dumps(answer), media_type="application/json")
