"""Writes the lists that PerSampleListTests reads. Made with PyTorch 1.13."""
import torch

files = {"type": "per_sample", "content": {70000: "b/c.png", 3: "/data/a.npy"}}
torch.save(files, "per_sample.pth")
torch.save(files, "per_sample.legacy.pth", _use_new_zipfile_serialization=False)
