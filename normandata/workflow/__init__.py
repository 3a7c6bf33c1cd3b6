"""Pure: transitions and workflows, the vocabulary that procedure speaks."""
