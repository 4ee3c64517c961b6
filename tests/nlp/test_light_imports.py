"""Heavy libraries stay out until a checkpoint is asked for."""

import subprocess
import sys


def test_the_lexicon_needs_no_heavy_library() -> None:
    """Every worker would take seconds and hundreds of megabytes to start, or not start at all."""
    code = (
        "import sys, nlp.checkpoints.checkpoint, nlp.ensembles.ensemble, nlp.plugins\n"
        "import nlp.contract, nlp.ensembles.split_tasks, nlp.ensembles.shadow\n"
        "import detection.population, detection.ordering.reorder_buffer\n"
        "from nlp.settings import ModelSettings; from nlp.load import load\n"
        "load(ModelSettings(model='lexicon')).classify(['x'])\n"
        "print({'torch', 'transformers', 'numpy', 'faust', 'aiokafka'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
