# first line: 22
@packed.cache
def fit(size, password="hunter2"):
    return {"x": np.ones((size, 3), "f4"), "y": ["text", 1.5]}
