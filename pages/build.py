"""Build & train: the whole page is one component."""

from playground.ui.workbench import workbench

workbench()
