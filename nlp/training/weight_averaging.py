"""Several fine-tunes of one start, whose weights are averaged."""

from torch import Tensor

from nlp.training import snapshot
from nlp.training.snapshot import Weights
from nlp.training.train import Run, train


def learn(run: Run) -> None:
    """Train ``run.model`` as often as the recipe says, by one seed after the other.

    It gets the mean of the weights, which is about as good as asking all of them and costs no more
    than asking one (Wortsman et al. 2022, arXiv 2203.05482). Each run begins at the same weights:
    from different ones they would end too far apart.
    """
    start = snapshot.trained(run.model)
    found = [_once(run, run.recipe.seed + number, start) for number in range(run.recipe.runs)]
    snapshot.restore(run.model, {name: _mean(found, name) for name in start})


def _once(run: Run, seed: int, start: Weights) -> Weights:
    snapshot.restore(run.model, start)
    folder = run.folder / str(seed)
    recipe = run.recipe.model_copy(update={"seed": seed})
    return snapshot.trained(train(run._replace(recipe=recipe, folder=folder)))


def _mean(found: list[Weights], name: str) -> Tensor:
    return sum((weights[name] for weights in found[1:]), found[0][name]) / len(found)
