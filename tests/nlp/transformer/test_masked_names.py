"""Models that read placeholders instead of the names of companies."""

import shutil
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from nlp.classifier import ModelMissing, Question
from nlp.companies.masking import NameMasking
from nlp.explain.explainer import explainer
from nlp.labelled_rows import Row
from nlp.settings import ModelSettings
from nlp.training.examples import Example, vary_names
from nlp.training.initial_model import continue_recipe
from nlp.training.ngram_svm import fit as fit_ngram_model
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit
from nlp.transformer import ngrams
from nlp.transformer.model_files import MANIFEST, Manifest, fingerprint, read_manifest
from nlp.transformer.ngrams import Ngrams
from nlp.transformer.transformer import SubjectTransformer, Transformer

pytestmark = pytest.mark.model

SETTINGS = ModelSettings(dtype="fp32", device="cpu")
LABELLED = [
    Example(f"{name} {verb} again", {"sentiment": n % 3, "topic": n % 20})
    for name in ("Boeing", "Microsoft", "Company A")
    for n, verb in enumerate(["rises", "falls", "stalls", "soars", "sinks"] * 4)
]


@pytest.fixture(scope="module")
def masked(saved_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model with n-grams that reads masked names."""
    folder = shutil.copytree(saved_model, tmp_path_factory.mktemp("masked") / "model")
    manifest = read_manifest(folder)
    calibration = manifest.calibration.model_copy(update={"blend": (0.5, 0.5)})
    changes = {"calibration": calibration, "names": "masked", "subjects": True}
    changed = manifest.model_copy(update=changes)
    (folder / MANIFEST).write_text(changed.model_dump_json(), encoding="utf-8")
    save_file(fit_ngram_model(LABELLED).stored(), folder / ngrams.FILE)
    return folder


def test_a_masking_model_gives_any_company_the_same_answer(masked: Path) -> None:
    """A company would be in a bad light because of its name alone."""
    model = Transformer(masked, SETTINGS)
    boeing, microsoft, word = (
        model.classify([f"{name} falls again"]) for name in ("Boeing", "Microsoft's", "Oil")
    )
    assert model.classify(["Microsoft falls again"]) == boeing
    assert boeing not in (microsoft, word)


def test_another_list_of_companies_is_another_model(
    masked: Path, saved_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that were kept under an earlier list would be taken for those of the present one."""
    before = fingerprint(masked), fingerprint(saved_model)
    monkeypatch.setattr(
        "nlp.transformer.model_files.name_files", lambda names: b"Acme" * (names == "masked")
    )
    assert fingerprint(masked) != before[0]
    assert fingerprint(saved_model) == before[1]


def test_a_masking_model_is_asked_about_the_placeholder(masked: Path) -> None:
    """A company in no list would get another answer than one that is listed."""
    model = SubjectTransformer(masked, SETTINGS)
    answers = [
        model.classify_about([Question(f"{up} climbs as {down} slides", up)])
        for up, down in (("Boeing", "Airbus"), ("Quorvex", "Microsoft"), ("Ford", "Boeing"))
    ]
    assert answers[0] == answers[1] == answers[2]
    assert (
        model.classify_about([Question("Boeing climbs as Airbus slides", "Airbus")]) not in answers
    )


def test_models_of_earlier_releases_read_names_as_written(saved_model: Path) -> None:
    """An upgrade would change the answers of every model that a user has trained."""
    fields = Manifest.model_fields.keys() - {"names"}
    earlier = read_manifest(saved_model).model_dump_json(include=fields)
    assert Manifest.model_validate_json(earlier).names == "as written"
    model = Transformer(saved_model, SETTINGS)
    assert model.classify(["Boeing falls again"]) != model.classify(["Microsoft falls again"])


def test_an_explanation_has_the_words_of_the_text(masked: Path) -> None:
    """A reader would see words that are not in his text, or values of another text."""
    model = Transformer(masked, SETTINGS.model_copy(update={"runtime": "torch"}))
    values = []
    for text in ("Boeing jet falls again", "Goldman Sachs jet falls again"):
        explanation = explainer(model).explain(text, model.classify([text])[0])
        assert explanation.sentiment is not None
        assert " ".join(word for word, _ in explanation.sentiment.words) == text
        values.append([value for _, value in explanation.sentiment.words if value])
    assert values[0] == pytest.approx(values[1])
    assert len(values[0]) == 4


def test_a_model_learns_masked_names_and_goes_on_so(tmp_path: Path, saved_model: Path) -> None:
    """A model would be asked about placeholders that it has never read."""
    rows = [Row(example.text, example.labels["sentiment"]) for example in LABELLED]
    recipe = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2, precision="fp32", names="masked")
    manifest = fit({"sentiment": rows}, TrainingJob(recipe=recipe, out=tmp_path, device="cpu"))
    assert manifest.names == "masked"
    learnt = Ngrams.read(tmp_path)
    assert learnt is not None
    boeing, nothing, placeholder = learnt.margins(["Boeing", "", "Company A"])
    assert boeing.tolist() == nothing.tolist()
    assert placeholder.tolist() != nothing.tolist()

    assert continue_recipe(Recipe(), tmp_path).names == "masked"
    assert continue_recipe(Recipe(), saved_model).names == "as written"
    with pytest.raises(ModelMissing, match="reads names as written"):
        continue_recipe(Recipe(names="masked"), saved_model)


def test_copies_for_a_masking_model_differ_in_what_it_reads() -> None:
    """Half of what a model learns would be the same text twice."""
    alone = Example("Boeing falls", {"sentiment": 0}, "Boeing")
    text, two = (
        Example("Boeing falls", {"sentiment": 0}),
        alone._replace(text="Boeing beats Airbus"),
    )
    copies = vary_names([alone, text, two], 1.0, 1, NameMasking.builtin())
    assert [copy.subject for copy in copies] == ["", copies[1].text.split(" beats ")[0]]
    assert not any(name in copy.text for copy in copies for name in ("Boeing", "Airbus"))


def test_a_model_may_mask_more_names_than_it_did_but_not_fewer(masked: Path) -> None:
    """A model would be asked about names that it has never read."""
    assert continue_recipe(Recipe(names="all masked"), masked).names == "all masked"
    with pytest.raises(ModelMissing, match="reads names masked"):
        continue_recipe(Recipe(names="as written"), masked)


def test_unlisted_companies_get_one_answer_too(masked: Path, tmp_path: Path) -> None:
    """A company that is in no list would be in a bad light because of its name alone."""
    folder = shutil.copytree(masked, tmp_path / "model")
    changed = read_manifest(folder).model_copy(update={"names": "all masked"})
    (folder / MANIFEST).write_text(changed.model_dump_json(), encoding="utf-8")
    model = Transformer(folder, SETTINGS)
    texts = [f"{name} shares fall again" for name in ("Velmora", "Boeing", "Tarkell & Wye")]
    first, *others = model.classify(texts)
    assert others == [first, first]
    assert fingerprint(folder) != fingerprint(masked)
