"""What a circuit is: the ladder, the law's shape, constants from fields, campaigns and files."""
