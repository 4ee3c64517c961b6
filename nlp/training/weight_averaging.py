"""Average the weights of several fine-tunes that start from the same model."""

from nlp.training import snapshot
from nlp.training.train import Run, train


def train_averaged(run: Run) -> None:
    """Train ``run.model`` ``recipe.runs`` times, with consecutive seeds, and average the weights.

    The average is about as good as an ensemble of the runs and costs no more than one of them
    ("model soups", Wortsman et al. 2022, arXiv 2203.05482). All runs begin with the same weights;
    from different ones they would end too far apart to be averaged.
    """
    start = snapshot.trainable_weights(run.model)
    results = []
    for seed in range(run.recipe.seed, run.recipe.seed + run.recipe.runs):
        snapshot.restore(run.model, start)
        recipe = run.recipe.model_copy(update={"seed": seed})
        seeded = run._replace(recipe=recipe, folder=run.folder / str(seed))
        results.append(snapshot.trainable_weights(train(seeded)))

    first, *others = results
    averages = {
        name: sum((weights[name] for weights in others), first[name]) / len(results)
        for name in start
    }
    snapshot.restore(run.model, averages)
