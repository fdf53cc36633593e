"""An encoder that learns from text without labels, by guessing words, and what that is worth."""
