"""What those who work on the code run besides the tests."""
