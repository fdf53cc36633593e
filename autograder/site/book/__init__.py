"""The course as a web book: lessons as they look when they have been run, made with Sphinx."""
