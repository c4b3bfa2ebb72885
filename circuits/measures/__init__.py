"""What circuits and their answers are judged by."""
