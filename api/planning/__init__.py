"""What is computed and stored nowhere: assignment, reallocation, forecasts."""
