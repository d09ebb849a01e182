"""`python -m hookassay`: the command line."""

from hookassay.cli import main

main()
