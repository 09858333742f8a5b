"""What can be taken away: plain PyTorch source, ONNX, weights and the project itself."""
