"""Pictures: found, fingerprinted, decoded, resized, augmented; and drawn, where there are none."""
