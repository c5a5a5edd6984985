"""What every store must do, one file for each thing that is done with it."""
