"""What both scripts share: the calendar of the record, and two ways to smooth it."""

import numpy as np

FIRST_WEEK = 1958.24  # 29 March 1958
WEEKS_PER_YEAR = 52.1775


def years(n):
    """Decimal years of `n` weekly samples."""
    return FIRST_WEEK + np.arange(n) / WEEKS_PER_YEAR


def week_of_year(n):
    """Week of the year, 0 to 52, of `n` weekly samples."""
    return np.floor(years(n) % 1 * 53).astype(int)


def running_mean(series, window):
    """Centred mean over `window` weeks, NaN at both ends."""
    weights = np.ones(window) / window
    return centred(np.convolve(series, weights, mode="valid"), len(series))


def running_slope(series, span):
    """Slope of the straight line through `span` weeks around each week, per year."""
    x = np.arange(span) - (span - 1) / 2
    weights = x / np.sum(x**2) * WEEKS_PER_YEAR
    windows = np.lib.stride_tricks.sliding_window_view(series, span)
    return centred(windows @ weights, len(series))


def centred(values, n):
    """Put `values` in the middle of `n` weeks, NaN on both sides."""
    whole = np.full(n, np.nan)
    start = (n - len(values)) // 2
    whole[start : start + len(values)] = values
    return whole
