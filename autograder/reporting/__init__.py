"""What a class's record tells: results, marks, the class report, answers that look alike."""
