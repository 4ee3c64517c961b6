"""False alarms against the promise, and surges found, in synthetic news: see simulation.py.

``python bench/detection.py`` takes about a quarter of an hour, ``--quick`` a minute or two.

The folder of a script comes first on its path: the scripts beside this one find it where they mean
the package ``detection``. Then it stands for that.
"""

from pathlib import Path

if __name__ == "__main__":
    from simulation import main

    main()
else:
    __path__ = [str(Path(__file__).parents[1] / "detection")]
