"""Directory of experts, their opinions and the cœur expert requests."""
