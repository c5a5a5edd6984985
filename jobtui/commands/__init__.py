"""What a person can do, declared once: key, help, palette entry and effect."""
