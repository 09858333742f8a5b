"""Code in the style of courses, written for these tests."""

KERAS_DENSE = """
import tensorflow as tf
from tensorflow import keras

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0
model = keras.Sequential([
    keras.layers.Flatten(input_shape=(28, 28)),
    keras.layers.Dense(128, activation='relu'),
    keras.layers.Dropout(0.2),
    keras.layers.Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(x_train, y_train, epochs=5, batch_size=64, validation_split=0.1)
"""

TORCH_DENSE = """
import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import datasets

class SimpleNN(nn.Module):
    def __init__(self, hidden=128):
        super(SimpleNN, self).__init__()
        self.fc1 = nn.Linear(784, hidden)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(p=0.2)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        x = self.dropout(self.relu(self.fc1(x)))
        return self.fc2(x)

loader = torch.utils.data.DataLoader(datasets.MNIST(root="data"), batch_size=64, shuffle=True)
model = SimpleNN().to("cpu")
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.001)
for epoch in range(5):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
"""

CIFAR = """
from tensorflow.keras import layers, models

WIDTHS = [32, 64]
model = models.Sequential()
model.add(layers.Input(shape=(32, 32, 3)))
for width in WIDTHS:
    for _ in range(2):
        model.add(layers.Conv2D(width, (3, 3), activation="relu"))
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Dropout(0.25))
model.add(layers.Conv2D(2 * WIDTHS[-1], 3, activation="relu"))
model.add(layers.MaxPooling2D(pool_size=2))
model.add(layers.Flatten())
model.add(layers.Dense(512, activation="relu"))
model.add(layers.Dropout(0.5))
model.add(layers.Dense(10, activation="softmax"))
"""

HOUSES = """
model = Sequential([Dense(16, activation="relu", input_shape=(10,)), Dense(8, activation="relu"), Dense(1)])
model.compile(optimizer=Adam(learning_rate=0.01), loss="mse")
model.fit(X, y, epochs=100, batch_size=16)
"""

XOR = """
import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
model = Sequential()
model.add(Dense(4, input_dim=2, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=Adam(learning_rate=0.1))
model.fit(X, y, epochs=1000, batch_size=4)
"""

RESIDUAL = """
def residual_block(x, filters, stride=1):
    shortcut = x
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride != 1 or shortcut.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    return layers.ReLU()(layers.add([y, shortcut]))

inputs = keras.Input(shape=(28, 28, 1))
x = layers.Conv2D(16, 3, padding="same")(inputs)
for filters, stride in [(16, 1), (32, 2)]:
    x = residual_block(x, filters, stride)
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, layers.Dense(10)(x))
"""

TRANSFORMER = """
class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.norm1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm2 = layers.LayerNormalization(epsilon=1e-6)
        self.drop1 = layers.Dropout(rate)
        self.drop2 = layers.Dropout(rate)

    def call(self, inputs, training=None):
        seen = self.norm1(inputs + self.drop1(self.att(inputs, inputs), training=training))
        return self.norm2(seen + self.drop2(self.ffn(seen), training=training))

inputs = layers.Input(shape=(20, 32))
outputs = TransformerBlock(32, 2, 32)(inputs)
model = keras.Model(inputs=inputs, outputs=outputs)
"""

TORCH_TRANSFORMER = """
class Block(nn.Module):
    def __init__(self, width=32, heads=2, hidden=32):
        super().__init__()
        self.att = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ffn = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        seen, _ = self.att(x, x, x)
        x = self.norm1(x + seen)
        return self.norm2(x + self.ffn(x))
"""

LENET = """
class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2))
        self.classifier = nn.Sequential(*[nn.Linear(16 * 5 * 5, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
                                          nn.Linear(84, 10)])

    def forward(self, x):
        x = self.features(x)
        x = x.view(-1, 16 * 5 * 5)
        return F.log_softmax(self.classifier(x), dim=1)

net = LeNet()
criterion = nn.NLLLoss()
"""

VGG = """
base = VGG16(weights="imagenet", include_top=False, input_shape=(32, 32, 3))
base.trainable = False
x = GlobalAveragePooling2D()(base.output)
"""
VGG_SEQUENTIAL = """
base = VGG16(weights="imagenet", include_top=False, input_shape=(32, 32, 3))
base.trainable = False
model = Sequential([base, GlobalAveragePooling2D(), Dense(256, activation="relu"), Dropout(0.5),
                    Dense(10, activation="softmax")])
"""

LSTM = """
model = Sequential([
    Embedding(10000, 128, input_length=200),
    LSTM(64, return_sequences=True),
    LSTM(32),
    Dense(1, activation="sigmoid"),
])
"""
