"""Files behind URLs, by way of fsspec: whatever it has a file system for.

Nothing here knows of stores, entries or steps.  fsspec and the packages behind it are imported
with the first request, and their exceptions do not leave: `StoreError` and its kinds do.
"""
