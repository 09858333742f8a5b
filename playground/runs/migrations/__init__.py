"""Steps from every earlier form of the history to the present one."""
