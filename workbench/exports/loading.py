"""How a program loads each format and reads its answers: code that a test runs as it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.exports.formats import FORMATS

_PREPARE = """import json, pathlib
import cv2
labels = json.loads(pathlib.Path("labels.json").read_text())
picture = cv2.cvtColor(cv2.imread("face.jpg"), cv2.COLOR_BGR2RGB)
way = cv2.INTER_AREA if picture.size > 3 * {size} * {size} else cv2.INTER_LINEAR
pictures = cv2.resize(picture, ({size}, {size}), interpolation=way)[None]
"""
_BLUR = "pictures = cv2.GaussianBlur(pictures[0], (0, 0), {sigma})[None]\n"
_READ = """for head in labels["heads"]:
    chances = answers[head["output"]][0]
    best = int(max(range(len(chances)), key=lambda place: chances[place]))
    print(head["title"], head["titles"][best], float(chances[best]))
"""
_LITE = """import tensorflow as tf  # or, on a small board: from ai_edge_litert.interpreter import Interpreter
interpreter = tf.lite.Interpreter("{file}")
ask = interpreter.get_signature_runner()
answers = ask({pictures}=pictures)
"""
_LOAD = {
    "keras": """import keras
network = keras.saving.load_model("{file}", compile=False, safe_mode=True)
answers = network.predict(pictures, verbose=0)
""",
    "savedmodel": """import tensorflow as tf
network = tf.saved_model.load("{file}")
answers = {{name: one.numpy() for name, one in network.serve(pictures).items()}}
""",
    "onnx": """import onnxruntime
session = onnxruntime.InferenceSession("{file}")
names = [one.name for one in session.get_outputs()]
answers = dict(zip(names, session.run(names, {{"{pictures}": pictures}})))
""",
    "tflite": _LITE,
    "int8": _LITE,
}


def loading(labels: Mapping[str, Any], formats: Sequence[str]) -> str:
    """Code for each format, in Markdown.

    Args:
        labels: What `labels.json` says.
        formats: Names of the formats that passed their check.
    """
    asked = labels["input"]
    prepare = _PREPARE.format(size=asked["shape"][1])
    if asked["blur_sigma"]:
        prepare += _BLUR.format(sigma=asked["blur_sigma"])
    parts = [
        f"Input: `{asked['name']}`, uint8, RGB, (B, {asked['shape'][1]}, {asked['shape'][2]}, 3), any number "
        "of pictures; the network scales bytes itself. Output: for each head probabilities that sum to 1. "
        "`labels.json` names output and classes of each head.\n",
        f"```python\n{prepare}```\n",
    ]
    for name in formats:
        code = _LOAD[name].format(file=FORMATS[name].file, pictures=asked["name"])
        parts += [f"{FORMATS[name].title}:\n", f"```python\n{code}```\n"]
    parts += ["Then, whatever the format:\n", f"```python\n{_READ}```\n"]
    return "\n".join(parts)
