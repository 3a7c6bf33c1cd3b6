"""Pages of the experts room: the directory, the agents, the experts, the organisations."""
