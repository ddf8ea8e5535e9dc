"""Software classifiers: who may call, and the matrix of what."""
