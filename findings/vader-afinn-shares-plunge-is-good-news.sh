#!/bin/sh
# To VADER and AFINN "shares plunge 40%" is good news, exactly as good as "shares soar 40%".
#
# Versions: vaderSentiment 3.3.2, afinn 0.1.
# One would guess: a general lexicon misses the words of the trade and calls most headlines neutral.
# What happens: "plunge", "fall" and "soar" are not in it, but "share" is, as a kind word: to share is good. So a
# headline about shares is positive whichever way they go, by the same amount. "Gross" is a rude word, "crude" an
# insult, "Best Buy", "United" and "Supreme" are praise, and an approved cancer drug is bad news for the word cancer.
# Who is hurt: whoever takes one of the two as a baseline or as labels for financial news. The error is not noise but
# has a sign: the worst days, when all headlines say that shares fell, look better than quiet ones, and a surge of bad
# news lifts the mean.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check vaderSentiment==3.3.2 afinn==0.1
"$dir/venv/bin/python" - <<'PY'
from afinn import Afinn
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

vader, afinn = SentimentIntensityAnalyzer(), Afinn()


def score(headline: str) -> tuple[float, float]:
    """Print and return what both say of a headline; above 0 is good."""
    scores = vader.polarity_scores(headline)["compound"], afinn.score(headline)
    print(f"VADER {scores[0]:+.2f}  AFINN {scores[1]:+.0f}  {headline}")
    return scores


up, down, flat = (score(f"Boeing shares {move}") for move in ("soar 40%", "plunge 40%", "unchanged"))
assert up == down == flat and min(down) > 0, "shares that plunge are bad news now"
quiet = score("Boeing reports on its first quarter")
assert quiet == (0, 0), "a neutral headline is neutral"
for bad in ("Gross margin of Shell unchanged", "Crude oil stocks unchanged"):
    assert max(score(bad)) < 0, f"{bad!r} is not bad news now"
for good in ("Best Buy files for Chapter 11", "United Airlines grounds its fleet"):
    assert min(score(good)) > 0, f"{good!r} is not good news now"
assert score("Cancer drug of Merck works")[0] < 0, "a drug that works is not bad news now"
PY
