"""Where the parts of kept files lie outside the database: a folder, or an S3-compatible server."""
