"""One attention model trained far quicker than through Keras, to compare settings."""
