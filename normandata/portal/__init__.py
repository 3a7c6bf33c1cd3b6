"""Above the schemes: public pages, simulators, the simulate command, the demonstration."""
