"""How a model is trained: everything that decides about the result, in one place."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """Hyper-parameters. The defaults made the shipped model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["lora", "full"] = Field(
        default="full", description="lora: adapters only (Hu et al. 2021); full: all but embeddings"
    )
    runs: int = Field(default=1, ge=1, le=100, description="From one start, to be averaged")
    epochs: int = Field(default=4, ge=1, le=1_000)
    batch: int = Field(default=32, ge=1, description="Texts a step, on each device")
    accumulate: int = Field(default=1, ge=1, description="Batches a step")
    rate: float = Field(default=1e-3, gt=0.0, description="Peak learning rate: adapters, heads")
    encoder_rate: float = Field(
        default=1.5e-4, gt=0.0, description="Of a whole encoder's top layer"
    )
    layer_decay: float = Field(default=0.9, gt=0.0, le=1.0, description="Of that, a layer below")
    warm_up: float = Field(default=0.08, ge=0.0, lt=1.0, description="Share of the steps")
    weight_decay: float = Field(default=0.01, ge=0.0)
    smoothing: float = Field(default=0.05, ge=0.0, lt=1.0, description="Label smoothing")
    dropout: float = Field(default=0.1, ge=0.0, lt=1.0, description="Before the heads")
    rank: int = Field(default=16, ge=1, le=256)
    alpha: float = Field(default=32.0, gt=0.0, description="LoRA's scale is alpha / rank")
    delta_step: float = Field(
        default=1e-3, ge=0.0, description="Steps in which a whole encoder's changes are stored"
    )
    max_tokens: int = Field(default=80, ge=8, le=512)
    held_out: float = Field(default=0.07, gt=0.0, lt=0.9, description="Share to choose by")
    split_seed: int = Field(default=0, description="Which rows are held out")
    patience: int = Field(default=2, ge=1, description="Epochs without gain before it stops")
    seed: int = 1
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    init: str = Field(default="", description="Id of the model that it started from, if any")


ADAPTING: Final = Recipe(epochs=3, rate=3e-4, encoder_rate=5e-5, patience=3)
"""For a model that goes on learning: gentler, a third of the rate."""
