"""Every layer a drawing can hold, one file a family."""

from playground.core.catalogue import Catalogue
from playground.core.layer import Layer

layers: Catalogue[Layer] = Catalogue(
    "layers",
    Layer,
    groups=(
        "Basics",
        "Activations",
        "Pictures",
        "Regularisation",
        "Normalisation",
        "Sequences",
        "Shape",
        "Wiring",
        "Blocks",
    ),
)
