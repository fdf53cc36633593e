"""From what was handed in to results and a gradebook: here in threads, or on a cluster."""
