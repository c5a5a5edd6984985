"""The version, apart from everything else so that builds and records read it without importing."""

__version__ = "0.1.0"

KEY_FORMAT = "jobtui-key-2"
"""Names how keys of calls are made, static ones too, since equal static keys promise equal keys.

Another way of hashing, fingerprinting or reading scripts needs another name here: what was
recorded under the old one is then a miss, not a doubt.
"""
