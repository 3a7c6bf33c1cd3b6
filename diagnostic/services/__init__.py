"""The gestures of the Diagnostic data/IA: choose, order, carry out, pay, follow."""
