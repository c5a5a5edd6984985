"""What the app asks of the core and of the file system; nothing else of it calls the core."""
