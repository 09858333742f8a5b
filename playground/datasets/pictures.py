"""Pictures in their original files: MNIST and Fashion-MNIST, read where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from playground.core.contracts import Dataset, Loaded
from playground.core.diagnostics import DataMissing
from playground.core.facts import Facts
from playground.datasets import datasets
from playground.datasets.idx import BadFile, read_idx
from playground.settings import data_folders

if TYPE_CHECKING:
    import numpy as np

SIDE = 28
MOST_PICTURES = 100_000
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class IdxPictures(Dataset):
    """Grey pictures of 28 × 28 in the four files of MNIST. The publisher's test part stays the test part.

    The files are looked for in the folders of PLAYGROUND_DATA and in `data` of the home folder, gzipped or not.
    """

    folders: ClassVar[tuple[str, ...]] = ()
    """Names the folder of the four files goes by; the first is ours."""
    labels: ClassVar[tuple[str, ...]] = ()
    noun: ClassVar[str] = "picture"

    def facts(self) -> Facts:
        """One grey picture in, one number for each class out."""
        return Facts(
            task="classes",
            input_shape=(1, SIDE, SIDE),
            output_width=len(self.labels),
            classes=self.labels,
            noun=self.noun,
            view="image",
            samples={"train": 60_000, "test": 10_000},
        )

    def originals(self) -> tuple[Path, ...]:
        """The four files, in the order of FILES. Raises DataMissing when they are not there."""
        searched = []
        for folder in data_folders():
            for name in self.folders:
                found = [_find(folder / name, file) for file in FILES]
                if all(found):
                    return tuple(path for path in found if path)
                if any(found):
                    missing = next(file for file, path in zip(FILES, found, strict=True) if path is None)
                    raise DataMissing(f"{self.title} is not complete: {missing}.gz is missing in {folder / name}.")
            searched.append(str(folder / self.folders[0]))
        raise DataMissing(
            f"{self.title} is not on this machine: its four original files ({FILES[0]}.gz …) are in none of "
            f"{', '.join(searched)}. Put them there, or set PLAYGROUND_DATA to the folder that holds {self.folders[0]}/."
        )

    def load(self) -> Loaded:
        """Inputs uint8 [n, 1, 28, 28], targets int64 [n]; training pictures first. Raises DataMissing, BadFile."""
        import numpy as np

        train_pictures, train_labels, test_pictures, test_labels = self.originals()
        train = self._read(train_pictures, train_labels)
        test = self._read(test_pictures, test_labels)
        inputs, targets = (np.concatenate(pair) for pair in zip(train, test, strict=True))
        part = np.zeros(len(targets), np.uint8)
        part[len(train[1]) :] = 2
        return Loaded(inputs[:, None], targets.astype(np.int64), part)

    def source(self) -> str:
        """Reads the publisher's four files, gzipped as they are published."""
        train, test = FILES[:2], FILES[2:]
        return f'''def load_all():
    def read(name, header):
        content = gzip.decompress((FOLDER / (name + ".gz")).read_bytes())
        return np.frombuffer(content, np.uint8, offset=header)

    inputs = np.concatenate([read("{train[0]}", 16), read("{test[0]}", 16)])
    first, second = read("{train[1]}", 8), read("{test[1]}", 8)
    part = np.concatenate([np.zeros(len(first), np.uint8), np.full(len(second), 2, np.uint8)])
    return inputs.reshape(-1, 1, {SIDE}, {SIDE}), np.concatenate([first, second]).astype(np.int64), part'''

    def _read(self, pictures: Path, labels: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        inputs = read_idx(pictures, axes=3, largest=MOST_PICTURES * SIDE * SIDE)
        targets = read_idx(labels, axes=1, largest=MOST_PICTURES)
        if inputs.shape[1:] != (SIDE, SIDE):
            raise BadFile(f"{pictures.name} holds pictures of {inputs.shape[1]} × {inputs.shape[2]}; expected 28 × 28.")
        if len(inputs) != len(targets):
            raise BadFile(f"{pictures.name} has {len(inputs):,} pictures, {labels.name} has {len(targets):,} labels.")
        if len(targets) == 0:
            raise BadFile(f"{labels.name} is empty. Copy the original file again.")
        if targets.max() >= len(self.labels):
            raise BadFile(f"{labels.name} has a label {targets.max()}; expected 0 to {len(self.labels) - 1}.")
        return inputs, targets


def _find(folder: Path, file: str) -> Path | None:
    """The file, packed or not, in one of the spellings that are around."""
    names = (f"{file}.gz", file, file.replace("-idx", ".idx"))
    return next((folder / name for name in names if (folder / name).is_file()), None)


@datasets.register("mnist", title="MNIST", group="Pictures", synonyms=("digits", "handwriting", "lecun"))
class Mnist(IdxPictures):
    """Seventy thousand handwritten digits, 28 × 28 grey values each. The first picture set almost everyone learns on.

    Source: LeCun, Cortes, Burges. 60,000 pictures to learn from, 10,000 to judge by.
    """

    folders: ClassVar[tuple[str, ...]] = ("mnist", "MNIST/raw", "MNIST")
    noun: ClassVar[str] = "digit"
    labels: ClassVar[tuple[str, ...]] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")


@datasets.register("fashion-mnist", title="Fashion-MNIST", group="Pictures", synonyms=("clothes", "zalando"))
class FashionMnist(IdxPictures):
    """Seventy thousand pictures of clothes, 28 × 28 grey values each, in ten kinds. Harder than digits: shirts, coats
    and pullovers look alike.

    Source: Zalando SE (MIT licence). 60,000 pictures to learn from, 10,000 to judge by.
    """

    folders: ClassVar[tuple[str, ...]] = ("fashion-mnist", "FashionMNIST/raw", "fashion_mnist")
    noun: ClassVar[str] = "garment"
    labels: ClassVar[tuple[str, ...]] = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
