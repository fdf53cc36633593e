"""What students have handed in, from wherever it comes, put where it is graded."""
