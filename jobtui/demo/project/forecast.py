"""Where the trend of co2.py leads if the growth of its last years goes on."""

import numpy as np

from drawing import SvgFile, chart, page
from helpers import years
from jobtui_core import JsonFile, default_param, make

horizon = default_param("horizon", 10, help="years beyond the end of the trend")


@make(inputs=["{trend}", "{band}"], output=JsonFile("results/forecast.json"))
def forecast(trend, band, horizon):
    """CO₂ by year in ppm, between the slowest and the fastest likely growth."""
    smooth = np.load(trend)
    low, high = np.load(band)
    last = np.flatnonzero(np.isfinite(smooth))[-1]
    newest = np.flatnonzero(np.isfinite(low))[-1]
    ahead = np.arange(horizon + 1)
    return {
        "year": (years(len(smooth))[last] + ahead).round(2).tolist(),
        "low": (smooth[last] + ahead * low[newest]).round(2).tolist(),
        "high": (smooth[last] + ahead * high[newest]).round(2).tolist(),
    }


@make(inputs=["{trend}"], output=SvgFile("figures/forecast.svg"))
def outlook(trend, prediction):
    """The trend and what comes after it, as an SVG drawing."""
    smooth = np.load(trend)
    past = np.isfinite(smooth)
    time = np.concatenate([years(len(smooth))[past], prediction["year"]])
    unknown = np.full(len(prediction["year"]), np.nan)
    nothing = np.full(past.sum(), np.nan)
    lines = {
        "trend": np.concatenate([smooth[past], unknown]),
        "forecast": np.concatenate([nothing, np.add(prediction["low"], prediction["high"]) / 2]),
    }
    band = [np.concatenate([nothing, prediction[edge]]) for edge in ("low", "high")]
    return page(chart("CO₂ at Mauna Loa, ppm", time, lines, band))


def main():
    prediction = forecast("results/trend.npy", "results/growth_band.npy", horizon)
    outlook("results/trend.npy", prediction)
    year, low, high = (prediction[name][-1] for name in ("year", "low", "high"))
    print(f"{year:.1f}: {low:.1f} to {high:.1f} ppm")


if __name__ == "__main__":
    main()
