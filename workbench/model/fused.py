"""The reference's network computed in another order: the same maths, the same weights, less memory traffic.

A step of the plain layers spends four fifths of its time on passes over maps that no cache holds: 82 MB for
the first convolution of each head with 32 pictures, read and written a dozen times. Here

- the first block is gone through picture by picture, so that what follows finds the map in the cache;
- max pooling comes before the normalisation. In each channel that is a straight line, which rises where gamma
  is positive: the largest value of a window stays the largest (where gamma is negative, the smallest becomes
  it). Only mean and variance are taken from the whole map; the rest has a ninth or a quarter of its size;
- the gradients of pooling, normalisation and ReLU with respect to a map are one pass, compiled with XLA;
- dropout draws a byte a value, not a float.

It needs TensorFlow itself: Keras knows no gradient of one's own with a loop in it. Answers are the plain
layers'.
"""

from typing import Any

import keras  # noqa: TID251 - model/ builds networks
import tensorflow as tf  # noqa: TID251 - see above

from workbench.model.reference import BLOCKS

Tensor = Any
_STRIDES = [1, 1, 1, 1]
Block = tuple[Tensor, Tensor, Tensor]
"""Pooled values (B, H, W, C); sum (C,) and sum of squares (C,) of the map that they were chosen from."""


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _map_gradient(
    y: Tensor, pooled: Tensor, of_pooled: Tensor, of_sum: Tensor, of_squares: Tensor, size: int
) -> Tensor:
    """The gradient before the ReLU of a map, from those of its pooled values, its sum and its squares' sum.

    The first place of a window that holds its pooled value gets the gradient, as in TensorFlow's pooling.

    Args:
        y: A map after its ReLU (B, H, W, C).
        pooled: Its windows' chosen values (B, H // size, W // size, C).
        of_pooled: Gradient of the loss with respect to `pooled`.
        of_sum: With respect to the sum of `y` (C,).
        of_squares: With respect to the sum of the squares of `y` (C,).
        size: Of a window, in both directions.
    """
    rows, columns, channels = pooled.shape[1], pooled.shape[2], pooled.shape[3]
    windows = tf.reshape(y[:, : rows * size, : columns * size], (-1, rows, size, columns, size, channels))
    place = tf.fill(tf.shape(pooled), size * size - 1)
    for index in range(size * size - 2, -1, -1):
        place = tf.where(windows[:, :, index // size, :, index % size] == pooled, index, place)
    places = tf.reshape(tf.range(size * size), (1, 1, size, 1, size, 1))
    spread = tf.where(place[:, :, None, :, None] == places, of_pooled[:, :, None, :, None], 0.0)
    spread = tf.reshape(spread, (-1, rows * size, columns * size, channels))
    rest = [[0, 0], [0, y.shape[1] - rows * size], [0, y.shape[2] - columns * size], [0, 0]]
    return tf.where(y > 0, tf.pad(spread, rest) + 2 * of_squares * y + of_sum, 0.0)


def _pooled(y: Tensor, signs: Tensor, size: int) -> Tensor:
    """The largest value of each window, the smallest in channels whose sign is -1."""
    return tf.cond(
        tf.reduce_all(signs > 0),
        lambda: tf.nn.max_pool2d(y, size, size, "VALID"),
        lambda: signs * tf.nn.max_pool2d(signs * y, size, size, "VALID"),
    )


def _sum(y: Tensor) -> Tensor:
    """The sum of each channel (C,)."""
    return tf.reduce_sum(y, [0, 1, 2])


def _sum_of_squares(y: Tensor) -> Tensor:
    """The sum of the squares of each channel (C,), in one pass that keeps nothing."""
    return tf.square(tf.raw_ops.EuclideanNorm(input=y, axis=[0, 1, 2]))


def _convolved(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Convolution, bias, ReLU: one operation of oneDNN."""
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), bias))


def _kernel_gradients(x: Tensor, kernel: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of a convolution's kernel and bias."""
    of_kernel = tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=kernel.shape, out_backprop=gradient, strides=_STRIDES, padding="SAME"
    )
    return of_kernel, tf.raw_ops.BiasAddGrad(out_backprop=gradient)


def _first_block(pictures: Tensor, kernel: Tensor, bias: Tensor, signs: Tensor, size: int) -> Block:
    """As `_inner_block`, picture by picture, from uint8 pictures (B, H, W, 3), which have no gradient."""
    (height, width), filters = pictures.shape[1:3], int(kernel.shape[-1])
    shape = (1, height // size, width // size, filters)

    def scaled(index: Tensor) -> Tensor:
        return tf.cast(pictures[index : index + 1], tf.float32) * (1 / 255)

    def block(kernel: Tensor, bias: Tensor) -> tuple[Block, Any]:
        count = tf.shape(pictures)[0]

        def forward(index: Tensor, pooled: Any, maps: Any, total: Tensor, squares: Tensor) -> Any:
            y = _convolved(scaled(index), kernel, bias)
            pooled, maps = pooled.write(index, _pooled(y, signs, size)), maps.write(index, y)
            return index + 1, pooled, maps, total + _sum(y), squares + _sum_of_squares(y)

        pooled = tf.TensorArray(tf.float32, count, element_shape=shape)
        maps = tf.TensorArray(
            tf.float32, count, element_shape=(1, height, width, filters), clear_after_read=False
        )
        _, pooled, maps, total, squares = _each(
            count, forward, (0, pooled, maps, tf.zeros(filters), tf.zeros(filters))
        )
        chosen = tf.ensure_shape(pooled.concat(), (None, *shape[1:]))

        def gradient(of_pooled: Tensor, of_sum: Tensor, of_squares: Tensor) -> tuple[Tensor, Tensor]:
            def backward(index: Tensor, of_kernel: Tensor, of_bias: Tensor) -> Any:
                y, here = maps.read(index), slice(index, index + 1)
                of_map = _map_gradient(y, chosen[here], of_pooled[here], of_sum, of_squares, size)
                more = _kernel_gradients(scaled(index), kernel, of_map)
                return index + 1, of_kernel + more[0], of_bias + more[1]

            _, *found = _each(count, backward, (0, tf.zeros(kernel.shape), tf.zeros(bias.shape)))
            return found[0], found[1]

        return (chosen, total, squares), gradient

    return tf.custom_gradient(block)(kernel, bias)  # type: ignore[no-any-return]


def _each(count: Tensor, body: Any, start: tuple[Any, ...]) -> tuple[Any, ...]:
    """A loop whose rounds do not overlap: two would not find room in the cache."""
    return tuple(tf.while_loop(lambda index, *_: index < count, body, start, parallel_iterations=1))


def _inner_block(x: Tensor, kernel: Tensor, bias: Tensor, signs: Tensor, size: int) -> Block:
    """A convolution with bias and ReLU, pooled, and the sums from which its moments follow.

    Args:
        x: What goes in (B, H, W, C).
        kernel: Of the convolution (3, 3, C, F).
        bias: Of the convolution (F,).
        signs: Of the normalisation's gamma (F,): 1 where a window's largest value is wanted, -1 for the
            smallest.
        size: Of the pooling's windows.
    """

    def block(x: Tensor, kernel: Tensor, bias: Tensor) -> tuple[Block, Any]:
        y = _convolved(x, kernel, bias)
        pooled = _pooled(y, signs, size)

        def gradient(of_pooled: Tensor, of_sum: Tensor, of_squares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            of_map = _map_gradient(y, pooled, of_pooled, of_sum, of_squares, size)
            of_x = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(x), filter=kernel, out_backprop=of_map, strides=_STRIDES, padding="SAME"
            )
            return of_x, *_kernel_gradients(x, kernel, of_map)

        return (pooled, _sum(y), _sum_of_squares(y)), gradient

    return tf.custom_gradient(block)(x, kernel, bias)  # type: ignore[no-any-return]


def _scaled_and_dropped(pooled: Tensor, scale: Tensor, shift: Tensor, drawn: Tensor, rate: float) -> Tensor:
    """`(pooled * scale + shift) / (1 - rate)`, 0 where the byte drawn is below the rate's share of 256."""
    least, kept = round(rate * 256), 1 / (1 - rate)

    def changed(pooled: Tensor, scale: Tensor, shift: Tensor) -> tuple[Tensor, Any]:
        def gradient(of_result: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            of_shift, of_scale, of_pooled = _dropped_gradients(of_result, drawn, pooled, scale, least)
            return of_pooled, _sum(of_scale), _sum(of_shift)

        return _line_where(pooled, scale, shift, drawn, least), gradient

    return tf.custom_gradient(changed)(pooled, scale * kept, shift * kept)


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _line_where(pooled: Tensor, scale: Tensor, shift: Tensor, drawn: Tensor, least: int) -> Tensor:
    """A straight line in each channel, 0 where `drawn` is less than `least`."""
    return tf.where(drawn >= least, pooled * scale + shift, 0.0)


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _dropped_gradients(
    of_result: Tensor, drawn: Tensor, pooled: Tensor, scale: Tensor, least: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of `_line_where`: what is to be summed for shift and scale, and that of `pooled`."""
    kept = tf.where(drawn >= least, of_result, 0.0)
    return kept, kept * pooled, kept * scale


class FusedReference(keras.Model):
    """The reference's network as it is trained: its weights are those of the plain one, which it holds.

    Args:
        network: What `reference.build` gave.
        heads: How many heads it has.
        seed: Of the dropout.
    """

    def __init__(self, network: keras.Model, heads: int, seed: int) -> None:
        super().__init__(name="fused_reference")
        self.network, self._heads = network, heads
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, pictures: Tensor, training: bool = False) -> dict[str, Tensor]:
        """Probabilities of each head by output name; pictures uint8 (B, S, S, 3)."""
        if not training:
            return self.network(pictures, training=False)  # type: ignore[no-any-return]
        outputs = (self._head(head, pictures) for head in range(self._heads))
        return dict(zip(self.network.output, outputs, strict=True))

    def _layer(self, head: int, name: str) -> Any:
        """A layer of the plain network."""
        return self.network.get_layer(f"head{head}_{name}")

    def _head(self, head: int, pictures: Tensor) -> Tensor:
        """One head's probabilities."""
        x = pictures
        for block in range(len(BLOCKS)):
            convolution = self._layer(head, f"block{block}_convolution")
            size = self._layer(head, f"block{block}_pooled").pool_size[0]
            values = tf.cast(tf.shape(x)[0] * x.shape[1] * x.shape[2], tf.float32)
            signs = _signs(tf.convert_to_tensor(self._layer(head, f"block{block}_normalised").gamma))
            kernel, bias = tf.convert_to_tensor(convolution.kernel), tf.convert_to_tensor(convolution.bias)
            found = (_inner_block if block else _first_block)(x, kernel, bias, signs, size)
            x = self._normalised(head, block, found, values)
        for name in ("flat", "dense", "dense_normalised", "dense_dropped", "softmax"):
            x = self._layer(head, name)(x)  # Keras tells it that this is training
        return x

    def _normalised(self, head: int, block: int, found: Block, values: Tensor) -> Tensor:
        """Batch normalisation of pooled values by the moments of the whole map, then dropout."""
        layer, (pooled, total, squares) = self._layer(head, f"block{block}_normalised"), found
        mean = total / values
        variance = tf.maximum(squares / values - tf.square(mean), 0.0)
        for moving, new in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
            moving.assign(moving * layer.momentum + tf.stop_gradient(new) * (1 - layer.momentum))
        scale = layer.gamma * tf.math.rsqrt(variance + layer.epsilon)
        shift = layer.beta - scale * mean
        rate = self._layer(head, f"block{block}_dropped").rate
        if not rate:
            return pooled * scale + shift
        return _scaled_and_dropped(pooled, scale, shift, self._bytes(tf.shape(pooled)), rate)

    def _bytes(self, shape: Tensor) -> Tensor:
        """Random bytes."""
        count = tf.reduce_prod(shape)
        words = tf.random.stateless_uniform(
            [(count + 3) // 4], tf.cast(self.seeds.next(), tf.int32), None, None, tf.uint32
        )
        return tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[:count], shape)


def _signs(gamma: Tensor) -> Tensor:
    """-1 where a gamma is negative, else 1."""
    return tf.where(gamma < 0, -1.0, 1.0)
