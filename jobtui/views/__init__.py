"""Records turned into lines of text: what the panes say, without any widget."""
