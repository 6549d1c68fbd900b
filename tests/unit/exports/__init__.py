"""The plain parts of exports: no Keras, no TensorFlow."""
