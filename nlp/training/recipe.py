"""The hyper-parameters of training: all that decides about the resulting model."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from nlp.companies.company_list import NameReading
from nlp.transformer.encoder import DEFAULT_ENCODER, EncoderName


class Recipe(BaseModel):
    """Hyper-parameters. The defaults are those of the shipped model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: EncoderName = Field(
        default=DEFAULT_ENCODER,
        description="minilm: that of the shipped model; mpnet: five times as large, better, slower",
    )
    method: Literal["lora", "full"] = Field(
        default="full", description="lora: adapters only (Hu et al. 2021); full: all but embeddings"
    )
    layers: int = Field(
        default=0, ge=0, description="Lowest layers of the encoder that are kept; 0: all"
    )
    runs: int = Field(
        default=1, ge=1, le=100, description="Runs from the same start, whose weights are averaged"
    )
    epochs: int = Field(default=4, ge=1, le=1_000)
    batch: int = Field(default=32, ge=1, description="Texts in a batch, on each device")
    accumulate: int = Field(default=1, ge=1, description="Batches in a step")
    rate: float = Field(
        default=1e-3, gt=0.0, description="Peak learning rate of adapters and heads"
    )
    head_rate: float = Field(
        default=0.0, ge=0.0, description="Peak learning rate of the heads; 0: as the adapters"
    )
    encoder_rate: float = Field(
        default=1.5e-4, gt=0.0, description="Peak learning rate of the encoder's top layer"
    )
    layer_decay: float = Field(
        default=0.9, gt=0.0, le=1.0, description="Factor of encoder_rate from a layer to the next"
    )
    warm_up: float = Field(
        default=0.08, ge=0.0, lt=1.0, description="Share of the steps in which the rate rises"
    )
    weight_decay: float = Field(default=0.01, ge=0.0)
    smoothing: float = Field(default=0.05, ge=0.0, lt=1.0, description="Label smoothing")
    dropout: float = Field(
        default=0.1, ge=0.0, lt=1.0, description="Share of the heads' inputs that a step drops"
    )
    rank: int = Field(default=16, ge=1, le=256, description="Rank of the adapters")
    alpha: float = Field(default=32.0, gt=0.0, description="LoRA's scale is alpha / rank")
    delta_step: float = Field(
        default=1e-3, ge=0.0, description="Quantisation step of the encoder's changes; 0: exact"
    )
    names: NameReading = Field(
        default="as written", description="How companies' names are read, see nlp.companies.masking"
    )
    max_tokens: int = Field(default=80, ge=8, le=512)
    held_out: float = Field(
        default=0.07, gt=0.0, lt=0.9, description="Share of the texts to choose and calibrate by"
    )
    split_seed: int = Field(default=0, description="Seed that decides which texts are held out")
    patience: int = Field(
        default=2, ge=1, description="Epochs without improvement after which training stops"
    )
    seed: int = 1
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    init: str = Field(default="", description="Id of the model that training started from, if any")


ADAPTING: Final = Recipe(epochs=3, rate=3e-4, encoder_rate=5e-5, patience=3)
"""Recipe for a trained model that learns from corrections: a third of the usual rates."""
