"""The course as a folder of files for any web server: a book, and lessons that run in a browser."""
