# first line: 16
@plain.cache
def trend(size, scale=2):
    """Give an array."""
    return np.arange(size) * float(scale)
