"""`[hardware]`: where a training computes, and in which numbers."""

from typing import Literal

from pydantic import Field

from workbench.settings.section import Section


class HardwareSettings(Section):
    """Where a training computes, and in which numbers."""

    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="auto: the GPUs that are there, else the processor"
    )
    replicas: int = Field(
        0, ge=0, le=64, description="devices that share each batch; 0 = all GPUs, or the one processor"
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="numbers between layers; weights and answers stay float32; float16 needs a GPU"
    )
    xla: Literal["auto", "on", "off"] = Field(
        "auto", description="compile a step as a whole; auto: on one GPU, where the layers allow it"
    )
    augmentation: Literal["imgaug", "device"] = Field(
        "imgaug", description="imgaug: beside the training; device: within the step, for a GPU that waits"
    )
