"""The project package: settings, entry points and the kernel shared by the schemes."""
