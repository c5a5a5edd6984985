"""Records of runs in stores that several machines or projects use: what travels, and how."""
