using Xunit.Sdk;
using Xunit.v3;

// Torch's seed and number of threads are the process's: tests that set them must not overlap.
[assembly: Parallelization(Mode = ParallelMode.None)]
