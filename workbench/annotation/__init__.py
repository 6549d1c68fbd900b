"""Labels: the append-only store, the labelling session, and the files of labels that come in and go out."""
