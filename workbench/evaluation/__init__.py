"""What a trained network is worth. Import its modules one by one: some load Keras, pandas or scikit-learn."""
