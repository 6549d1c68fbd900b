"""The batches that a run learns from: drawn, augmented and mixed as its settings say."""

from workbench.dataset.batches import Batches, Pixels
from workbench.dataset.mixing import Mixer
from workbench.dataset.sampling import BalancedSampler
from workbench.dataset.table import Table
from workbench.images.augment import Augmenter
from workbench.schema import Schema
from workbench.settings import Settings, TrainingSettings, head_plans
from workbench.training.profile import AUGMENTING, MIXING, UNPROFILED, Unprofiled


def training_batches(
    settings: Settings, schema: Schema, table: Table, pixels: Pixels, profile: Unprofiled = UNPROFILED
) -> Batches:
    """The training split's batches.

    Args:
        settings: Complete settings.
        schema: The heads.
        table: The divided pictures.
        pixels: Where the pictures come from.
        profile: Measures reading, augmenting and mixing.
    """
    how = settings.training
    beside = settings.augment.active and settings.hardware.augmentation == "imgaug"
    return Batches(
        table,
        "train",
        profile.timed_pixels(pixels),
        heads=schema.head_names,
        batch_size=how.batch_size,
        shuffle=True,
        seed=how.seed,
        augmenter=profile.timed(AUGMENTING, Augmenter(settings.augment, how.seed)) if beside else None,
        generator_batch=how.generator_batch,
        pictures_per_epoch=how.pictures_per_epoch,
        sampler=_sampler(how, schema, table),
        mixer=profile.timed(MIXING, Mixer(how.mixing, how.seed)) if how.mixing.active else None,
    )


def _sampler(how: TrainingSettings, schema: Schema, table: Table) -> BalancedSampler | None:
    """What balances the heads that are to be balanced; None if there is none."""
    rows = table.rows("train")
    plans = head_plans(how, schema.head_names)
    codes = {head: table.codes[head][rows] for head, plan in plans.items() if plan.balanced}
    if not codes or not len(rows):
        return None
    return BalancedSampler(rows, codes, most_repeats=how.sampling.most_repeats, seed=how.seed)
