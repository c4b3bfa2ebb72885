"""`python -m ionspice.pipeline.cli`, the command without its script."""

from ionspice.pipeline.cli.app import main

if __name__ == "__main__":
    main()
