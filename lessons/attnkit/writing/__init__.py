"""A small language model of reviews: subwords, n-grams to compare with, and a decoder."""
