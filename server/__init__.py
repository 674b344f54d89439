"""The program around the core: command line, conductor, handsets, records and settings."""
