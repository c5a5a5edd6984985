"""Weekly CO₂ at Mauna Loa: its trend, its season, and how fast it grows."""

import numpy as np

from drawing import SvgFile, chart, page
from helpers import running_mean, running_slope, week_of_year, years
from jobtui_core import NumpyFile, default_param, make, progress

window = default_param("window", 52, help="weeks in the running mean")
span = default_param("span", 260, help="weeks over which the growth rate is taken")
block = default_param("block", 26, help="weeks in a block of the bootstrap")
replicates = default_param("replicates", 15000, help="samples of the bootstrap")


@make(inputs=["{path}"])
def read(path):
    """Weekly means in ppm, NaN where there was no measurement."""
    return np.genfromtxt(path, delimiter=",", skip_header=1, usecols=1)


@make
def fill_gaps(series):
    """The record with its gaps bridged by straight lines."""
    known = np.flatnonzero(np.isfinite(series))
    print(f"fill_gaps: {len(series) - len(known)} of {len(series)} weeks are missing")
    return np.interp(np.arange(len(series)), known, series[known])


@make(output=NumpyFile("results/trend.npy"))
def trend(series, window):
    """The record without its season, in ppm."""
    return running_mean(series, window)


@make(output=NumpyFile("results/season.npy"))
def seasonal_cycle(series, smooth):
    """Mean departure from the trend in each week of the year, in ppm."""
    departure = series - smooth
    week = week_of_year(len(series))
    return np.array([np.nanmean(departure[week == w]) for w in range(53)])


@make
def growth_rate(smooth, span):
    """How fast the trend rises around each week, in ppm per year."""
    return running_slope(smooth, span)


@make(output=NumpyFile("results/growth_band.npy"))
def bootstrap(series, smooth, cycle, window, span, block, replicates):
    """95 % band of the growth rate, by a moving-block bootstrap.

    What trend and season leave unexplained is shuffled in blocks, since weather lasts longer than
    a week, and added to them again; each such record is smoothed like the real one.
    """
    model = smooth + cycle[week_of_year(len(series))]
    rest = (series - model)[np.isfinite(model)]
    rng = np.random.default_rng(1958)
    rates = np.empty((replicates, len(series)), np.float32)
    for n in progress(range(replicates)):
        starts = rng.integers(len(rest) - block + 1, size=len(series) // block + 1)
        shuffled = np.concatenate([rest[start : start + block] for start in starts])
        again = running_mean(model + shuffled[: len(series)], window)
        rates[n] = running_slope(again, span)
        if (n + 1) % 1000 == 0:
            print(f"bootstrap: {n + 1} of {replicates}")
    return np.quantile(rates, [0.025, 0.975], axis=0, overwrite_input=True)


@make(output=SvgFile("figures/co2.svg"))
def figure(series, smooth, cycle, rate, band):
    """Record and trend, season, and growth rate, as one SVG drawing."""
    time = years(len(series))
    return page(
        chart("CO₂ at Mauna Loa, ppm", time, {"weekly": series, "trend": smooth}),
        chart("Season, ppm by week of the year", np.arange(len(cycle)), {"season": cycle}),
        chart("Growth, ppm per year, with 95 % band", time, {"growth": rate}, band),
    )


weekly = read("data/co2.csv")
filled = fill_gaps(weekly)
smooth = trend(filled, window)
cycle = seasonal_cycle(filled, smooth)
rate = growth_rate(smooth, span)
band = bootstrap(filled, smooth, cycle, window, span, block, replicates)
figure(filled, smooth, cycle, rate, band)

print(f"mean growth {np.nanmean(rate):.2f} ppm per year, season {np.ptp(cycle):.1f} ppm")
