"""What a file really is, judged by its bytes; imports neither Django nor the database, and runs in a process apart."""
