"""The course as a folder of files for any web server: lessons that run in a browser."""
