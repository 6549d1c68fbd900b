"""Drawn faces with known answers: something to try everything with, where there are no pictures yet."""

from workbench.images.sample.classes import HEADS, Balance, plan
from workbench.images.sample.face import SampleFace, draw_face
from workbench.images.sample.write import draw_sample_face, write_sample

__all__ = ["HEADS", "Balance", "SampleFace", "draw_face", "draw_sample_face", "plan", "write_sample"]
