"""What `attn train`, `evaluate` and `predict` do around `attnkit.classifier`."""
