using Xunit.Sdk;

// Torch's seed and number of threads are the process's: tests that set them must not overlap.
[assembly: Parallelization(Mode = ParallelMode.None)]
