"""The course as a site: its parts, and lesson 1 in a browser that has nothing else."""
