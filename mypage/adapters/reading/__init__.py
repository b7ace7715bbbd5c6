"""Files of the core billing system: from bytes on disk to records of text cells."""
